"""Switches that a cell has changed: PyTorch's, and the numbers of threads.

They are read after each cell and compared with their values when PyTorch was imported and `%repro`
had set its own. A change that a cell itself undoes is not seen. `torch_flags` says which switches
are watched and what to report.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType

from jupyter_repro.capturing.sources.torch_flags import TORCH_FLAGS, Watch, read_flags
from jupyter_repro.seeding.watch.recorder import Recorder

THREADS = "threads-changed"

THREAD_VARIABLES = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS"),
)

# Libraries that read these when they are loaded
_THREADED = ("numpy", "torch", "scipy", "numexpr", "tensorflow")


_WATCHED = {flag.name: flag for flag in TORCH_FLAGS if flag.watch is not None}
_GROUPS: dict[Watch, list[str]] = {}
for _flag in _WATCHED.values():
    if _flag.watch is not None:
        _GROUPS.setdefault(_flag.watch, []).append(_flag.name)


class Flags:
    """Compares the switches after each cell with their earlier values."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._torch: ModuleType | None = None
        self._first: Mapping[str, object] = {}
        self._last: Mapping[str, object] = {}
        self._variables: tuple[str | None, ...] = ()
        self._found: dict[tuple[str, str | None], tuple[str, int | None]] = {}

    def start(self) -> None:
        """Remember the environment variables."""
        self._torch, self._first, self._last = None, {}, {}
        self._variables = _read_variables()
        self._found.clear()

    def begin(self, torch: ModuleType) -> None:
        """Remember PyTorch's switches, after its import and after ours are set."""
        self._torch = torch
        self._first = self._last = read_flags(torch, _WATCHED)

    def end_cell(self, source: str) -> None:
        """Record what was changed in a cell.

        Parameters
        ----------
        source
            Source of the cell, to find the line; empty if it is not known.
        """
        variables = _read_variables()
        if variables != self._variables:
            self._compare_variables(variables, source)
        if self._torch is None:
            return
        cell = self._recorder.cell_of("")
        now = read_flags(self._torch, _WATCHED)
        if self._found:
            self._forget_mended(cell, now)
        if now == self._last:
            return
        for watch, flags in _GROUPS.items():
            changed = [flag for flag in flags if now[flag] != self._last[flag]]
            if changed:
                said = [flag for flag in changed if flag.rpartition(".")[2] in source]
                self._compare(watch, (said or changed)[0], now, source, cell)
        self._last = now

    def _compare(
        self,
        watch: Watch,
        flag: str,
        now: Mapping[str, object],
        source: str,
        cell: str | None,
    ) -> None:
        if now[flag] in watch.harmless or now[flag] == self._first[flag]:
            return
        line = find_line(source, re.compile(watch.words))
        name = _WATCHED[flag].setter or f"torch.backends.{flag}"
        what = f"{name} was changed from {self._last[flag]} to {now[flag]}."
        self._recorder.add(
            watch.kind,
            watch.severity,
            what,
            watch.advice,
            line=line,
            subject=f"{flag} {cell}",
        )
        self._found[flag, cell] = watch.kind, line

    def _forget_mended(self, cell: str | None, now: Mapping[str, object]) -> None:
        """Remove findings on what a cell changed in an earlier run and no longer changes."""
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
    r"""Return the number of the only line of a cell with the words; None if there is not just one.

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
