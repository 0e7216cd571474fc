"""The verdicts on a value, an output, a cell and a notebook that was run again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from msgspec import Struct

from jupyter_repro.model import results as result
from jupyter_repro.model.results import OUTCOMES
from jupyter_repro.safety.words import listed

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
    left_out
        The kinds of text that were not compared, in words: times, addresses.
    is_empty
        Whether that is all there was, so that nothing was compared.
    """

    status: Status
    why: str = ""
    size: float = 0.0
    left_out: tuple[str, ...] = ()
    is_empty: bool = False


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
    """Return the first of the worst outcomes; `IDENTICAL` if there are none.

    It names what was left out of any of them, and it is empty only if all are.
    """
    found = min(outcomes, key=lambda each: OUTCOMES.index(each.status), default=IDENTICAL)
    kinds = tuple(dict.fromkeys(kind for each in outcomes for kind in each.left_out))
    if not kinds:
        return found
    is_empty = all(each.is_empty for each in outcomes)
    return replace(found, left_out=kinds, is_empty=is_empty)


def apart_from(kinds: tuple[str, ...], *, is_empty: bool = False) -> Outcome:
    """Return the outcome for two values that are the same but for what is not compared."""
    if not kinds:  # colours, and what was overwritten
        return Outcome("identical", "but for how a terminal shows it")
    why = f"but for {listed(kinds)}, which are not compared"
    return Outcome("identical", why, left_out=kinds, is_empty=is_empty)


def judged(outcome: Outcome) -> Outcome:
    """Return the outcome for a whole cell: one of which nothing was compared is not comparable."""
    if not outcome.is_empty:
        return outcome
    why = f"it shows only {listed(outcome.left_out)}, which are not compared"
    return replace(outcome, status="not comparable", why=why)


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
