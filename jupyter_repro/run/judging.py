"""Judge the cells of a notebook that was run again, each as its author has marked it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from jupyter_repro.comparing.outputs.cells import compare_cells
from jupyter_repro.comparing.outputs.tags import Marks
from jupyter_repro.comparing.outputs.text import Terms
from jupyter_repro.comparing.outputs.timestamps import Window
from jupyter_repro.comparing.outputs.tolerance import Tolerance
from jupyter_repro.comparing.outputs.verdict import IDENTICAL, CellStatus, CellVerdict, Outcome
from jupyter_repro.run.runner import Stop
from jupyter_repro.safety.words import listed

_NAMED = 5
"""So many cells are named in a note."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A code cell that was run again.

    Parameters
    ----------
    number
        Among all cells, from 1.
    stored, new
        Decoded, before and after the run.
    marks
        What its author requested, in tags and metadata.
    """

    number: int
    stored: dict[str, Any]
    new: dict[str, Any]
    marks: Marks


def judge_cells(  # noqa: PLR0913 - the terms of a comparison
    trials: Sequence[Trial],
    stop: Stop | None,
    base: Tolerance,
    window: Window,
    *,
    strict: bool,
    lax: bool,
) -> tuple[list[CellVerdict], list[str]]:
    """Return a verdict on each code cell, and notes: on tolerances, on what was not compared.

    Parameters
    ----------
    trials
        In the order of the cells.
    stop
        Where the run ended early.
    base, strict
        The tolerance of all cells, and whether it is that of each.
    window
        When the new outputs were made.
    lax
        Compare only cells with nbval's tag for that.
    """
    verdicts, notes = [], []
    left_out: dict[str, list[int]] = {}
    for trial in trials:
        tolerance = base
        if not strict:
            tolerance, problem = trial.marks.tolerance(tolerance)
            if problem:
                notes.append(f"cell {trial.number}: {problem}")
        terms = Terms(tolerance=tolerance, window=window)
        status, outcome = _judge(trial, stop, terms, lax=lax)
        why = outcome.why
        for kind in outcome.left_out:
            left_out.setdefault(kind, []).append(trial.number)
        cell_id = trial.stored["id"]
        verdicts.append(
            CellVerdict(
                cell=trial.number,
                status=status,
                why=f"{why[0].upper() if why[0].islower() else why[0]}{why[1:]}." if why else "",
                id=cell_id if isinstance(cell_id, str) else None,
            )
        )
    if left_out:
        found = (f"{kind} in {_cells(numbers)}" for kind, numbers in left_out.items())
        notes.append(f"not compared: {'; '.join(found)}.")
    return verdicts, notes


def _cells(numbers: list[int]) -> str:
    words = [str(number) for number in numbers[:_NAMED]]
    words += ["others"] if len(numbers) > _NAMED else []
    return f"cell{'s' if len(words) > 1 else ''} {listed(words)}"


def _judge(
    trial: Trial, stop: Stop | None, terms: Terms, *, lax: bool
) -> tuple[CellStatus, Outcome]:
    """Return the status of a cell, and an outcome that says why, without a full stop."""
    why_not = _reason_not_to_compare(trial, stop, lax=lax)
    if why_not is not None:
        status, why = why_not
        return status, Outcome("not run", why)
    outcome = compare_cells(trial.stored, trial.new, terms)
    if outcome is None:
        return "no output", IDENTICAL
    source = terms.tolerance.source
    if outcome.status == "within tolerance" and source and outcome.size:
        limits = f"rtol={terms.tolerance.rtol:g} atol={terms.tolerance.atol:g}, from {source}"
        outcome = replace(outcome, why=f"{outcome.why} ({limits})")
    return outcome.status, outcome


def _reason_not_to_compare(
    trial: Trial, stop: Stop | None, *, lax: bool
) -> tuple[CellStatus, str] | None:
    marks = trial.marks
    if marks.not_run:
        return "left out", f"not run, as its {marks.not_run} says"
    if stop is not None and trial.number > stop.cell:
        if stop.is_success and not trial.stored["outputs"]:
            return "no output", ""
        return "not run", f"the run ended before: {stop.sentence}"
    if stop is not None and trial.number == stop.cell and not stop.failed:
        return "not run", stop.sentence
    if marks.not_compared:
        return "left out", f"not compared, as its {marks.not_compared} says"
    if lax and not marks.checked:
        return "left out", "not marked to be compared"
    return None
