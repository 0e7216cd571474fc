"""Parse TOML that a stranger may have written: what would take minutes is refused before.

The parser of the standard library ends deep nesting in a `RecursionError`, and a key of n parts
costs it n² steps and more. So how deep the brackets go, and how many parts a key has, is counted
before, in one pass. Within the limits its time grows with the length alone: a second for
`MAX_CONFIG` bytes of the worst that we found.

Python cannot stop a parser that is running: a thread cannot be ended, a signal would interfere with
the user's own, and a process would cost 30 ms at each question.
"""

from __future__ import annotations

import re
import sys
from typing import Any

MAX_CONFIG = 250_000
"""Bytes of a file that a project or a tool is configured by. Real ones have some 10 kB."""

MAX_DEPTH = 64
"""How deep arrays and inline tables may be nested. Four is much."""

MAX_PARTS = 32
"""How many parts a key may have: ``[tool.jupyter_repro.severity]`` has three."""

# Texts and comments, so that what is left is TOML's own. Each alternative begins with another
# character and ends at the latest with the file: nothing is tried twice
_OPAQUE = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*(?:""")?"{0,2}'
    r"|'''(?:[^']|'(?!''))*(?:''')?'{0,2}"
    r'|"(?:[^"\\\n]|\\[^\n])*"?'
    r"|'[^'\n]*'?"
    r"|#[^\n]*",
    re.DOTALL,
)
_BRACKET = re.compile(r"[\[\]{}]")
_BETWEEN_KEYS = re.compile(r"[=,\n\[\]{}]")


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Raises
    ------
    ValueError
        If it is none, or is nested deeper than `MAX_DEPTH`, or a key has more than `MAX_PARTS`
        parts.
    """
    _require_flat(_OPAQUE.sub("_", text))
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def _require_flat(bare: str) -> None:
    depth = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            reason = f"it is nested deeper than {MAX_DEPTH} levels"
            raise ValueError(reason)
    for between in _BETWEEN_KEYS.split(bare):
        if between.count(".") >= MAX_PARTS:
            reason = f"a key has more than {MAX_PARTS} parts"
            raise ValueError(reason)
