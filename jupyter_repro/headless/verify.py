"""Run a notebook again and compare what its cells show with what is stored. Nothing is written."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_repro.headless.runner import Options, Run, run_notebook
from jupyter_repro.headless.scratch import MAX_BYTES, copy_folder
from jupyter_repro.headless.start_variables import seed_in_cells
from jupyter_repro.lift import recorded
from jupyter_repro.notebook import load_json, parse_notebook
from jupyter_repro.outputs.cells import compare_cells
from jupyter_repro.outputs.forms import joined, results_of
from jupyter_repro.outputs.marks import Marks, marks_of
from jupyter_repro.outputs.moments import Window
from jupyter_repro.outputs.sanitize import Pattern, sanitize
from jupyter_repro.outputs.text import Terms
from jupyter_repro.outputs.tolerance import DEFAULT, Tolerance
from jupyter_repro.outputs.verdict import CellVerdict, Status, score_of, verdict_of

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager

    from jupyter_repro.snapshot import Determinism, Document


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How to verify.

    Parameters
    ----------
    kernel, timeout
        As for a run.
    allow_errors
        Go on after an exception that is neither stored nor announced by a tag.
    in_place
        Run in the notebook's own folder, not in a copy.
    max_bytes
        How much may be copied.
    tolerance
        For the numbers of all cells.
    strict
        Take no tolerance from cells either.
    patterns
        What else is volatile; see `outputs.sanitize`.
    lax
        Compare only cells that are marked with nbval's tag for that.
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


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What came of it.

    Parameters
    ----------
    path
        The notebook.
    cells
        One for each code cell.
    run
        The run: its document holds what was recorded anew, `run.before` what is stored.
    stored, new
        The decoded cells before and after, sanitized, in the same order.
    left_out
        What of the folder was not copied.
    notes
        Other sentences for the user.
    """

    path: Path
    cells: list[CellVerdict]
    run: Run
    stored: list[dict[str, Any]]
    new: list[dict[str, Any]]
    left_out: list[str] = field(default_factory=list)
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Status:
        """That of the worst cell."""
        return verdict_of(self.cells)

    @property
    def score(self) -> float | None:
        """The share of the compared cells that hold; None where none was compared."""
        return score_of(self.cells)


