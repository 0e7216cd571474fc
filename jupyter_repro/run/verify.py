"""Run a notebook again and compare its outputs with the stored ones. Nothing is written.

A run continues after an exception that is stored or expected, and ends at any other one. The cells
below an unexpected exception would fail because of it; they are *not run*, which never passes.

Notebooks run at the same time in threads, because their time is spent in the kernels.
jupyter_client keeps the ports of kernels apart that one process starts, and Ctrl-C ends these
kernels from the main thread.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.comparing.environments.policy import load_policy
from jupyter_repro.comparing.outputs.normalise import joined, results_of
from jupyter_repro.comparing.outputs.sanitize import Pattern, sanitize
from jupyter_repro.comparing.outputs.tags import marks_of
from jupyter_repro.comparing.outputs.timestamps import Window
from jupyter_repro.comparing.outputs.tolerance import DEFAULT, Tolerance
from jupyter_repro.comparing.outputs.verdict import (
    CellVerdict,
    Status,
    score_of,
    verdict_of,
)
from jupyter_repro.comparing.results.judge import Judged, judge_results
from jupyter_repro.model.options import DETERMINISM
from jupyter_repro.model.results import EXACT as RESULT_EXACT
from jupyter_repro.notebook.file import load_json, parse_notebook
from jupyter_repro.notebook.lift import recorded
from jupyter_repro.run.judging import Trial, judge_cells
from jupyter_repro.run.reasons import Reasons, find_reasons
from jupyter_repro.run.runner import Run, RunOptions, is_success_exit, run_notebook
from jupyter_repro.run.scratch import MAX_BYTES, copy_folder
from jupyter_repro.run.start_variables import seed_in_cells

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager

    from jupyter_repro.model.document import Document
    from jupyter_repro.model.options import Determinism


@dataclass(frozen=True, kw_only=True)
class VerifyOptions:
    """How to verify.

    Parameters
    ----------
    kernel, timeout
        As in `runner.RunOptions`.
    allow_errors
        Continue after an exception that is neither stored nor expected by a tag.
    in_place
        Run in the notebook's own folder, not in a copy.
    max_bytes
        The size of the largest folder to copy.
    tolerance
        For the numbers of all cells.
    strict
        Ignore the tolerances of cells as well.
    patterns
        More volatile text; see `outputs.sanitize`.
    lax
        Compare only cells with nbval's tag for that.
    seed, determinism, variables
        What to change, to confirm a cause. They win over the notebook and over variables that are
        set.
    """

    kernel: str | None = None
    timeout: int | None = None
    allow_errors: bool = False
    in_place: bool = False
    max_bytes: int = MAX_BYTES
    tolerance: Tolerance = DEFAULT
    strict: bool = False
    patterns: Sequence[Pattern] = ()
    lax: bool = False
    seed: int | None = None
    determinism: Determinism | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Verified:
    """The result of verifying a notebook.

    Parameters
    ----------
    path
        The notebook.
    cells
        One for each code cell.
    run
        The run: its document is the new record, `run.before` the stored one.
    stored, new
        The decoded cells before and after, sanitized, in the same order.
    left_out
        Parts of the folder that were not copied.
    notes
        Other sentences for the user.
    judged
        The named results that the notebook had recorded, the worst first.
    reasons
        Why the run differs, if it does.
    """

    path: Path
    cells: list[CellVerdict]
    run: Run
    stored: list[dict[str, Any]]
    new: list[dict[str, Any]]
    left_out: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    judged: Sequence[Judged] = ()
    reasons: Reasons = field(default_factory=Reasons)

    @property
    def verdict(self) -> Status:
        """That of the worst cell or result."""
        return verdict_of([*self.cells, *map(verdict_on_result, self.judged)])

    @property
    def score(self) -> float | None:
        """The share of what was compared that holds; None where nothing was."""
        return score_of([*self.cells, *map(verdict_on_result, self.judged)])


def verify_notebook(
    path: Path,
    raw: bytes,
    options: VerifyOptions,
    on_cell: Callable[[int, int], None],
    on_kernel: Callable[[KernelManager], None] | None = None,
) -> Verified:
    """Run a notebook from top to bottom in a fresh kernel, and compare.

    Parameters
    ----------
    path, raw, on_cell, on_kernel
        As for `runner.run_notebook`.

    Raises
    ------
    ReproError
        If it could not run at all.
    """
    load_policy(None, path.absolute().parent)  # report a mistake in it before the run
    document, _ = recorded(parse_notebook(path, raw))
    stored = _cells_of(path, raw)
    marks = [marks_of(cell) for cell in stored]
    seed, determinism = _seed_of(stored, document)
    run_options = RunOptions(
        kernel=options.kernel,
        seed=seed if options.seed is None else options.seed,
        determinism=options.determinism or determinism,
        forced=_forced(options),
        variables=options.variables,
        timeout=options.timeout,
        allow_errors=options.allow_errors,
        may_fail=frozenset(
            number
            for number, (cell, mark) in enumerate(zip(stored, marks, strict=True), 1)
            if mark.raises or (_raised(cell) and not _is_end(stored[number - 1 :]))
        ),
        skip=frozenset(number for number, mark in enumerate(marks, 1) if mark.not_run),
    )
    left_out: list[str] = []
    with ExitStack() as stack:
        if not options.in_place:
            scratch = tempfile.TemporaryDirectory(
                prefix="jupyter_repro-", ignore_cleanup_errors=True
            )
            into = Path(stack.enter_context(scratch)).resolve()
            copied = copy_folder(path.parent, into, max_bytes=options.max_bytes)
            run_options = replace(run_options, folder=copied.folder)
            left_out = copied.left_out
        started = time.time()
        run = run_notebook(path, raw, run_options, on_cell, on_kernel)
        window = Window(started, time.time())
    new = _cells_of(path, run.data)
    parts = [_comparable(cells) for cells in (stored, new)]
    if options.patterns:
        sanitize(options.patterns, [cell for cells in parts for cell in cells])
    trials = [
        Trial(number=number, stored=before, new=after, marks=mark)
        for number, (before, after, mark) in enumerate(zip(*parts, marks, strict=True), 1)
        if before["cell_type"] == "code"
    ]
    cells, notes = judge_cells(
        trials, run.stop, options.tolerance, window, strict=options.strict, lax=options.lax
    )
    judged = _judge_results(run, options, path)
    return Verified(
        path=path,
        cells=cells,
        run=run,
        stored=parts[0],
        new=parts[1],
        left_out=left_out,
        notes=(*_run_notes(run), *notes, *_order_notes(stored, cells)),
        judged=judged,
        reasons=find_reasons(path, raw, run, (stored, new), cells, judged),
    )


def _forced(options: VerifyOptions) -> dict[str, str]:
    forced = {"seed": options.seed, "determinism": options.determinism}
    return {key: str(value) for key, value in forced.items() if value is not None}


def _judge_results(run: Run, options: VerifyOptions, path: Path) -> list[Judged]:
    """Compare the results that the run gave with the recorded ones."""
    if run.before is None:
        return []
    merged = {
        name: result for name, result in run.document.results.items() if name in run.before.results
    }
    if options.strict:
        merged = {
            name: msgspec.structs.replace(result, tolerance=RESULT_EXACT)
            for name, result in merged.items()
        }
    policy = load_policy(None, path.absolute().parent, run.before.policy)
    return judge_results(merged, policy.tolerance, run=run.results.keys())


def verdict_on_result(judged: Judged) -> CellVerdict:
    """Return the verdict on a result in the form of a verdict on a cell."""
    return CellVerdict(cell=0, status=judged.outcome, why=judged.why, id=judged.cell)


def _cells_of(path: Path, raw: bytes) -> list[dict[str, Any]]:
    cells = load_json(path, raw)["cells"]
    return [cell if isinstance(cell, dict) else {} for cell in cells]


def _seed_of(
    cells: list[dict[str, Any]], document: Document | None
) -> tuple[int | None, Determinism]:
    """Return the seed that the stored run got from the command line, which no cell sets."""
    inside = seed_in_cells(str(joined(cell.get("source", ""))) for cell in cells)
    if document is None or inside is not None:
        return None, DETERMINISM.default
    layer = (document.latest or document.reference).layers.determinism
    if layer.seed is None or not layer.from_outside:
        return None, DETERMINISM.default
    return int(layer.seed), layer.determinism or DETERMINISM.default


def _raised(cell: dict[str, Any]) -> bool:
    outputs = cell.get("outputs")
    return isinstance(outputs, list) and any(
        isinstance(output, dict) and output.get("output_type") == "error" for output in outputs
    )


def _is_end(cells: list[dict[str, Any]]) -> bool:
    """Return whether the first of some cells has ended the stored run by ``sys.exit(0)``."""
    exits = any(
        is_success_exit(output.get("ename"), output.get("evalue"))
        for output in cells[0]["outputs"]
        if isinstance(output, dict) and output.get("output_type") == "error"
    )
    return exits and not any(cell.get("outputs") for cell in cells[1:])


def _comparable(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "cell_type": cell.get("cell_type"),
            "id": cell.get("id"),
            "source": cell.get("source"),
            "execution_count": cell.get("execution_count"),
            "outputs": results_of(cell) if cell.get("cell_type") == "code" else [],
        }
        for cell in cells
    ]


def _run_notes(run: Run) -> tuple[str, ...]:
    """Return the notes of a run, unless it was cut off: those are about the record only."""
    return run.notes if run.stop is None or run.stop.failed else ()


def _order_notes(stored: list[dict[str, Any]], verdicts: list[CellVerdict]) -> list[str]:
    """Return a note if the stored execution counts may explain a difference."""
    if not any(verdict.status == "different" for verdict in verdicts):
        return []
    counts = [
        (number, count)
        for number, cell in enumerate(stored, 1)
        if cell.get("cell_type") == "code" and type(count := cell.get("execution_count")) is int
    ]
    for (one, first), (other, second) in pairwise(counts):
        if second < first:
            how = f"cell {other} was run as number {second}, cell {one} above it as {first}."
            return [f"the stored outputs were not made from top to bottom: {how}"]
    return []


def to_json(verified: Verified) -> dict[str, Any]:
    """Return the result as plain data, for ``--json``."""
    parting = verified.reasons.parting
    return {
        "verdict": verified.verdict,
        "score": verified.score,
        "cells": verified.cells,
        "executed": verified.run.executed,
        "seconds": round(verified.run.seconds, 3),
        "stopped": verified.run.failure,
        "digest": verified.run.snapshot.digest,
        "not_copied": verified.left_out,
        "notes": verified.notes,
        "results": [
            {"name": one.name, "outcome": one.outcome, "why": one.why} for one in verified.judged
        ],
        "environment": verified.reasons.report,
        "parting": parting and {"cell": parting.pair.number, "by": parting.by},
        "causes": [cause._asdict() for cause in verified.reasons.causes],
        "other_partings": [
            {
                "cell": other.pair.number,
                "by": other.by,
                "causes": [cause._asdict() for cause in causes],
            }
            for other, causes in verified.reasons.others
        ],
    }
