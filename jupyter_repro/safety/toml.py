"""Parse TOML that may come from a stranger, and refuse what would take minutes.

The standard library's parser raises `RecursionError` on deep nesting, and needs n² steps or more
for a key of n parts. So the depth of the brackets and the parts of each key are counted first, in
one pass. Within the limits the time grows only with the length: the worst text of `MAX_CONFIG`
bytes that we found takes a second.

We cannot stop a running parser instead: Python cannot end a thread, a signal would interfere with
your own, and a separate process would cost 30 ms each time.
"""

from __future__ import annotations

import re
import sys
from typing import Any

MAX_CONFIG = 250_000
"""Largest configuration file of a project or a tool, in bytes. Real ones have some 10 kB."""

MAX_DEPTH = 64
"""How deep arrays and inline tables may be nested. Real files rarely exceed four levels."""

MAX_PARTS = 32
"""How many parts a key may have: ``[tool.jupyter_repro.severity]`` has three."""

# Strings and comments: what is left without them is structure. Each alternative begins with a
# different character and ends at the latest with the file, so nothing is tried twice
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
        If it is not TOML, is nested deeper than `MAX_DEPTH`, or has a key of more than
        `MAX_PARTS` parts.
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