def verify_notebook(
    path: Path,
    raw: bytes,
    wishes: Wishes,
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
        If it could not be run at all.
    """
    document, _ = recorded(parse_notebook(path, raw))
    stored = _cells_of(path, raw)
    marks = [marks_of(cell) for cell in stored]
    seed, determinism = _seed_of(stored, document)
    options = Options(
        kernel=wishes.kernel,
        seed=seed,
        determinism=determinism,
        timeout=wishes.timeout,
        allow_errors=wishes.allow_errors,
        may_fail=frozenset(
            number
            for number, (cell, mark) in enumerate(zip(stored, marks, strict=True), 1)
            if mark.raises or _raised(cell)
        ),
        skip=frozenset(number for number, mark in enumerate(marks, 1) if mark.not_run),
    )
    left_out: list[str] = []
    with ExitStack() as stack:
        if not wishes.in_place:
            scratch = tempfile.TemporaryDirectory(
                prefix="jupyter_repro-", ignore_cleanup_errors=True
            )
            into = Path(stack.enter_context(scratch)).resolve()
            copied = copy_folder(path.parent, into, max_bytes=wishes.max_bytes)
            options = replace(options, folder=copied.folder)
            left_out = copied.left_out
        started = time.time()
        run = run_notebook(path, raw, options, on_cell, on_kernel)
        window = Window(started, time.time())
    new = _cells_of(path, run.data)
    parts = [_comparable(cells) for cells in (stored, new)]
    if wishes.patterns:
        sanitize(wishes.patterns, [cell for cells in parts for cell in cells])
    cells, notes = _judge_all(parts[0], parts[1], marks, run, wishes, window)
    return Verified(
        path=path,
        cells=cells,
        run=run,
        stored=parts[0],
        new=parts[1],
        left_out=left_out,
        notes=(*_run_notes(run), *notes, *_order_notes(stored, cells)),
    )


def _cells_of(path: Path, raw: bytes) -> list[dict[str, Any]]:
    cells = load_json(path, raw)["cells"]
    return [cell if isinstance(cell, dict) else {} for cell in cells]


def _seed_of(
    cells: list[dict[str, Any]], document: Document | None
) -> tuple[int | None, Determinism]:
    """Return the seed that the run before was given from outside, which no cell sets."""
    inside = seed_in_cells(str(joined(cell.get("source", ""))) for cell in cells)
    if document is None or inside is not None:
        return None, "warn"
    layer = (document.latest or document.reference).layers.determinism
    return (None if layer.seed is None else int(layer.seed)), layer.determinism or "warn"


def _raised(cell: dict[str, Any]) -> bool:
    outputs = cell.get("outputs")
    return isinstance(outputs, list) and any(
        isinstance(output, dict) and output.get("output_type") == "error" for output in outputs
    )


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


def _judge_all(  # noqa: PLR0913, PLR0917 - what a judgement rests on
    stored: list[dict[str, Any]],
    new: list[dict[str, Any]],
    marks: list[Marks],
    run: Run,
    wishes: Wishes,
    window: Window,
) -> tuple[list[CellVerdict], list[str]]:
    verdicts, notes = [], []
    for number, (old, now, mark) in enumerate(zip(stored, new, marks, strict=True), 1):
        if old["cell_type"] != "code":
            continue
        tolerance = wishes.tolerance
        if not wishes.strict:
            tolerance, problem = mark.tolerance(tolerance)
            if problem:
                notes.append(f"cell {number}: {problem}")
        verdict = _judge(
            number, old, now, mark, run, wishes, Terms(tolerance=tolerance, window=window)
        )
        verdicts.append(verdict)
    return verdicts, notes


def _judge(  # noqa: PLR0913, PLR0917 - the same
    number: int,
    old: dict[str, Any],
    now: dict[str, Any],
    mark: Marks,
    run: Run,
    wishes: Wishes,
    terms: Terms,
) -> CellVerdict:
    name = old["id"] if isinstance(old["id"], str) else None

    def verdict(status: Any, why: str = "") -> CellVerdict:  # noqa: ANN401
        sentence = f"{why[0].upper() if why[0].islower() else why[0]}{why[1:]}." if why else ""
        return CellVerdict(cell=number, status=status, why=sentence, id=name)

    stop = run.stop
    if mark.not_run:
        return verdict("left out", f"not run, as its {mark.not_run} says")
    if stop is not None and number > stop.cell:
        return verdict("not run", f"the run ended before: {stop.sentence}")
    if stop is not None and number == stop.cell and not stop.failed:
        return verdict("not run", stop.sentence)
    if mark.not_compared:
        return verdict("left out", f"not compared, as its {mark.not_compared} says")
    if wishes.lax and not mark.checked:
        return verdict("left out", "not marked to be compared")
    outcome = compare_cells(old, now, terms)
    if outcome is None:
        return verdict("no output")
    source = terms.tolerance.source
    why = outcome.why
    if outcome.status == "within tolerance" and source and outcome.size:
        why += f" (rtol={terms.tolerance.rtol:g} atol={terms.tolerance.atol:g}, from {source})"
    return verdict(outcome.status, why)


def _run_notes(run: Run) -> tuple[str, ...]:
    """Return the notes of a run; of one that was cut off they only tell what is not recorded."""
    return run.notes if run.stop is None or run.stop.failed else ()


def _order_notes(stored: list[dict[str, Any]], verdicts: list[CellVerdict]) -> list[str]:
    """Return what the stored counts tell of a difference, if there is one."""
    if not any(verdict.status == "different" for verdict in verdicts):
        return []
    counts = [
        (number, count)
        for number, cell in enumerate(stored, 1)
        if cell.get("cell_type") == "code" and type(count := cell.get("execution_count")) is int
    ]
    for (one, first), (other, second) in pairwise(counts):
        if second < first:
            told = f"cell {other} was run as number {second}, cell {one} above it as {first}."
            return [f"the stored outputs were not made from top to bottom: {told}"]
    return []


def to_json(verified: Verified) -> dict[str, Any]:
    """Return what a script wants to know of it, as plain data."""
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
    }
