"""In which cell two runs of a notebook part."""

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
        Counted from 1 over all cells.
    cell
        Its id.
    is_edited
        Its source is not the one that made the recorded outputs; None where that is not known.
    moved
        Libraries whose generators ended the cell somewhere else than in the recorded run.
    outcome
        The worst of its outputs and results; None where it has none.
    """

    number: int
    cell: str | None
    is_edited: bool | None = None
    moved: tuple[str, ...] = ()
    outcome: Outcome | None = None


class Parting(NamedTuple):
    """The first cell in which two runs differ, and by what it is seen."""

    pair: CellPair
    by: By

    @property
    def sentence(self) -> str:
        """What is to be said of it."""
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
    """Return where two runs part; None where nothing differs.

    An edited cell counts where something differs from there on: a comment changes nothing.
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
