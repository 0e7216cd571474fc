"""Write and read the lines in which a snapshot stores packages; see `model.snapshot`.

Lines are written and read only here, so that both sides agree on every character.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from msgspec import Struct

from jupyter_repro.packages.archives import split_extension, split_stem
from jupyter_repro.packages.names import normalise

_DISTRIBUTION = re.compile(
    r"(?P<name>[^=\s\[]+)(?:==(?P<version>[^\s\[]*))?(?: \[(?P<origin>.*)\])?"
)


class CondaPackage(NamedTuple):
    """A line of the conda layer, with the channel that it stands under.

    Parameters
    ----------
    key
        The normalised name, for comparisons.
    channel
        Address of its channel without the platform's folder.
    digest
        A sha256 or an md5; empty if none is recorded.
    archive
        Extension of its file; empty if the record did not name the file.
    """

    key: str
    name: str
    version: str
    build: str
    channel: str
    digest: str
    archive: str


class Distribution(Struct, frozen=True):
    """An installed Python distribution, as a line of the packages layer has it.

    Parameters
    ----------
    name
        Normalised as in PEP 503 when we write it; a line of a different form is all name.
    version
        With its local label; empty if it is not known.
    installer
        As its ``INSTALLER`` file says (``conda``, ``pip``, ``uv``, …), ``other`` if that is not a
        plain word, ``unknown`` without one.
    flags
        ``editable``, ``user-site``, ``PYTHONPATH``, ``shadowed`` (a different one of this name
        comes first), and what the packages probe adds.
    source
        Redacted address that it was installed from, if not from an index; else empty.
    """

    name: str
    version: str = ""
    installer: str = "unknown"
    flags: tuple[str, ...] = ()
    source: str = ""

    @property
    def key(self) -> str:
        """The normalised name, for comparisons."""
        return normalise(self.name)

    @property
    def origin(self) -> str:
        """The text in brackets, in a fixed order."""
        return ", ".join(filter(None, (self.installer, *sorted(self.flags), self.source)))


def conda_line(file: str, digest: str | None) -> str:
    """Return the line of a conda package: ``name-version-build.ext#digest``."""
    return f"{file}#{digest}" if digest else file


def parse_conda(group: str, line: str) -> CondaPackage:
    """Return the parts of ``name-version-build.ext#digest`` under its channel's folder."""
    file, _, digest = line.partition("#")
    stem, archive = split_extension(file)
    name, version, build = split_stem(stem)
    channel = group.rpartition("/")[0] or group
    return CondaPackage(normalise(name), name, version, build, channel, digest, archive)


def distribution_line(distribution: Distribution) -> str:
    """Return the line of a distribution: ``name==version [installer, flag, source]``."""
    head = distribution.name
    if distribution.version:
        head = f"{head}=={distribution.version}"
    notes = [distribution.installer, *distribution.flags]
    if distribution.source:
        notes.append(distribution.source)
    return f"{head} [{', '.join(notes)}]"


def parse_distribution(line: str) -> Distribution:
    """Return the parts of ``name==version [installer, flag, source]``.

    A line of a different form is a package whose name is the whole line, so its presence can still
    be compared.
    """
    match = _DISTRIBUTION.fullmatch(line)
    if match is None:
        return Distribution(line, installer="")
    installer, *rest = (match["origin"] or "").split(", ")
    # The source may contain commas: it begins at the first address and ends the line
    start = next((index for index, item in enumerate(rest) if "://" in item), len(rest))
    flags, source = tuple(rest[:start]), ", ".join(rest[start:])
    return Distribution(match["name"], match["version"] or "", installer, flags, source)
