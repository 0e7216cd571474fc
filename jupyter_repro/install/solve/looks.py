"""What the channels list for one subject, and what that is enough for."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.solve.ladder import SAME_FILE, Step
from jupyter_repro.install.solve.listings import Listings
from jupyter_repro.install.solve.subjects import Subject
from jupyter_repro.install.solve.verdicts import PackageVerdict


@dataclass(frozen=True)
class Look:
    """The listed packages of one subject."""

    subject: Subject
    listings: Listings
    verdicts: tuple[PackageVerdict, ...]
    steps: tuple[Step, ...]

    @property
    def is_exact(self) -> bool:
        """Whether all conda packages are listed as recorded."""
        return all(one.verdict == "exact" for one in self.verdicts)

    @property
    def is_available(self) -> bool:
        """Whether all conda packages are available as recorded, also where they are not listed."""
        is_whole = bool(self.steps) and not (self.subject.is_elsewhere or self.subject.specs)
        return is_whole and all(one.verdict in SAME_FILE for one in self.verdicts)

    @property
    def asks_consistency(self) -> bool:
        """Whether the files were together on one machine, and are all still there."""
        return self.is_available and self.is_exact

    @property
    def records(self) -> list[Record]:
        """The nearest record to each package, except for those that were not checked."""
        return [
            step.record
            for step, verdict in zip(self.steps, self.verdicts, strict=True)
            if step.record is not None and verdict.verdict != "not checked"
        ]
