"""Versions that a cell prints: where only these differ, the environment does, and no result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from jupyter_repro.safety.text import printable

MAX_LINES = 2_000
"""A longer output is no list of versions that a person prints."""

_VERSION = re.compile(r"(?<![\w.])v?[0-9]+(?:\.[0-9]+){1,4}(?:[a-z][a-z0-9.]{0,20})?(?:\+[\w.]+)?")
# Without such a word, 0.91 is a result
_SPEAKS_OF_VERSIONS = re.compile(
    r"version|watermark|\b(?:pip|conda|mamba|uv)\s+(?:list|freeze|show)|collect_env", re.IGNORECASE
)


class PrintedVersion(NamedTuple):
    """A version that a cell printed in both runs: the words around it, the old and the new one."""

    label: str
    stored: str
    new: str


class PrintedVersions(NamedTuple):
    """The versions that a cell prints differently, and whether nothing else in it differs."""

    changed: Sequence[PrintedVersion] = ()
    is_all: bool = False


def changed_versions(stored: str, new: str, source: str) -> PrintedVersions:
    """Return the versions that two runs of a cell print differently.

    Parameters
    ----------
    stored, new
        What the cell printed in the two runs.
    source
        Of the cell: it shows whether a number is a version.
    """
    old, now = stored.splitlines(), new.splitlines()
    if len(old) != len(now) or len(old) > MAX_LINES:
        return PrintedVersions()
    by_source = _SPEAKS_OF_VERSIONS.search(source) is not None
    changed: list[PrintedVersion] = []
    is_all = True
    for one, other in zip(old, now, strict=True):
        if one.split() == other.split():
            continue
        found = _on_line(one, other) if by_source or _SPEAKS_OF_VERSIONS.search(one) else []
        changed += found
        is_all = is_all and bool(found)
    return PrintedVersions(changed, bool(changed) and is_all)


def _on_line(stored: str, new: str) -> list[PrintedVersion]:
    """Return what differs in a line if that is only versions."""
    old, now = _VERSION.findall(stored), _VERSION.findall(new)
    words = [_VERSION.sub(" ", line).split() for line in (stored, new)]
    if words[0] != words[1] or len(old) != len(now):
        return []
    label = printable(" ".join(words[0]).strip(" :='\"()"), 60)
    return [
        PrintedVersion(label, one, other)
        for one, other in zip(old, now, strict=True)
        if one != other
    ]
