"""Write Python packages as pip requirements, and remarks on packages that cannot be one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from jupyter_repro.formats.exporters.request import Level, Request
from jupyter_repro.formats.exporters.text import some
from jupyter_repro.packages.asked import Asked, asked_of
from jupyter_repro.packages.pins import Pins, PythonPin
from jupyter_repro.packages.versions import major_minor

NOTHING = "There is no Python package that pip could install again from its record"
UNKNOWN_INDEX = "PyPI has no version with a +, and it is not known which index this one came from"


class Wanted(NamedTuple):
    """What a file for pip names: pins, and what an imported file asks for in other words.

    Parameters
    ----------
    pins
        The validated pins.
    asked
        The requirements that can be entries.
    comments
        Those that cannot.
    """

    pins: Pins
    asked: list[Asked]
    comments: list[Asked]
    level: Level

    @property
    def with_asked(self) -> Pins:
        """The pins, with those of the requirements that ask for one version."""
        more = (one.pin for one in self.asked if one.pin)
        return self.pins._replace(packages=(*self.pins.packages, *more))

    def lines(self, found: Collection[PythonPin] = ()) -> list[str]:
        """Return the entries.

        Parameters
        ----------
        found
            Packages that were found in the user's index.
        """
        pins = without_unknown(self.pins.packages, found)
        return [
            *(requirement(pin, self.level) for pin in pins),
            *(text for one in self.asked if (text := self.entry(one, found))),
        ]

    def entry(self, one: Asked, found: Collection[PythonPin] = ()) -> str | None:
        """Return the requirement, or None if no known index has it."""
        unknown = one.pin and one.pin.is_of_unknown_index and one.pin not in found
        return None if unknown else one.entry(self.level)

    def remarks(self, found: Collection[PythonPin] = ()) -> list[str]:
        """Return remarks on what is no entry, for reasons other than digests."""
        entries = {one.line for one in self.asked} | {one.line for one in self.comments}
        left = self.pins.left_out("packages", "asked")
        pins = [*self.pins.packages, *(one.pin for one in self.asked if one.pin)]
        unknown = [pin for pin in pins if pin.is_of_unknown_index and pin not in found]
        return [
            *(str(one) for one in left if one.what not in entries),
            *map(str, self.comments),
            *(f"{pin.requirement}: {UNKNOWN_INDEX}" for pin in unknown),
        ]

    def loose_note(self) -> Iterator[str]:
        """Yield the note on entries that may give something else on a different day."""
        loose = [one.text for one in self.asked if one.is_loose]
        if loose and self.level != "history":
            yield (
                f"Asked for without one version, so what fits is chosen anew: {some(loose)}. "
                "The record is of a file, not of an environment."
            )


def wanted_of(request: Request) -> Wanted:
    """Return what a file for pip names."""
    asked: list[Asked] = []
    comments: list[Asked] = []
    for one in asked_of(request.snapshot):
        (asked if one.entry(request.packages) else comments).append(one)
    return Wanted(request.pins, asked, comments, request.packages)


def requirement(pin: PythonPin, level: Level) -> str:
    """Return a pip requirement, as exact as `level` requests; an address is not changed.

    Nor is a version from an unknown index: without its label, PyPI could have the name.
    """
    is_exact = pin.source or pin.is_of_unknown_index or level != "research"
    if not is_exact and major_minor(pin.version) != pin.version:
        return f"{pin.name}=={major_minor(pin.version)}.*"
    return pin.requirement


def without_unknown(
    pins: Iterable[PythonPin], found: Collection[PythonPin] = ()
) -> list[PythonPin]:
    """Return the packages that can be entries: all except those from an unknown index.

    Parameters
    ----------
    found
        Packages that were found in the user's index.
    """
    return [pin for pin in pins if pin in found or not pin.is_of_unknown_index]


def why_nothing(remarks: list[str]) -> str:
    """Return the sentence on a snapshot without any entry, with the first reason."""
    return f"{NOTHING}{f' ({remarks[0]})' if remarks else ''}."
