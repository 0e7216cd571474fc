"""Python packages as requirements of pip, and what is said of those that cannot be one."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from jupyter_repro.formats.exporters.request import Level
from jupyter_repro.packages.pins import Pins, PythonPin
from jupyter_repro.packages.versions import major_minor


def requirement(pin: PythonPin, level: Level) -> str:
    """Return a requirement of pip, as exact as is wanted; an address stays what it is.

    So does a version of an index that nothing tells: without its label PyPI could have the name.
    """
    is_exact = pin.source or pin.is_of_unknown_index or level != "research"
    if not is_exact and major_minor(pin.version) != pin.version:
        return f"{pin.name}=={major_minor(pin.version)}.*"
    return pin.requirement


def without_unknown(
    pins: Iterable[PythonPin], found: Collection[PythonPin] = ()
) -> list[PythonPin]:
    """Return the packages that can be entries: not those of an index that nothing tells.

    Parameters
    ----------
    found
        Those that the user's own index was seen to have.
    """
    return [pin for pin in pins if pin in found or not pin.is_of_unknown_index]


def python_remarks(pins: Pins, found: Collection[PythonPin] = ()) -> list[str]:
    """Return what is to be told of the packages that are no entries, whatever their digests."""
    remarks = [str(one) for one in pins.left_out("packages")]
    unknown = [pin for pin in pins.packages if pin.is_of_unknown_index and pin not in found]
    return [*remarks, *(f"{pin.requirement}: {UNKNOWN_INDEX}" for pin in unknown)]


UNKNOWN_INDEX = "PyPI has no version with a +, and it is not known which index this one came from"
