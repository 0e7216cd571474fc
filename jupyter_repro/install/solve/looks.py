"""What the channels list for one subject, and what that is enough for."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_repro.install.places.reach import complaints
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.rattler.parent import Listing
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.solve.ladder import SAME_FILE, Step, find_step, for_platform
from jupyter_repro.install.solve.listings import Listings, silence
from jupyter_repro.install.solve.subjects import Subject
from jupyter_repro.install.solve.variants import by_name
from jupyter_repro.install.solve.verdicts import PackageVerdict
from jupyter_repro.packages.addresses import channel_address
from jupyter_repro.packages.pins import CondaPin


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

    def place(self, pin: CondaPin, record: Record, trust: Trust) -> Step:
        """Return where a recorded package stands, if a record takes its place."""
        recorded = by_name(self.subject.pins.conda)
        step = find_step(pin, [record], recorded, allow_md5=trust.allow_md5)
        return for_platform(step, self.subject.platform) if self.subject.is_elsewhere else step

    @property
    def records(self) -> list[Record]:
        """The nearest record to each package, except for those that were not checked."""
        return [
            step.record
            for step, verdict in zip(self.steps, self.verdicts, strict=True)
            if step.record is not None and verdict.verdict != "not checked"
        ]


def unanswered(look: Look, trust: Trust, seconds: float) -> str | None:
    """Return the clause on a recorded channel that does not answer us, or None.

    Parameters
    ----------
    seconds
        How long a channel may be silent.
    """
    listings = look.listings
    if listings.silent:
        return silence(listings.silent[0])
    known = {place.address for place in listings.answering}
    named = [trust.channel(channel_address(one)) for one in look.subject.pins.channels]
    others = [place for place in named if place is not None and place.address not in known]
    friends = [*trust.channels, *trust.indexes]
    found = complaints(others, friends, look.subject.platform, seconds)
    answers = [Listing(place, error=text) for place, text in zip(others, found, strict=True)]
    return next((silence(one) for one in answers if one.error is not None), None)
