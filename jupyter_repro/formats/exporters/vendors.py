"""The vendors' indexes in a file for pip: options, comments and notes.

pip cannot use an index for only one package: an option adds it for all packages. If a file has
digests, that changes nothing; if it has none, a note says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jupyter_repro.formats.exporters.text import some
from jupyter_repro.packages.pins import Pins, PythonPin
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
