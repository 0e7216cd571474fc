"""The result of ``verify`` on one notebook, which all its reports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_repro.comparing.outputs.verdict import HOLDING, CellVerdict, Status
from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.comparing.why.causes import Cause
from jupyter_repro.model.results import OUTCOMES
from jupyter_repro.safety.words import count

if TYPE_CHECKING:
    from jupyter_repro.run.verify import Verified

SILENT = frozenset(("identical", "no output", "left out"))
"""Statuses that reports do not list."""


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
        Why it could not run at all, as a sentence; empty if it ran.
    notes
        Sentences for the user.
    lines
        Lines of the file at which the cells begin; empty without ``--github``.
    fields
        For ``--json``.
    judged
        The named results, the worst first.
    parting, causes
        Where the two runs first differ, as a sentence, and the likely causes.
    others
        The same for the cells below that differ by themselves.
    done
        The whole result; None if it did not run.
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
    fields: dict[str, Any] = field(default_factory=dict)
    judged: Sequence[Judged] = ()
    parting: str = ""
    causes: Sequence[Cause] = ()
    others: Sequence[tuple[str, Sequence[Cause]]] = ()
    done: Verified | None = None

    @property
    def partings(self) -> list[tuple[str, Sequence[Cause]]]:
        """Where the two runs begin to differ, as sentences, each with its causes."""
        return [(self.parting, self.causes), *self.others] if self.parting else []

    @property
    def shown_cells(self) -> list[tuple[str, CellVerdict]]:
        """The cells that reports list. Neighbours with the same verdict are one entry.

        Each has its number, or the numbers of the first and the last cell.
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
    def shown_results(self) -> list[Judged]:
        """The named results that reports list."""
        return [one for one in self.judged if one.outcome not in SILENT]

    @property
    def summary(self) -> str:
        """The verdict and how many cells and results hold, in words."""
        if self.error:
            return "not run"
        return f"{self._cells_in_words}{self._results_in_words}"

    @property
    def _results_in_words(self) -> str:
        holding = sum(one.outcome in HOLDING for one in self.judged)
        return f"; {holding} of {count(len(self.judged), 'result')} hold" if self.judged else ""

    @property
    def _cells_in_words(self) -> str:
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
        """How many cells there are of each status, in words."""
        found = Counter[str](cell.status for cell in self.cells)
        kinds = [*reversed(OUTCOMES), "left out"]
        counts = [f"{found[kind]} {kind}" for kind in kinds if found[kind]]
        if found["no output"]:
            counts.append(f"{found['no output']} without output")
        return ", ".join(counts)
