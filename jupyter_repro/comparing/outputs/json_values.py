"""Compare JSON by value: plots as data, geometries, records."""

from __future__ import annotations

import base64
import binascii
import math
import struct
from dataclasses import dataclass, field
from typing import Any

from jupyter_repro.comparing.outputs.text import (
    Terms,
    compare_text,
    describe_noise,
    quoted,
    relative,
)
from jupyter_repro.comparing.outputs.verdict import IDENTICAL, Outcome, apart_from
from jupyter_repro.safety.text import printable

MAX_DEPTH = 60

# How Plotly packs arrays: little-endian, by NumPy's short names
_PACKED = {"f8": "d", "f4": "f", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I"}


@dataclass
class _Comparison:
    """One comparison: its terms, the differences within the tolerance, what was left out."""

    terms: Terms
    sizes: list[float] = field(default_factory=list)
    left_out: dict[str, None] = field(default_factory=dict)


def compare_json(stored: object, new: object, terms: Terms) -> Outcome:
    """Compare two decoded JSON values; numbers within the tolerance, texts as texts."""
    try:
        if stored == new and repr(stored) == repr(new):  # 1 == 1.0 == True
            return IDENTICAL
    except RecursionError:
        return Outcome("not comparable", "JSON that is nested too deeply")
    comparison = _Comparison(terms)
    different = _difference(comparison, "", stored, new, 0)
    if different:
        return Outcome("different", different)
    left_out = tuple(comparison.left_out)
    if not comparison.sizes:
        return (
            apart_from(left_out) if left_out else Outcome("identical", "but for the order of keys")
        )
    apart = len(comparison.sizes)
    noise = describe_noise(comparison.sizes, apart) if apart > 1 else "one number differs a little"
    return Outcome("within tolerance", noise, max(comparison.sizes), left_out)


def _difference(
    comparison: _Comparison, where: str, stored: object, new: object, depth: int
) -> str | None:
    """Return the first difference in words; collect the sizes of those within the tolerance."""
    if depth > MAX_DEPTH:
        return f"{where} is nested too deeply"
    stored, new = _unpacked(stored), _unpacked(new)
    if isinstance(stored, bool) or isinstance(new, bool) or stored is None or new is None:
        return None if stored is new else _differ(where, stored, new)
    if isinstance(stored, (int, float)) and isinstance(new, (int, float)):
        return _number(comparison, where, stored, new)
    if isinstance(stored, str) and isinstance(new, str):
        outcome = compare_text(stored, new, comparison.terms)
        comparison.left_out |= dict.fromkeys(outcome.left_out)
        if outcome.status == "within tolerance":
            comparison.sizes.append(outcome.size)
        return f"{where or 'the text'}: {outcome.why}" if outcome.status == "different" else None
    return _inside(comparison, where, stored, new, depth)


def _inside(
    comparison: _Comparison, where: str, stored: object, new: object, depth: int
) -> str | None:
    parts: list[tuple[str, Any, Any]]
    if isinstance(stored, list) and isinstance(new, list):
        if len(stored) != len(new):
            return f"{where or 'the list'} has {len(new)} items, stored {len(stored)}"
        parts = [(f"{where}[{at}]", *pair) for at, pair in enumerate(zip(stored, new, strict=True))]
    elif isinstance(stored, dict) and isinstance(new, dict):
        if stored.keys() != new.keys():
            keys = ", ".join(quoted(str(key)) for key in sorted(stored.keys() ^ new.keys())[:3])
            return f"{where or 'the object'} has other keys: {keys}"
        parts = [(f"{where}.{printable(key, 40)}"[-200:], stored[key], new[key]) for key in stored]
    else:
        return _differ(where, stored, new)
    found = (_difference(comparison, *part, depth + 1) for part in parts)
    return next((different for different in found if different), None)


def _number(comparison: _Comparison, where: str, stored: float, new: float) -> str | None:
    tolerance = comparison.terms.tolerance
    if stored == new and type(stored) is type(new):
        return None
    both_integers = isinstance(stored, int) and isinstance(new, int)
    if type(stored) is not type(new) and stored == new and not tolerance.integers:
        return None  # JavaScript writes 1.0 as 1
    if both_integers and not tolerance.integers:
        return _differ(where, stored, new)
    try:
        one, other = float(stored), float(new)
    except OverflowError:
        return _differ(where, stored, new)
    if not tolerance.allows(one, other, 0.0):
        return _differ(where, stored, new)
    if not (math.isnan(one) and math.isnan(other)):
        comparison.sizes.append(relative(one, other))
    return None


def _differ(where: str, stored: object, new: object) -> str:
    return f"{where or 'the value'} is {quoted(str(new))}, stored {quoted(str(stored))}"


def _unpacked(value: object) -> object:
    """Return an array that Plotly packed as base64 as a list, and other values unchanged."""
    if not isinstance(value, dict) or not {"dtype", "bdata"} <= value.keys():
        return value
    code = _PACKED.get(str(value["dtype"]))
    if code is None or not isinstance(value["bdata"], str):
        return value
    try:
        data = base64.b64decode(value["bdata"], validate=True)
        return list(struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data))
    except (binascii.Error, struct.error, ValueError):
        return value
