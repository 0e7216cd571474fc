"""What was seen in this run that prevents equal results, or nearly did.

Not to be confused with `report.Finding`, a difference between two recorded environments.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import msgspec

from jupyter_repro.model.findings import FINDING_KINDS, RunFinding

MAX_FINDINGS = 200
"""How many are kept; a loop over generated code must not fill the memory."""

HASH_RANDOMIZATION = RunFinding(
    kind="hash-randomization",
    severity="note",
    what="The order of sets of strings, and all that follows from it, differs from run to run.",
    advice="Use a kernel of `jupyter repro kernel install NAME --seed N`, or sort such sets.",
)

_MAX_TEXT = 500

_LASTING = frozenset(name for name, kind in FINDING_KINDS.items() if kind.lasting)

_Place = tuple[str, str | None, int | None, str]


class RunFindings:
    """The findings of one run in the order in which they came, bounded.

    A finding is identified by its kind and its place, and if that is not enough, by its subject.

    Attributes
    ----------
    omitted : int
        How many there were beyond the first `MAX_FINDINGS`.
    changes : int
        Grows whenever a finding is added, removed or replaced.
    """

    def __init__(self) -> None:
        self.omitted = 0
        self.changes = 0
        self._kept: dict[_Place, RunFinding] = {}
        self._counts: dict[_Place, int] = {}

    def seen_again(self, kind: str, file: str | None, line: int | None, subject: str = "") -> bool:
        """Count a finding that is known already; return False if it must be added."""
        place = (kind, file, line, subject)
        count = self._counts.get(place)
        if count is None:
            return False
        self._counts[place] = count + 1
        return True

    def is_known(self, kind: str, file: str | None, line: int | None) -> bool:
        """Return whether there is such a finding, and count nothing."""
        return (kind, file, line, "") in self._counts

    def add(self, finding: RunFinding, subject: str = "") -> None:
        """Add a finding, or count it if there is one with that kind, place and subject."""
        if self.seen_again(finding.kind, finding.file, finding.line, subject):
            return
        if len(self._kept) >= MAX_FINDINGS:
            self.omitted += 1
            return
        place = (finding.kind, finding.file, finding.line, subject)
        self._kept[place] = finding
        self._counts[place] = finding.count
        self.changes += 1

    def replace(self, finding: RunFinding, subject: str = "") -> None:
        """Replace a finding without counting it."""
        place = (finding.kind, finding.file, finding.line, subject)
        if place in self._kept and self._kept[place] != finding:
            self._kept[place] = finding
            self.changes += 1

    def take_back(self, kind: str, file: str | None, line: int | None, subject: str = "") -> None:
        """Count a finding once less; remove it if it was seen only once."""
        place = (kind, file, line, subject)
        count = self._counts.get(place, 0) - 1
        if count > 0:
            self._counts[place] = count
        else:
            self._drop(place)

    def forget_cell(self, cell: str) -> None:
        """Forget the findings of a cell that is about to run again."""
        for place, found in tuple(self._kept.items()):
            if found.cell == cell and found.kind not in _LASTING:
                self._drop(place)

    def clear(self) -> None:
        """Forget all findings, because a new run begins."""
        self._kept.clear()
        self._counts.clear()
        self.omitted = 0
        self.changes += 1

    def remember(self) -> Callable[[], None]:
        """Return a function that goes back to the present findings."""
        known = deepcopy(vars(self))
        return lambda: vars(self).update(known)

    def all(self) -> list[RunFinding]:
        """Return all findings with their counts."""
        return [
            msgspec.structs.replace(
                found,
                what=found.what[:_MAX_TEXT],
                advice=found.advice[:_MAX_TEXT],
                count=self._counts.get(place, found.count),
            )
            for place, found in tuple(self._kept.items())
        ]

    def _drop(self, place: _Place) -> None:
        self._counts.pop(place, None)
        if self._kept.pop(place, None) is not None:
            self.changes += 1
