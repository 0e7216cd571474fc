"""The cells in which two runs of a notebook begin to differ.

These are the first that differs, and those below it that do not follow from what is above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

from jupyter_repro.model.results import Outcome

By = Literal["source", "generators", "results"]


class CellPair(NamedTuple):
    """One cell in two runs.

    Parameters
    ----------
    number
        Number of the cell, counted from 1 over all cells.
    cell
        Its id.
    is_edited
        Whether its source differs from the one that made the recorded outputs; None if unknown.
    moved
        Libraries whose generators had a different state after the cell than in the recorded run.
    outcome
        The worst of its outputs and results; None if it has none.
    """

    number: int
    cell: str | None
    is_edited: bool | None = None
    moved: tuple[str, ...] = ()
    outcome: Outcome | None = None


class Parting(NamedTuple):
    """A cell in which two runs begin to differ, and what shows the difference.

    Parameters
    ----------
    pair
        The cell.
    by
        What shows it.
    is_first
        Whether nothing above it differs.
    """

    pair: CellPair
    by: By
    is_first: bool = True

    @property
    def sentence(self) -> str:
        """The difference as a sentence."""
        number = self.pair.number
        if not self.is_first:
            return f"Cell {number} differs by itself: it uses nothing of what differs above it."
        if self.by == "source":
            return f"The runs part in cell {number}: its source is not the one that was run."
        if self.by == "generators":
            names = ", ".join(self.pair.moved)
            return (
                f"The runs part in cell {number}: the random generators of {names} end it "
                "elsewhere, so other numbers were drawn, or more of them."
            )
        return f"The runs part in cell {number}: its results are the first that differ."


class Follows(Protocol):
    """What is known of which cells build on which; cells are numbered from 0."""

    def follows(self, at: int) -> bool:
        """Return whether a cell builds on what differed above it."""

    def reach(self, at: int) -> None:
        """Take note that a cell differs."""

    def pass_on(self, at: int) -> None:
        """Take note that a cell has the same outputs; it may use what differs."""


def further_partings(
    pairs: Sequence[CellPair], first: Parting, following: Follows
) -> Iterator[Parting]:
    """Yield the cells after the first parting that differ and do not follow from what is above."""
    drawn = set(first.pair.moved)
    for at, pair in enumerate(pairs):
        if pair.number < first.pair.number:
            continue
        by = _difference(pair)
        if pair is first.pair:
            following.reach(at)
        elif by is None:
            following.pass_on(at)
        else:
            # Generators that parted above give different numbers from there on
            if not following.follows(at) and not drawn & {*pair.moved}:
                yield Parting(pair, by, is_first=False)
            following.reach(at)
        drawn.update(pair.moved)


def first_parting(pairs: Sequence[CellPair]) -> Parting | None:
    """Return the first cell in which two runs differ; None if nothing differs.

    An edited cell counts only if something differs from there on: a comment changes nothing.
    """
    last = max((at for at, pair in enumerate(pairs) if _has_effect(pair)), default=-1)
    for pair in pairs[: last + 1]:
        by = _difference(pair)
        if by is not None:
            return Parting(pair, by)
    return None


def _difference(pair: CellPair) -> By | None:
    if pair.is_edited:
        return "source"
    if pair.moved:
        return "generators"
    return "results" if pair.outcome == "different" else None


def _has_effect(pair: CellPair) -> bool:
    return bool(pair.moved) or pair.outcome == "different"
