"""Compare two texts: the words exactly, the numbers with a tolerance.

A difference in white space is within the tolerance: the layout of a table or an array follows the
width of its contents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import zip_longest

from jupyter_repro.comparing.outputs.masks import as_shown, is_nothing_else, kinds_in, mask
from jupyter_repro.comparing.outputs.spellings import align
from jupyter_repro.comparing.outputs.timestamps import Window, mask_moments
from jupyter_repro.comparing.outputs.tokens import Token, tokens_of
from jupyter_repro.comparing.outputs.tolerance import DEFAULT, Tolerance
from jupyter_repro.comparing.outputs.verdict import IDENTICAL, Outcome, apart_from
from jupyter_repro.safety.text import printable

MAX_TEXT = 5_000_000
"""Characters; a longer text is compared exactly only."""

SHOWN = 60
"""Characters of a line that are quoted."""

SMALL = 1e-6
"""Two numbers that are both smaller may be rounding noise alone."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms on which outputs are compared.

    Parameters
    ----------
    tolerance
        The tolerance for numbers.
    window
        When the new outputs were made; with None no timestamps are masked.
    """

    tolerance: Tolerance = DEFAULT
    window: Window | None = None


def compare_text(stored: str, new: str, terms: Terms) -> Outcome:
    """Compare two texts after masking what differs in every run."""
    if stored == new:
        return IDENTICAL
    stored, new = as_shown(stored), as_shown(new)
    if terms.window is not None:
        # First, because a mask for durations would take the time of day out of a moment
        stored, new = mask_moments(stored, new, terms.window)
    stored, new = mask(stored), mask(new)
    if stored == new:
        return apart_from(kinds_in(new), is_empty=is_nothing_else(new))
    if max(len(stored), len(new)) > MAX_TEXT:
        return Outcome("not comparable", f"a text of {max(len(stored), len(new))} characters")
    stored, new = align(stored, new)
    if stored == new:
        return Outcome("identical", "but for how versions of libraries print it")
    if terms.tolerance.is_exact:
        return Outcome("different", _first_line(stored, new))
    return replace(_compare_tokens(stored, new, terms.tolerance), left_out=kinds_in(new))


def _compare_tokens(stored: str, new: str, tolerance: Tolerance) -> Outcome:
    old = [token for token in tokens_of(stored) if token.kind != "space"]
    now = [token for token in tokens_of(new) if token.kind != "space"]
    unequal: list[tuple[Token, Token]] = []
    for one, other in zip_longest(old, now):
        if one is None or other is None or one.kind != other.kind:
            return Outcome("different", _quote(stored, new, one, other))
        if one.text == other.text:
            continue
        if one.kind == "word" or not _are_close(one, other, tolerance):
            return Outcome("different", _quote(stored, new, one, other) + _hint(one, other))
        unequal.append((one, other))
    if not unequal:
        return Outcome("within tolerance", "only white space differs")
    sizes = [relative(one.value, other.value) for one, other in unequal]
    numbers = sum(token.kind == "number" for token in old)
    return Outcome("within tolerance", describe_noise(sizes, numbers), max(sizes))


def _are_close(stored: Token, new: Token, tolerance: Tolerance) -> bool:
    integers = stored.is_integer, new.is_integer
    if all(integers):
        exact = not tolerance.integers
        return int_of(stored) == int_of(new) if exact else _allows(stored, new, tolerance)
    if any(integers) and stored.value == new.value:
        return False  # the same number of a different type: %g would have printed the same text
    return _allows(stored, new, tolerance)


def int_of(token: Token) -> int | None:
    """Return the integer of a token; None if it has more digits than Python reads."""
    try:
        return int(token.text.replace(",", ""))
    except ValueError:
        return None


def _allows(stored: Token, new: Token, tolerance: Tolerance) -> bool:
    units = [unit for unit in (stored.unit, new.unit) if unit]
    return tolerance.allows(stored.value, new.value, min(units, default=0.0))


def _hint(stored: Token, new: Token) -> str:
    """Return the possible reason why two numbers differ; empty if it is not known."""
    if stored.kind != "number" or new.kind != "number":
        return ""
    if stored.is_integer != new.is_integer and stored.value == new.value:
        return ": a different type of number"
    apart = abs(stored.value - new.value)
    units = [unit for unit in (stored.unit, new.unit) if unit]
    if apart > 0 and max(abs(stored.value), abs(new.value)) < SMALL:
        return ": numbers this small may be rounding noise, which needs an atol"
    if units and apart <= min(min(units) * 1.001, abs(stored.value) / 20):
        return ": one in the last printed digit; more digits would tell rounding from a change"
    return ""


def describe_noise(sizes: list[float], numbers: int) -> str:
    """Return in words by how much the numbers within the tolerance differ.

    Parameters
    ----------
    sizes
        The relative sizes of the differences.
    numbers
        How many numbers there are in all.
    """
    apart = [size for size in sizes if size]
    if not apart:
        return "the same numbers, printed differently"
    if numbers == 1:
        return f"the number differs by {apart[0]:.1e} of its size"
    verb = "differs" if len(apart) == 1 else "differ"
    return f"{len(apart)} of {numbers} numbers {verb}, by up to {max(apart):.1e} of the size"


def relative(stored: float, new: float) -> float:
    """Return how far apart two numbers are, relative to the larger one."""
    if stored == new or math.isnan(stored):
        return 0.0
    return abs(stored - new) / max(abs(stored), abs(new))


def _quote(stored: str, new: str, one: Token | None, other: Token | None) -> str:
    old_line, _ = _line_at(stored, len(stored) if one is None else one.start)
    new_line, number = _line_at(new, len(new) if other is None else other.start)
    where = f"line {number}: " if "\n" in new.strip() else ""
    if one is None:
        return f"{where}{new_line} is more than what is stored"
    if other is None:
        return f"{where}{old_line} is stored, and missing now"
    if old_line == new_line:
        return f"{where}{quoted(other.text)}, stored {quoted(one.text)}"
    return f"{where}{new_line}, stored {old_line}"


def _line_at(text: str, start: int) -> tuple[str, int]:
    """Return the line around a place, shortened and quoted, and its number."""
    begin = text.rfind("\n", 0, start) + 1
    end = text.find("\n", start)
    line = text[begin : len(text) if end < 0 else end]
    place = start - begin
    if len(line) > SHOWN and place > SHOWN // 2:
        line = "…" + line[place - SHOWN // 2 :]
    return quoted(line.strip()), text.count("\n", 0, begin) + 1


def _first_line(stored: str, new: str) -> str:
    old, now = stored.splitlines(), new.splitlines()
    for number, (one, other) in enumerate(zip_longest(old, now, fillvalue=""), 1):
        if one != other:
            where = f"line {number}: " if len(now) > 1 else ""
            return f"{where}{quoted(other)}, stored {quoted(one)}"
    return "other line ends"


def quoted(text: str) -> str:
    """Return a stranger's text in a form that is safe inside a sentence."""
    return f'"{printable(text, SHOWN)}"'
