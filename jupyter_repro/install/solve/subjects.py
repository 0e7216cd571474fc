"""Which part of a snapshot is checked: all of it, or what a different platform can have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_repro.install.solve.specifications import python_of, specifications
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lookalikes import looks_like
from jupyter_repro.packages.match_spec import MatchSpec
from jupyter_repro.packages.pins import CondaPin, Pins, pins_of
from jupyter_repro.packages.platforms import this_platform

_SHOWN = 5
_NAME = re.compile(r"(?:[^:\s]*::)?([a-z0-9_][a-z0-9_.-]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Subject:
    """A snapshot, and the part of it that is checked."""

    snapshot: Snapshot
    pins: Pins
    platform: str
    roots: tuple[CondaPin, ...]
    remarks: tuple[str, ...]
    specs: tuple[MatchSpec, ...] = ()

    @property
    def is_elsewhere(self) -> bool:
        """Whether a different platform than the recorded one is asked about."""
        return self.pins.platform not in {None, self.platform}


def make_subject(snapshot: Snapshot, platform: str | None) -> Subject:
    """Return the part of a snapshot that is checked.

    Parameters
    ----------
    platform
        A platform other than the recorded one, or None: if none is recorded, that of this machine.
    """
    pins = pins_of(snapshot)
    chosen = platform or pins.platform or this_platform()
    specs, unread = specifications(snapshot, pins, chosen)
    if pins.python is None:
        pins = pins._replace(python=python_of(specs))
    roots, remarks = pins.conda, []
    if pins.platform is None and platform is None:
        remarks.append(f"the record does not name its platform: {chosen}, that of this machine")
    if unread:
        remarks.append(f"not understood, and not asked for: {', '.join(unread[:_SHOWN])}")
    if pins.platform not in {None, chosen} and pins.conda:
        asked = _requested(snapshot)
        roots = tuple(pin for pin in pins.conda if pin.name in asked) or pins.conda
        remarks.append(
            f"recorded on {pins.platform}, asked for {chosen}: its builds "
            f"are not those that were recorded, so {len(roots)} of {len(pins.conda)} packages are "
            "looked for by their versions, and what they need is solved anew"
        )
    return Subject(snapshot, pins, chosen, roots, (*remarks, *_lookalikes(pins)), specs)


def _requested(snapshot: Snapshot) -> set[str]:
    matches = (_NAME.match(spec) for spec in snapshot.layers.conda.requested)
    return {match[1].lower() for match in matches if match}


def _lookalikes(pins: Pins) -> Iterator[str]:
    for name in dict.fromkeys(
        [*(one.name for one in pins.conda), *(one.name for one in pins.packages)]
    ):
        if known := looks_like(name):
            yield f"{name} looks like {known}, a well-known package: is it the one you mean?"
