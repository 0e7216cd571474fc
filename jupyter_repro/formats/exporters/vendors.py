"""The vendors' own indexes in a file for pip: options, comments and sentences.

pip knows no index for one package: an option adds it for all of them. Where a file has digests
that changes nothing; where it has none, it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jupyter_repro.formats.exporters.text import some
from jupyter_repro.packages.pins import Pins, PythonPin
from jupyter_repro.packages.vendor_indexes import VendorIndex


def by_index(pins: Iterable[PythonPin]) -> dict[VendorIndex, list[PythonPin]]:
    """Return the vendors' indexes that packages are on, with these packages."""
    found: dict[VendorIndex, list[PythonPin]] = {}
    for pin in pins:
        if pin.vendor:
            found.setdefault(pin.vendor, []).append(pin)
    return found


def index_options(pins: Pins) -> list[str]:
    """Return the options of pip that add the vendors' indexes; of the fixed table alone."""
    return [vendor.option for vendor in by_index(pins.packages)]


def index_comments(pins: Pins, *, is_hashed: bool) -> Iterator[str]:
    """Yield what the options mean for who installs from the file."""
    vendors = by_index(pins.packages)
    for vendor, its in vendors.items():
        yield f"{some(pin.requirement for pin in its)}: from {vendor.vendor}, not on PyPI"
    if vendors and not is_hashed:
        yield (
            "pip takes every package from whichever of these places and your index has it; "
            "uv needs --index-strategy unsafe-best-match"
        )


def index_notes(pins: Pins, *, is_hashed: bool = False) -> Iterator[str]:
    """Yield what to tell the user of the places that the file adds."""
    for vendor, its in by_index(pins.packages).items():
        risk = "" if is_hashed else ", from where pip may then take any package"
        yield (
            f"{some(pin.requirement for pin in its)}: not on PyPI, so the file adds "
            f"{vendor.vendor}'s own place, {vendor.address}{risk}."
        )
