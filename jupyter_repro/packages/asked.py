"""What an imported file asks of pip in other words than ``name==version``.

Ranges, extras, conditions, names alone, addresses without a name, branches: they are no pins, but
pip can be asked for them again. Like `pins`, this module validates what may come from a stranger:
a text that passes is one line of ASCII that pip reads as one requirement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement

from jupyter_repro.model.options import PinLevel
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lines import Distribution, parse_distribution
from jupyter_repro.packages.pins import NOT_ONE, SAFE, PythonPin, is_lasting, is_version
from jupyter_repro.packages.vendor_indexes import torch_version, vendor_index
from jupyter_repro.packages.versions import major_minor
from jupyter_repro.safety.redact import HIDDEN

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_EXTRAS = r"(?: ?\[[A-Za-z0-9._, -]*\])?"
_ONE = r"(?:[<>=!~]=|===|[<>]) ?[A-Za-z0-9.*+!_-]+"
# In a marker, both kinds of quotation marks are equivalent
_MARKER = r"(?: ?; ?[a-z_'\"][A-Za-z0-9_ .'\"<>=!()~,+*-]*)?"
_VERSIONED = re.compile(rf"{_NAME}{_EXTRAS} ?(?:{_ONE}(?:, ?{_ONE})*)?{_MARKER}")
_ADDRESS = re.compile(
    rf"(?P<editable>-e )?(?:{_NAME}{_EXTRAS} ?@ ?)?"
    rf"(?P<source>(?:https?|(?:git|hg|svn|bzr)\+(?:https?|ssh))://{SAFE}(?:#{SAFE})?)"
    rf"(?: ?{_MARKER})?"
)

_CONDITION = "asked for with a condition or extras that pip would not read"
_PRIVATE = "from an address that is private or local"
_EDITABLE = (
    "an editable installation; install it from its source, or name it as it was asked for "
    "(pins history)"
)
_MOVING = (
    "from an address without a commit, which may have something else tomorrow; "
    "pins history names it as it was asked for"
)


class Asked(NamedTuple):
    """One requirement of an imported file.

    Parameters
    ----------
    line
        As the snapshot has it.
    text
        As pip reads it; empty if pip would not.
    pin
        The package, if it asks for one version.
    why
        Why it is not an entry, or only one of a file that repeats what was asked for.
    """

    line: str
    text: str
    pin: PythonPin | None = None
    why: str = ""

    def entry(self, level: PinLevel) -> str | None:
        """Return the requirement, as exact as `level` requests, or None if it is a comment."""
        if not self.text or (self.why and level != "history"):
            return None
        if self.pin and level == "research" and not self.pin.is_of_unknown_index:
            short = major_minor(self.pin.version)
            if short != self.pin.version:
                return re.sub(r"===?[^;]*?(?=$| ?;)", f"=={short}.*", self.text, count=1)
        return self.text

    @property
    def is_loose(self) -> bool:
        """Whether what it names may differ from day to day."""
        return self.pin is None and not is_lasting(_source_in(self.text))

    def __str__(self) -> str:
        return f"{self.line}: {self.why or NOT_ONE}"


def asked_of(snapshot: Snapshot) -> list[Asked]:
    """Return the requirements of an imported snapshot that `pins_of` has no pin for.

    Parameters
    ----------
    snapshot
        It may come from a stranger. A captured one was asked for nothing.
    """
    if snapshot.imported is None:
        return []
    layer = snapshot.layers.packages
    found = [parse_distribution(line) for line in layer.packages]
    parsed = [(line, _parse(line)) for line in layer.requested]
    versions = {one.name: one.version for one in found}
    versions |= {one.name: _version(one) for _, one in parsed if one and _version(one)}
    torch = torch_version(versions)
    asked = [_of_line(line, requirement, torch) for line, requirement in parsed]
    pairs = zip(layer.packages, found, strict=True)
    return [*asked, *(one for pair in pairs for one in _of_distribution(*pair))]


def _parse(line: str) -> Requirement | None:
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _version(requirement: Requirement) -> str:
    """Return the version of a requirement for only one, else an empty text."""
    only = [*requirement.specifier]
    one = len(only) == 1 and only[0].operator in {"==", "==="} and "*" not in only[0].version
    return only[0].version if one else ""


def _of_line(line: str, requirement: Requirement | None, torch: str | None) -> Asked:
    if "://" in line:
        return _of_address(line, requirement)
    if requirement is None or not _VERSIONED.fullmatch(line):
        return Asked(line, "", why="not a requirement that every tool reads")
    version = _version(requirement)
    if not is_version(version):
        return Asked(line, line)
    vendor = vendor_index(requirement.name, version, torch)
    return Asked(line, line, PythonPin(requirement.name, version, vendor=vendor))


def _of_address(line: str, requirement: Requirement | None) -> Asked:
    found = _ADDRESS.fullmatch(line)
    if found is None or HIDDEN in line:
        return Asked(line, "", why=_PRIVATE)
    if requirement is None and ("@ " in line or ";" in line) and not _has_marker(line):
        return Asked(line, "", why=_CONDITION)
    if found["editable"]:
        return Asked(line, line, why=_EDITABLE)
    return Asked(line, line, why="" if is_lasting(found["source"]) else _MOVING)


def _has_marker(line: str) -> bool:
    """Return whether what follows an address without a name is a condition that pip reads."""
    address, semicolon, marker = line.partition(";")
    return "@ " not in address and bool(semicolon) and _parse(f"a ; {marker}") is not None


def _of_distribution(line: str, one: Distribution) -> Iterator[Asked]:
    """Yield what was asked for, for a package from an address that may change, or editable."""
    if not one.source or ("editable" not in one.flags and is_lasting(one.source)):
        return
    text = f"{one.name} @ {one.source}"
    why = _MOVING
    if "editable" in one.flags:
        joint = "&" if "#" in one.source else "#"
        text, why = f"-e {one.source}{joint}egg={one.name}", _EDITABLE
    if _ADDRESS.fullmatch(text) and HIDDEN not in text:
        yield Asked(line, text, why=why)


def _source_in(text: str) -> str:
    found = _ADDRESS.fullmatch(text)
    return found["source"] if found else ""
