"""Write Python packages as pip requirements, and remarks on packages that cannot be one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from jupyter_repro.formats.exporters.request import Level
from jupyter_repro.packages.pins import Pins, PythonPin
from jupyter_repro.packages.versions import major_minor


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


def python_remarks(pins: Pins, found: Collection[PythonPin] = ()) -> list[str]:
    """Return remarks on the packages that are not entries, for reasons other than digests."""
    remarks = [str(one) for one in pins.left_out("packages")]
    unknown = [pin for pin in pins.packages if pin.is_of_unknown_index and pin not in found]
    return [*remarks, *(f"{pin.requirement}: {UNKNOWN_INDEX}" for pin in unknown)]


UNKNOWN_INDEX = "PyPI has no version with a +, and it is not known which index this one came from"
