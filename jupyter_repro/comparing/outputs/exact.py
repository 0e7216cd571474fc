"""Compare the normalised outputs of two runs exactly, byte by byte."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from jupyter_repro.comparing.outputs.normalise import results_of

SHOWN = 10
"""So many cells are named in a sentence."""

Outcome: TypeAlias = Literal["identical", "different", "new", "gone"]


@dataclass(frozen=True)
class CellOutcome:
    """How the outputs of one cell compare.

    Parameters
    ----------
    cell
        Number of the cell, counted from 1 over all cells of the notebook.
    outcome
        ``new`` and ``gone`` when only the second or the first run gave outputs.
    """

    cell: int
    outcome: Outcome


def compare_outputs(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> list[CellOutcome]:
    """Compare the stored outputs of a notebook's cells with those of a second run.

    Parameters
    ----------
    before, after
        The cells of the notebook, in the same order.

    Returns
    -------
    list of CellOutcome
        One for each code cell that has outputs in either run.
    """
    found = []
    for number, (old, new) in enumerate(zip(before, after, strict=True), 1):
        outcome = _compare(results_of(old), results_of(new))
        if outcome is not None:
            found.append(CellOutcome(number, outcome))
    return found


def _compare(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Outcome | None:
    if not before:
        return "new" if after else None
    if not after:
        return "gone"
    return "identical" if before == after else "different"


def render_outcomes(outcomes: Sequence[CellOutcome]) -> str:
    """Return one sentence on how the results of two runs compare."""
    counts = Counter(outcome.outcome for outcome in outcomes)
    compared = len(outcomes) - counts["new"]
    if not compared:
        return "there were no stored results to compare with"
    text = f"{counts['identical']} of {compared} cells with outputs gave identical results"
    for outcome, one, more in (
        ("different", "gave a different one", "gave other ones"),
        ("gone", "gave no output", "gave no outputs"),
    ):
        cells = [str(each.cell) for each in outcomes if each.outcome == outcome]
        if len(cells) == 1:
            text += f"; cell {cells[0]} {one}"
        elif cells:
            shown = ", ".join(cells[:SHOWN]) + (", …" if len(cells) > SHOWN else "")
            text += f"; cells {shown} {more}"
    return text
