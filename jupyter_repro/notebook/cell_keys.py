"""Identify a cell by its source, if the front end sends no id, and detect that it was edited."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from hashlib import sha256

# Strings are kept, comments and white space are not
_PARTS = re.compile(
    r"""
    (?P<kept> (?P<quote>\"{3}|'{3}) (?:\\.|[^\\])*? (?P=quote)
            | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | \#[^\n]* | \s+
    """,
    re.VERBOSE | re.DOTALL,
)


class SourceKeys:
    """Keys of cells by source, with a counter for those whose source is the same.

    If the same source runs twice, it may be the same cell or a second one with equal source. We
    cannot distinguish the two, so the second run counts as a new cell with its own random numbers.
    """

    def __init__(self) -> None:
        self._seen = Counter[str]()

    def next(self, source: str) -> str:
        """Return the key of a cell that is about to run."""
        key = source_key(source)
        self._seen[key] += 1
        return f"source {key} {self._seen[key]}"


@lru_cache(maxsize=256)
def source_key(source: str) -> str:
    r"""Return a digest of a cell's source without its comments and white space.

    In other languages, too, what looks like a Python comment is left out. A tokenizer would take
    twenty times as long. A key that is too coarse is harmless, because `SourceKeys` counts.

    Examples
    --------
    >>> source_key("x=1") == source_key("# one\nx = 1  # two") != source_key("x='#'")
    True
    """
    text = _PARTS.sub(_kept, source)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def source_digest(source: str) -> str:
    r"""Return the digest of a cell's source that its stamp keeps: 12 hexadecimal digits.

    Every character counts, also in comments, but the kind of line end does not.

    Examples
    --------
    >>> source_digest("a\r\nb") == source_digest("a\nb") != source_digest("a\nb ")
    True
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _kept(found: re.Match[str]) -> str:
    return found["kept"] or ""
