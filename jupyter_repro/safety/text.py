"""Which characters may be shown: one class, for every screen, terminal and export.

Notebook metadata may come from a stranger. A text of it may hold characters that steer a
terminal, reorder what you read, or hide in a name (https://unicode.org/reports/tr36/). These are
never shown: control characters, format characters, half surrogates and line separators, which are
Unicode's categories Cc, Cf, Cs, Zl and Zp.

Two format characters stay where they belong: Arabic and Indic scripts need ZERO WIDTH JOINER and
ZERO WIDTH NON-JOINER between two letters (https://unicode.org/reports/tr31/#Layout_and_Format_Control_Characters).

The ranges are written out, because the Unicode tables of Python and of a browser differ by version.
The front end's rule is generated from them: `python -m jupyter_repro.model.schema`, `jlpm schema`.

What a notebook may *store* is a different and older rule, `jupyter_repro.model.fields.PRINTABLE`:
it goes on accepting what version 0.1.0 wrote.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TypeAlias

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""First and last code points."""

HIDDEN: Ranges = (
    *((0x00, 0x1F), (0x7F, 0x9F)),  # controls
    (0xAD, 0xAD),  # soft hyphen
    *((0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD), (0x70F, 0x70F)),  # Arabic, Syriac
    *((0x890, 0x891), (0x8E2, 0x8E2), (0x180E, 0x180E)),  # Arabic, Mongolian
    *((0x200B, 0x200B), (0x200E, 0x200F)),  # zero width space, marks of direction
    *((0x2028, 0x202E), (0x2060, 0x206F)),  # separators, overrides and isolates of direction
    *((0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB)),  # surrogates, byte order mark
    *((0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x13430, 0x1343F)),  # Kaithi, hieroglyphs
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),  # shorthand, music
    *((0xE0001, 0xE0001), (0xE0020, 0xE007F)),  # tags
)
"""Never shown."""

JOINERS: Ranges = ((0x200C, 0x200D),)
"""Shown between two of `LETTERS` alone."""

LETTERS: Ranges = (
    *((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x5FF)),
    *((0x606, 0x61B), (0x61D, 0x6DC), (0x6DE, 0x70E), (0x710, 0x88F), (0x892, 0x8E1)),
    *((0x8E3, 0x180D), (0x180F, 0x1FFF), (0xA840, 0xABFF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFC)),
    *((0x10A00, 0x110BC), (0x110BE, 0x110CC), (0x110CE, 0x11FFF), (0x1E900, 0x1E95F)),
)
"""Letters and their marks, by blocks: Latin, and the scripts that need joiners."""

_JOINERS = "".join(chr(code) for first, last in JOINERS for code in range(first, last + 1))


def printable(text: str, limit: int = 500) -> str:
    """Return `text` on one line, with blanks for what is never shown, cut to `limit` characters.

    Examples
    --------
    >>> printable("one" + chr(10) + "two" + chr(0x202E) + "three")
    'one two three'
    """
    clean = visible(text).strip()
    if len(clean) <= limit:
        return clean
    # A joiner at the end has lost its second letter
    return clean[: limit - 1].rstrip().rstrip(_JOINERS) + "…"


def escaped(json_text: str) -> str:
    """Return JSON in which what is never shown is written as escapes.

    JSON may hold such characters as they are, but only inside of its strings.
    """
    return json_text if json_text.isprintable() else _never_shown().sub(_as_escapes, json_text)


def _as_escapes(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{high:02x}{low:02x}" for high, low in zip(*[iter(units)] * 2, strict=True))


def visible(text: str) -> str:
    """Return `text` with a blank for every run of characters that are never shown."""
    # Most texts need no cleaning, and `isprintable` says so ten times faster than a search: it
    # refuses all that is in `HIDDEN` and `JOINERS`, whichever Unicode version Python has
    return text if text.isprintable() else _never_shown().sub(" ", text)


@cache
def _never_shown() -> re.Pattern[str]:
    hidden, letters, joiners = map(_members, (HIDDEN, LETTERS, JOINERS))
    # Begins with one class of characters, which `re` finds quickly, and looks around afterwards
    one = rf"[{hidden}{joiners}](?:(?<![{joiners}])|(?<![{letters}][{joiners}])|(?![{letters}]))"
    return re.compile(f"{one}(?:{one})*")


def _members(ranges: Ranges) -> str:
    """Return ranges as the inside of a character class."""
    return "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in ranges)
