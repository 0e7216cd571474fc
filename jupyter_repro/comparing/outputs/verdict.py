"""The verdicts on a value, an output, a cell and a notebook that was run again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from msgspec import Struct

from jupyter_repro.model import results as result
from jupyter_repro.model.results import OUTCOMES

Status: TypeAlias = result.Outcome
CellStatus: TypeAlias = Status | Literal["no output", "left out"]

HOLDING: frozenset[str] = frozenset(("identical", "within tolerance"))


@dataclass(frozen=True)
class Outcome:
    """How two outputs, or two parts of them, compare.

    Parameters
    ----------
    status
        One of `OUTCOMES`.
    why
        In words, without a full stop; may be empty where the status is ``identical``.
    size
        By how much numbers within the tolerance differ, relative to the larger one.
    """

    status: Status
    why: str = ""
    size: float = 0.0


IDENTICAL = Outcome("identical")


class CellVerdict(Struct, frozen=True, kw_only=True):
    """How one code cell compares.

    Parameters
    ----------
    cell
        Its number, counted from 1 over all cells of the notebook.
    status
        One of `OUTCOMES`; ``no output`` where there is none in either run, and ``left out`` where
        a tag says so: these two count neither for nor against.
    why
        One sentence; empty where there is nothing to add.
    id
        Of the cell, if it has one.
    pictures
        Files with pictures of the difference.
    """

    cell: int
    status: CellStatus
    why: str = ""
    id: str | None = None
    pictures: tuple[str, ...] = ()


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the first of the worst outcomes; `IDENTICAL` if there are none."""
    return min(outcomes, key=lambda each: OUTCOMES.index(each.status), default=IDENTICAL)


def verdict_of(cells: Sequence[CellVerdict]) -> Status:
    """Return the verdict on a notebook: that of its worst cell.

    A notebook in which nothing could be compared is not comparable.
    """
    found = {cell.status for cell in cells}
    return next((status for status in OUTCOMES if status in found), "not comparable")


def score_of(cells: Sequence[CellVerdict]) -> float | None:
    """Return the share of the compared cells that hold, 0 to 1; None if none was compared."""
    compared = [cell.status for cell in cells if cell.status in HOLDING | {"different"}]
    if not compared:
        return None
    return sum(status in HOLDING for status in compared) / len(compared)
