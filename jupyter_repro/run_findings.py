"""What happened in this run that keeps its results from repeating, or nearly did.

Apart from `report.Finding`, which is a difference between two recorded environments.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from msgspec import Struct

MAX_FINDINGS = 200
"""How many are kept; a loop over generated code must not fill the memory."""

_MAX_TEXT = 500


class RunFinding(Struct, frozen=True, kw_only=True):
    """One thing that was seen while the notebook ran.

    Parameters
    ----------
    kind
        What it is, for instance ``unseeded-generator``.
    what, advice
        One sentence each: what was seen, and what to do.
    cell
        Id of the cell that `file` belongs to, else of the cell that was running; ``In [3]``
        where the front end sends no ids; None outside a cell.
    file, line
        Where, as a traceback would name it; None where it is no place in the code.
    count
        How often it was seen there.
    """

    kind: str
    what: str
    advice: str
    cell: str | None = None
    file: str | None = None
    line: int | None = None
    count: int = 1


class RunFindings:
    """The findings of one run in the order in which they came, bounded.

    Attributes
    ----------
    omitted : int
        How many more there were after the first `MAX_FINDINGS`.
    """

    def __init__(self) -> None:
        self.omitted = 0
        self._kept: dict[_Place, RunFinding] = {}
        self._counts: dict[_Place, int] = {}

    def seen_again(self, kind: str, file: str | None, line: int | None) -> bool:
        """Count a finding that is known already; False if it is not, so that one can be made."""
        place = (kind, file, line)
        count = self._counts.get(place)
        if count is None:
            return False
        self._counts[place] = count + 1
        return True

    def add(self, finding: RunFinding) -> None:
        """Keep a finding, or count it where one of that kind and place is kept."""
        if self.seen_again(finding.kind, finding.file, finding.line):
            return
        if len(self._kept) >= MAX_FINDINGS:
            self.omitted += 1
            return
        place = (finding.kind, finding.file, finding.line)
        self._kept[place] = finding
        self._counts[place] = finding.count

    def take_back(self, kind: str, file: str | None, line: int | None) -> None:
        """Count a finding once less; it is gone when it was seen once."""
        place = (kind, file, line)
        count = self._counts.get(place, 0) - 1
        if count > 0:
            self._counts[place] = count
        else:
            self._counts.pop(place, None)
            self._kept.pop(place, None)

    def clear(self) -> None:
        """Forget all: a new run begins."""
        self._kept.clear()
        self._counts.clear()
        self.omitted = 0

    def remember(self) -> Callable[[], None]:
        """Return a function that goes back to what is known now."""
        known = deepcopy(vars(self))
        return lambda: vars(self).update(known)

    def all(self) -> list[RunFinding]:
        """Return them with their counts."""
        return [
            RunFinding(
                kind=found.kind,
                what=found.what[:_MAX_TEXT],
                advice=found.advice[:_MAX_TEXT],
                cell=found.cell,
                file=found.file,
                line=found.line,
                count=self._counts.get(place, found.count),
            )
            for place, found in tuple(self._kept.items())
        ]


_Place = tuple[str, str | None, int | None]
