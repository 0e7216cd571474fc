"""Switches that somebody has changed: PyTorch's, and the numbers of threads.

They are read after each cell and compared with what they were when PyTorch was imported and
`%repro` had set its own. What a cell changes and puts back in between is not seen.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import NamedTuple

from jupyter_repro.capturing.sources.torch_flags import read_flags
from jupyter_repro.seeding.watch.recorder import Recorder, Severity

FLAG = "flag-changed"
THREADS = "threads-changed"

THREAD_VARIABLES = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS"),
)

# Libraries that read these when they are loaded
_THREADED = ("numpy", "torch", "scipy", "numexpr", "tensorflow")


class _Group(NamedTuple):
    """Switches that one call may change together; the first one that differs stands for all.

    Parameters
    ----------
    flags
        As in `capturing.sources.torch_flags`.
    kind, severity, advice
        Of the finding.
    fine
        Values that nobody needs to hear of.
    words
        What a line says that changes one of them.
    """

    flags: tuple[str, ...]
    kind: str
    severity: Severity
    advice: str
    fine: tuple[object, ...]
    words: re.Pattern[str]


_AGAIN = "%repro seed=… sets it again; take the change out, or choose determinism=off on purpose."
_GROUPS = (
    _Group(
        ("deterministic_algorithms",),
        *(FLAG, "warning", _AGAIN, (True, None)),
        re.compile(r"deterministic|set_deterministic_debug_mode"),
    ),
    _Group(
        ("deterministic_algorithms_warn_only",),
        FLAG,
        "note",
        "Operations without a deterministic algorithm warn now where they raised an error.",
        (False, None),
        re.compile(r"warn_only|set_deterministic_debug_mode"),
    ),
    _Group(
        ("cudnn.deterministic",),
        *(FLAG, "warning", _AGAIN, (True, None)),
        re.compile(r"deterministic"),
    ),
    _Group(
        ("cudnn.benchmark",),
        *(FLAG, "warning", _AGAIN, (False, None)),
        re.compile(r"benchmark"),
    ),
    _Group(
        (
            *("cuda.matmul.allow_tf32", "cudnn.allow_tf32", "float32_matmul_precision"),
            *("cuda.matmul.allow_fp16_reduced_precision_reduction",),
            *("cuda.matmul.allow_bf16_reduced_precision_reduction",),
            *("cuda.matmul.allow_fp16_accumulation",),
            *("fp32_precision", "cuda.matmul.fp32_precision", "cudnn.conv.fp32_precision"),
            *("cudnn.rnn.fp32_precision", "mkldnn.matmul.fp32_precision"),
            *("mkldnn.conv.fp32_precision", "mkldnn.rnn.fp32_precision"),
        ),
        FLAG,
        "note",
        "Compare results before and after it with a tolerance; every run has to set it the same.",
        (None,),
        re.compile(r"tf32|precision|allow_[bf]+16|fp16_accumulation"),
    ),
    _Group(
        ("num_threads", "num_interop_threads"),
        THREADS,
        "note",
        "Sums are rounded in another order: every run has to use the same number.",
        (None,),
        re.compile(r"_threads\b"),
    ),
)
_NAMES = {
    "deterministic_algorithms": "torch.use_deterministic_algorithms",
    "deterministic_algorithms_warn_only": "warn_only of torch.use_deterministic_algorithms",
    "float32_matmul_precision": "torch.set_float32_matmul_precision",
    "num_threads": "torch.set_num_threads",
    "num_interop_threads": "torch.set_num_interop_threads",
}
"""Of those that do not stand below `torch.backends`."""

_FLAGS = tuple(flag for group in _GROUPS for flag in group.flags)


class Flags:
    """Compares the switches after each cell with what they were."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._torch: ModuleType | None = None
        self._first: Mapping[str, object] = {}
        self._last: Mapping[str, object] = {}
        self._variables: tuple[str | None, ...] = ()
        self._found: dict[tuple[str, str | None], tuple[str, int | None]] = {}

    def start(self) -> None:
        """Take note of the variables."""
        self._torch, self._first, self._last = None, {}, {}
        self._variables = _read_variables()
        self._found.clear()

    def begin(self, torch: ModuleType) -> None:
        """Take note of PyTorch's switches: it was imported, and ours are set."""
        self._torch = torch
        self._first = self._last = read_flags(torch, _FLAGS)

    def end_cell(self, source: str) -> None:
        """Record what was changed in a cell.

        Parameters
        ----------
        source
            Of the cell, to find the line; empty where it is not known.
        """
        variables = _read_variables()
        if variables != self._variables:
            self._compare_variables(variables, source)
        if self._torch is None:
            return
        cell = self._recorder.cell_of("")
        now = read_flags(self._torch, _FLAGS)
        if self._found:
            self._forget_mended(cell, now)
        if now == self._last:
            return
        for group in _GROUPS:
            changed = [flag for flag in group.flags if now[flag] != self._last[flag]]
            if changed:
                said = [flag for flag in changed if flag.rpartition(".")[2] in source]
                self._compare(group, (said or changed)[0], now, source, cell)
        self._last = now

    def _compare(
        self,
        group: _Group,
        flag: str,
        now: Mapping[str, object],
        source: str,
        cell: str | None,
    ) -> None:
        if now[flag] in group.fine or now[flag] == self._first[flag]:
            return
        line = find_line(source, group.words)
        name = _NAMES.get(flag, f"torch.backends.{flag}")
        what = f"{name} was changed from {self._last[flag]} to {now[flag]}."
        self._recorder.add(
            group.kind,
            group.severity,
            what,
            group.advice,
            line=line,
            subject=f"{flag} {cell}",
        )
        self._found[flag, cell] = group.kind, line

    def _forget_mended(self, cell: str | None, now: Mapping[str, object]) -> None:
        """Take back what a cell changed in an earlier run and now leaves as it was."""
        for flag, owner in [*self._found]:
            if owner == cell and now[flag] == self._first[flag]:
                kind, line = self._found.pop((flag, owner))
                self._recorder.findings.take_back(kind, None, line, f"{flag} {owner}")

    def _compare_variables(self, variables: tuple[str | None, ...], source: str) -> None:
        before, self._variables = self._variables, variables
        loaded = [name for name in _THREADED if name in sys.modules]
        if not loaded:
            return
        for name, old, new in zip(THREAD_VARIABLES, before, variables, strict=True):
            if old != new:
                value = "taken away" if new is None else f"set to {new}"
                what = f"{name} was {value}, but {loaded[0]} has read it already."
                self._recorder.add(
                    THREADS,
                    "note",
                    what,
                    "Set it before the kernel starts, as %repro shows it, or not at all.",
                    line=find_line(source, re.compile(name)),
                    subject=f"{name} {self._recorder.cell_of('')}",
                )


def find_line(source: str, words: re.Pattern[str]) -> int | None:
    r"""Return the one line of a cell that has the words, or None where it is not the only one.

    Examples
    --------
    >>> find_line("import torch\n# threads\ntorch.set_num_threads(1)", re.compile("threads"))
    3
    """
    lines = [*_lines_with(source, words)]
    return lines[0] if len(lines) == 1 else None


def _lines_with(source: str, words: re.Pattern[str]) -> Iterator[int]:
    for number, line in enumerate(source.splitlines(), 1):
        if words.search(line.partition("#")[0]):
            yield number


def _read_variables() -> tuple[str | None, ...]:
    return tuple(map(os.environ.get, THREAD_VARIABLES))
