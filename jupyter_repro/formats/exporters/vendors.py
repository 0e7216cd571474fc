"""The places besides your index in a file for pip: options, comments and notes.

A vendor's index comes from the fixed table. A place that an imported file names is an option only
if you allow it; without that it is a comment.

pip cannot use an index for only one package: an option adds it for all packages. If a file has
digests, that changes nothing; if it has none, a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jupyter_repro.formats.exporters.request import Request
from jupyter_repro.formats.exporters.text import some
from jupyter_repro.packages.pins import SAFE, Pins, PythonPin
from jupyter_repro.packages.vendor_indexes import VendorIndex


def by_index(pins: Iterable[PythonPin]) -> dict[VendorIndex, list[PythonPin]]:
    """Return the vendors' indexes that have packages, with these packages."""
    found: dict[VendorIndex, list[PythonPin]] = {}
    for pin in pins:
        if pin.vendor:
            found.setdefault(pin.vendor, []).append(pin)
    return found


def index_options(pins: Pins) -> list[str]:
    """Return the pip options that add the vendors' indexes, only from the fixed table."""
    return [vendor.option for vendor in by_index(pins.packages)]


def index_comments(pins: Pins, *, is_hashed: bool) -> Iterator[str]:
    """Yield comments on the options, for anyone who installs from the file."""
    vendors = by_index(pins.packages)
    for vendor, its in vendors.items():
        yield f"{some(pin.requirement for pin in its)}: from {vendor.vendor}, not on PyPI"
    if vendors and not is_hashed:
        yield (
            "pip takes every package from whichever of these places and your index has it; "
            "uv needs --index-strategy unsafe-best-match"
        )


def index_notes(pins: Pins, *, is_hashed: bool = False) -> Iterator[str]:
    """Yield notes for the user on the indexes that the file adds."""
    for vendor, its in by_index(pins.packages).items():
        risk = "" if is_hashed else ", from where pip may then take any package"
        yield (
            f"{some(pin.requirement for pin in its)}: not on PyPI, so the file adds "
            f"{vendor.vendor}'s own place, {vendor.address}{risk}."
        )


class NamedPlaces(NamedTuple):
    """The options of pip in an imported file: those that the new file has, and the others."""

    options: list[str]
    comments: list[str]

    def notes(self) -> Iterator[str]:
        """Yield the note on the options that are comments."""
        if self.comments:
            places = [one for one in self.comments if "://" in one and "file://" not in one]
            how = " If you trust such a place, --network --allow-index URL makes it an option."
            yield (
                "The imported file has options of pip, which are comments here: "
                f"{some(self.comments)}.{how if places else ''}"
            )


def named_places(request: Request, pins: Pins) -> NamedPlaces:
    """Return the options of an imported file, without those that `index_options` has."""
    imported, vendors = request.snapshot.imported, index_options(pins)
    found = NamedPlaces([], [])
    for option in imported.options if imported else ():
        place = _PLACE.fullmatch(option)
        if place and request.allows_index and request.allows_index(place["address"]):
            found.options.append(option)
        elif option.rstrip("/") not in vendors:
            found.comments.append(option)
    found.options[:] = [one for one in found.options if one.rstrip("/") not in vendors]
    return found


_PLACE = re.compile(
    rf"--(?:index-url|extra-index-url|find-links) (?P<address>https?://{SAFE})", re.ASCII
)
