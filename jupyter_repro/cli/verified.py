"""What the reports on a verified notebook are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from jupyter_repro.outputs.verdict import HOLDING, CellVerdict, Status
from jupyter_repro.result import OUTCOMES

SILENT = frozenset(("identical", "no output", "left out"))
"""What a reader need not be told cell by cell."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One notebook, verified or not.

    Parameters
    ----------
    path, name
        The file, and how it may be shown.
    code
        The exit code.
    verdict, score, cells
        See `outputs.verdict`.
    error
        Why it could not be run at all, in a sentence; empty if it was.
    notes
        Sentences for the user.
    lines
        Of the cells, in the file; empty where nobody asked.
    told
        For ``--json``.
    """

    path: Path
    name: str
    code: int
    verdict: Status
    score: float | None = None
    cells: Sequence[CellVerdict] = ()
    error: str = ""
    notes: Sequence[str] = ()
    lines: Sequence[int] = ()
    seconds: float = 0.0
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def told_cells(self) -> list[tuple[str, CellVerdict]]:
        """The cells a reader is told of, those in a row with the same words together.

        Each with its number, or the numbers of the first and the last one.
        """
        groups = [
            list(group)
            for _, group in groupby(self.cells, key=lambda cell: (cell.status, cell.why))
        ]
        return [
            (str(one.cell) if len(group) == 1 else f"{one.cell}-{group[-1].cell}", one)
            for group in groups
            if (one := group[0]).status not in SILENT
        ]

    @property
    def summary(self) -> str:
        """The verdict and how many cells hold, in words."""
        if self.error:
            return "not run"
        compared = [cell for cell in self.cells if cell.status in HOLDING | {"different"}]
        holding = sum(cell.status in HOLDING for cell in compared)
        if not compared:
            return f"{self.verdict}, no cell could be compared"
        if holding == len(compared):
            cells = f"{len(compared)} compared cells hold" if holding > 1 else "compared cell holds"
            return f"{self.verdict}, all {cells}" if holding > 1 else f"{self.verdict}, the {cells}"
        return f"{self.verdict}, {holding} of {len(compared)} compared cells hold"

    @property
    def counts(self) -> str:
        """How many cells there are of each kind, in words."""
        found = Counter[str](cell.status for cell in self.cells)
        kinds = [*reversed(OUTCOMES), "left out"]
        told = [f"{found[kind]} {kind}" for kind in kinds if found[kind]]
        if found["no output"]:
            told.append(f"{found['no output']} without output")
        return ", ".join(told)
