"""The first cell in which two runs of a notebook differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

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
    """The first cell in which two runs differ, and what shows the difference."""

    pair: CellPair
    by: By

    @property
    def sentence(self) -> str:
        """The difference as a sentence."""
        number = self.pair.number
        if self.by == "source":
            return f"The runs part in cell {number}: its source is not the one that was run."
        if self.by == "generators":
            names = ", ".join(self.pair.moved)
            return (
                f"The runs part in cell {number}: the random generators of {names} end it "
                "elsewhere, so other numbers were drawn, or more of them."
            )
        return f"The runs part in cell {number}: its results are the first that differ."


def first_parting(pairs: Sequence[CellPair]) -> Parting | None:
    """Return the first cell in which two runs differ; None if nothing differs.

    An edited cell counts only if something differs from there on: a comment changes nothing.
    """
    last = max((at for at, pair in enumerate(pairs) if _has_effect(pair)), default=-1)
    for pair in pairs[: last + 1]:
        if pair.is_edited:
            return Parting(pair, "source")
        if pair.moved:
            return Parting(pair, "generators")
        if pair.outcome == "different":
            return Parting(pair, "results")
    return None


def _has_effect(pair: CellPair) -> bool:
    return bool(pair.moved) or pair.outcome == "different"
