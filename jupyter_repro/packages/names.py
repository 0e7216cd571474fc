"""Normalised names of packages, for comparisons."""

from __future__ import annotations

import re


def normalise(name: str) -> str:
    """Return the name of a distribution as PEP 503 normalises it."""
    clean = name.lower().replace("_", "-").replace(".", "-")
    return re.sub("--+", "-", clean) if "--" in clean else clean
