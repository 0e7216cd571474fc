"""Rename what a library names anew in each run, so that both runs have the same names."""

from __future__ import annotations

import re

_ID = re.compile(r"""\bid\s*=\s*["']?([\w.:-]+)""")
# pandas' Styler uses its name as a prefix: T_8a1b4_row0_col0; scikit-learn numbers its diagrams
_PREFIXES = (
    (re.compile(r"\bT_[0-9a-f]{5,}"), "T_style"),
    (re.compile(r"\bsk-(container|estimator)-id-[0-9]+"), r"sk-\1-id"),
)
_NAME = re.compile(r"[\w.:-]+")


def rename(markup: str) -> str:
    """Return HTML or SVG with its ids, and the references to them, numbered in order."""
    for pattern, replacement in _PREFIXES:
        markup = pattern.sub(replacement, markup)
    names: dict[str, str] = {}
    for name in _ID.findall(markup):
        names.setdefault(name, f"id-{len(names) + 1}")
    if not names:
        return markup
    return _NAME.sub(lambda found: names.get(found[0], found[0]), markup)
