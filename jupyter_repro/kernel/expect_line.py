"""The words after ``%repro expect``: ``name=expression …`` and a tolerance, read into one value."""

from __future__ import annotations

import re
from typing import NamedTuple

from jupyter_repro.errors import UsageError
from jupyter_repro.kernel.arguments import KEYS_OF


class Expectation(NamedTuple):
    """What ``%repro expect`` was told: name → expression, and the tolerance as it was written."""

    expressions: dict[str, str]
    tolerance: dict[str, float]


def asks_expect(line: str) -> bool:
    """Tell whether the words after `%repro` record results."""
    return line.split(maxsplit=1)[:1] == ["expect"]


def parse_expect(line: str) -> Expectation:
    """Read the words after `%repro`, the first of which is ``expect``.

    An expression ends where the next ``name=`` begins, outside of brackets and quotation marks.

    Raises
    ------
    UsageError
        If there is no expression, or something that is neither.

    Examples
    --------
    >>> parse_expect("expect loss=loss best=max(h, key=len) rtol=1e-3")
    Expectation(expressions={'loss': 'loss', 'best': 'max(h, key=len)'}, tolerance={'rtol': 0.001})
    """
    text = line.split(maxsplit=1)[1].strip() if len(line.split(maxsplit=1)) > 1 else ""
    starts = [found for found in _NAMED_VALUE.finditer(text) if _is_outside(text, found.start())]
    if not starts or text[: starts[0].start()].strip():
        reason = (
            f"%repro expect takes results by name, not {text[:60]!r}: "
            "%repro expect loss=loss accuracy=hits / total rtol=1e-3"
        )
        raise UsageError(reason)
    ends = [*(found.start() for found in starts[1:]), len(text)]
    expressions: dict[str, str] = {}
    tolerance: dict[str, float] = {}
    for found, end in zip(starts, ends, strict=True):
        name, value = found[1], text[found.end() : end].strip()
        if name in expressions or name in tolerance:
            reason = f"%repro expect got {name} twice."
            raise UsageError(reason)
        if not value:
            reason = f"%repro expect got no value for {name}: {name}=…"
            raise UsageError(reason)
        if name in KEYS_OF["expect"]:
            tolerance[name] = _tolerance(name, value)
        else:
            expressions[name] = value
    if not expressions:
        reason = "%repro expect got a tolerance, but no result: %repro expect loss=loss rtol=1e-3"
        raise UsageError(reason)
    return Expectation(expressions, tolerance)


_NAMED_VALUE = re.compile(r"(?<!\S)([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*")


def _is_outside(text: str, end: int) -> bool:
    """Tell whether a place in a line is outside of brackets and quotation marks."""
    depth, quote, at = 0, "", 0
    while at < end:
        char = text[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        else:
            depth += (char in "([{") - (char in ")]}")
        at += 1
    return depth == 0 and not quote


def _tolerance(key: str, value: str) -> float:
    try:
        return int(value) if key == "ulp" else float(value)
    except ValueError:
        reason = f"%repro expect {key}={value!r}: it is a number, such as {key}={_NUMBERS[key]}."
        raise UsageError(reason) from None


_NUMBERS = {"rtol": "1e-3", "atol": "1e-8", "ulp": "4"}
