"""Run a notebook again and compare what its cells show with what is stored. Nothing is written.

A run goes on after an exception that is stored or announced, and ends at any other one. The cells
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
from jupyter_repro.comparing.outputs.cells import compare_cells
from jupyter_repro.comparing.outputs.normalise import joined, results_of
from jupyter_repro.comparing.outputs.sanitize import Pattern, sanitize
from jupyter_repro.comparing.outputs.tags import Marks, marks_of
from jupyter_repro.comparing.outputs.text import Terms
from jupyter_repro.comparing.outputs.timestamps import Window
from jupyter_repro.comparing.outputs.tolerance import DEFAULT, Tolerance
from jupyter_repro.comparing.outputs.verdict import CellVerdict, Status, score_of, verdict_of
from jupyter_repro.comparing.results.judge import Judged, judge_results
from jupyter_repro.model.results import EXACT as RESULT_EXACT
from jupyter_repro.notebook.file import load_json, parse_notebook
from jupyter_repro.notebook.lift import recorded
from jupyter_repro.run.reasons import Reasons, find_reasons
from jupyter_repro.run.runner import Options, Run, run_notebook
from jupyter_repro.run.scratch import MAX_BYTES, copy_folder
from jupyter_repro.run.start_variables import seed_in_cells

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager

    from jupyter_repro.model.document import Document
    from jupyter_repro.model.snapshot import Determinism


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
    seed, determinism, variables
        What is to be otherwise than in the stored run, to confirm a cause: they win over what the
        notebook says, and over variables that are set.
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
    load_policy(None, path.absolute().parent)  # a mistake in it is better known before the run
    document, _ = recorded(parse_notebook(path, raw))
    stored = _cells_of(path, raw)
    marks = [marks_of(cell) for cell in stored]
    seed, determinism = _seed_of(stored, document)
    options = Options(
        kernel=wishes.kernel,
        seed=seed if wishes.seed is None else wishes.seed,
        determinism=wishes.determinism or determinism,
        forced=_forced(wishes),
        variables=wishes.variables,
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
    judged = _judge_results(run, wishes, path)
    return Verified(
        path=path,
        cells=cells,
        run=run,
        stored=parts[0],
        new=parts[1],
        left_out=left_out,
        notes=(*_run_notes(run), *notes, *_order_notes(stored, cells)),
        judged=judged,
        reasons=find_reasons(path, run, (stored, new), cells, judged),
    )


def _forced(wishes: Wishes) -> dict[str, str]:
    forced = {"seed": wishes.seed, "determinism": wishes.determinism}
    return {key: str(value) for key, value in forced.items() if value is not None}


def _judge_results(run: Run, wishes: Wishes, path: Path) -> list[Judged]:
    """Compare the results that the run gave with the recorded ones."""
    if run.before is None:
        return []
    merged = {
        name: result for name, result in run.document.results.items() if name in run.before.results
    }
    if wishes.strict:
        merged = {
            name: msgspec.structs.replace(result, tolerance=RESULT_EXACT)
            for name, result in merged.items()
        }
    policy = load_policy(None, path.absolute().parent, run.before.policy)
    return judge_results(merged, policy.tolerance, run=run.results.keys())


def verdict_on_result(judged: Judged) -> CellVerdict:
    """Return what is said of a result in the form of what is said of a cell."""
    return CellVerdict(cell=0, status=judged.outcome, why=judged.why, id=judged.cell)


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
    if layer.seed is None or not layer.from_outside:
        return None, "warn"
    return int(layer.seed), layer.determinism or "warn"


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
    }
