"""The order of conda's versions, which have more forms than Python's (``1.1.1w``, ``2024a``).

A version is split at its dots, and each part into numbers and words. A word comes before a number,
``dev`` before any word and ``post`` after any number; what is missing counts as zero. For the
rules, see https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html#package-match-specifications
and the class ``VersionOrder`` in conda's ``conda/models/version.py``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from math import inf
from typing import NamedTuple, TypeAlias

Item: TypeAlias = int | float | str
Parts: TypeAlias = tuple[tuple[Item, ...], ...]

_VERSION = re.compile(r"(?:([0-9]+)!)?([0-9a-z_.]+)(?:\+([0-9a-z_.]+))?")
_ITEM = re.compile(r"[0-9]+|[^0-9]+")
# Capital letters come before small ones and the underscore
_WORDS: dict[str, Item] = {"post": inf, "dev": "DEV"}
# Larger numbers are no versions, and slow to convert
_LONGEST = 200


class CondaVersion(NamedTuple):
    """A version: the epoch and what follows, and its local label."""

    public: Parts
    local: Parts


def parse_conda_version(text: str) -> CondaVersion | None:
    """Return a version, or None for a text that conda would refuse."""
    text = text.strip().lower()
    if "-" in text and "_" not in text:
        text = text.replace("-", "_")
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    epoch, public, local = found.groups()
    parts, label = _split(public), _split(local) if local else ()
    if parts is None or label is None:
        return None
    return CondaVersion(((int(epoch or 0),), *parts), label)


def _split(text: str) -> Parts | None:
    # An underscore at the end belongs to the last part: `1.1.1_` comes before `1.1.1`
    parts = text.removesuffix("_").replace("_", ".").split(".")
    if text.endswith("_"):
        parts[-1] += "_"
    if not all(parts):
        return None
    return tuple(_items(part) for part in parts)


def _items(part: str) -> tuple[Item, ...]:
    items = [_item(text) for text in _ITEM.findall(part)]
    # Numbers stand against numbers: a part that begins with a word gets a zero
    return tuple(items if part[0].isdigit() else [0, *items])


def _item(text: str) -> Item:
    if text.isdigit():
        return int(text)
    return _WORDS.get(text, text)


def compare_conda_versions(left: CondaVersion, right: CondaVersion) -> int:
    """Return -1, 0 or 1, as the left version is smaller, equal or larger."""
    return _compare(left.public, right.public) or _compare(left.local, right.local)


def _compare(left: Parts, right: Parts) -> int:
    for mine, yours in zip_longest(left, right, fillvalue=()):
        for one, other in zip_longest(mine, yours, fillvalue=0):
            if one == other:
                continue
            if isinstance(one, str) and isinstance(other, str):
                return -1 if one < other else 1
            if isinstance(one, str) or isinstance(other, str):
                return -1 if isinstance(one, str) else 1
            return -1 if one < other else 1
    return 0


def starts_with(version: CondaVersion, start: CondaVersion) -> bool:
    """Return whether a version has the parts of another one, and perhaps more."""
    if start.local:
        return not _compare(version.public, start.public) and _begins(version.local, start.local)
    return _begins(version.public, start.public)


def _begins(parts: Parts, start: Parts) -> bool:
    last = len(start) - 1
    if _compare(parts[:last], start[:last]):
        return False
    mine, yours = _at(parts, last, ()), start[last]
    end = len(yours) - 1
    if _compare((mine[:end],), (yours[:end],)):
        return False
    one, other = (mine[end] if end < len(mine) else 0), yours[end]
    if isinstance(other, str):
        return isinstance(one, str) and one.startswith(other)
    return one == other


def _at(
    parts: Sequence[tuple[Item, ...]], index: int, default: tuple[Item, ...]
) -> tuple[Item, ...]:
    return parts[index] if index < len(parts) else default
