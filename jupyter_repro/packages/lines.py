"""Read the stored lines of the packages; `snapshot` says how they are written."""

from __future__ import annotations

import re
from typing import NamedTuple

from jupyter_repro.packages.names import normalise

_DISTRIBUTION = re.compile(
    r"(?P<name>[^=\s\[]+)(?:==(?P<version>[^\s\[]*))?(?: \[(?P<origin>.*)\])?"
)


class CondaRecord(NamedTuple):
    """A line of the conda layer, with the channel that it stands under."""

    key: str
    name: str
    version: str
    build: str
    channel: str
    digest: str
    archive: str


class Distribution(NamedTuple):
    """A line of the packages layer."""

    key: str
    name: str
    version: str
    installer: str
    flags: frozenset[str]
    source: str

    @property
    def origin(self) -> str:
        """The text in brackets, in a fixed order."""
        return ", ".join(filter(None, (self.installer, *sorted(self.flags), self.source)))


def parse_conda(group: str, line: str) -> CondaRecord:
    """Return the parts of ``name-version-build.ext#digest`` under its channel's folder."""
    file, _, digest = line.partition("#")
    stem, archive = file, ""
    for extension in (".conda", ".tar.bz2"):
        if file.endswith(extension):
            stem, archive = file[: -len(extension)], extension
    name, version, build = ([*stem.rsplit("-", 2), "", ""])[:3]
    channel = group.rpartition("/")[0] or group
    return CondaRecord(normalise(name), name, version, build, channel, digest, archive)


def parse_distribution(line: str) -> Distribution:
    """Return the parts of ``name==version [installer, flag, source]``.

    A line of another form is a package whose name is the whole line: it can still be seen to be
    there or not.
    """
    match = _DISTRIBUTION.fullmatch(line)
    if match is None:
        return Distribution(line, line, "", "", frozenset(), "")
    installer, *rest = (match["origin"] or "").split(", ")
    # The source may hold commas: it begins at the first address and ends the line
    start = next((index for index, item in enumerate(rest) if "://" in item), len(rest))
    flags, source = frozenset(rest[:start]), ", ".join(rest[start:])
    name, version = match["name"], match["version"] or ""
    return Distribution(normalise(name), name, version, installer, flags, source)
