"""How deep decoded JSON is nested, found without recursion.

Versions of Python differ in how deep they compare, copy and write a value before they give up, and
some give up with an error in the middle. So a limit of our own comes first.
"""

from __future__ import annotations

MAX_DEPTH = 300
"""Levels of a notebook that is run: Python's own limits begin at about 480."""


def is_deeper(value: object, limit: int = MAX_DEPTH) -> bool:
    """Return whether lists and objects in a decoded JSON value are nested deeper than a limit."""
    level: list[object] = [value]
    for _ in range(limit):
        level = [
            inner
            for one in level
            if isinstance(one, (list, dict))
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (list, dict))
        ]
        if not level:
            return False
    return True
