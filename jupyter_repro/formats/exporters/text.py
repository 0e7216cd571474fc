"""Write values and comments that no YAML, TOML or JSON reader can misinterpret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jupyter_repro.safety.text import printable

_REASONS = 3
_QUOTABLE = re.compile(r"[ !#-\[\]-~]+")


def quoted(value: str) -> str:
    """Return a value of a strict ASCII grammar in double quotes.

    PyYAML writes ``1e3`` and ``0o17`` without quotes, and a YAML 1.2 reader parses them as
    numbers.
    """
    assert is_quotable(value), value
    return f'"{value}"'


def is_quotable(value: str) -> bool:
    """Return whether a value is printable ASCII without quotes and backslashes."""
    return _QUOTABLE.fullmatch(value) is not None


def comment(text: str, indent: str = "") -> str:
    """Return a text as one line that begins with ``#``, even if it has line breaks."""
    return f"{indent}# {plain(text)}"


def plain(text: str) -> str:
    """Return a text as one line of ASCII; PyYAML refuses some characters even in a comment."""
    return printable(text, 1_200).encode("ascii", "backslashreplace").decode()


def joined(lines: Iterable[str]) -> str:
    """Return lines as the text of a file."""
    return "\n".join(lines) + "\n"


def comments_note(remarks: list[str]) -> Iterator[str]:
    """Yield the sentence on the entries that are comments: the first ones, by reason."""
    by_reason: dict[str, list[str]] = {}
    for remark in remarks:
        what, _, why = remark.partition(": ")
        by_reason.setdefault(why, []).append(what)
    told = [f"{some(what)}: {why}" for why, what in by_reason.items()]
    if remarks:
        more = " …" if len(told) > _REASONS else ""
        yield f"Comments, not entries, for {len(remarks)}: {'; '.join(told[:_REASONS])}{more}"


def some(names: Iterable[str], limit: int = 5) -> str:
    """Return the first names of a list for use in a sentence: ``a, b and 3 more``."""
    every = list(names)
    told = ", ".join(plain(name) for name in every[:limit])
    return f"{told} and {len(every) - limit} more" if len(every) > limit else told


def counted(number: int, thing: str) -> str:
    """Return a number with its thing: ``1 package``, ``2 packages``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
