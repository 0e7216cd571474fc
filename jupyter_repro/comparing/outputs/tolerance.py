"""How far apart two printed numbers may be, and where the tolerance is set.

A printed number stands for all the numbers that are rounded to it. Two printed numbers are the same
if the numbers behind them can be within the tolerance, unless rounding is an unlikely reason: see
`ROUNDING`.

Besides rtol and atol, a difference of one in the last digit is allowed. But 0.91 and 0.92 differ by
one in the last digit too. Noise of a relative size of 1e-5 changes the last of two digits in one
case in a thousand, so rounding is not a likely reason there; the limit is one in a hundred. Beyond
it a number is different, with the note that more digits would decide. Integers are counts and are
compared exactly unless you state a tolerance. ``1`` and ``1.0`` are different types.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_repro.comparing.environments.policy import RESEARCH, load_policy
from jupyter_repro.settings import find_table

ROUNDING = 100
"""Last digits that differ by one are put down to rounding where the digit's place is at most so
many times the tolerance. Where it is more, noise within the tolerance would move the last digit in
less than one case in a hundred: 0.91 and 0.92 are then two results."""

MAX_RTOL = 1.0
MAX_ATOL = 1e300
"""A notebook is a stranger's input, and rtol=1e9 would make anything hold."""


@dataclass(frozen=True)
class Tolerance:
    """``abs(new - stored) <= atol + rtol * abs(stored)``, as in `numpy.isclose`.

    Parameters
    ----------
    rtol, atol
        Not negative.
    integers
        Whether it also applies to integers. By default these are compared exactly, because a
        printed integer is a count; a tolerance that you state applies to all numbers.
    source
        Where it was set, in words; empty for the default.
    """

    rtol: float = 1e-5
    atol: float = 0.0
    integers: bool = False
    source: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether no difference at all is allowed."""
        return self.rtol == 0 and self.atol == 0

    def allows(self, stored: float, new: float, unit: float) -> bool:
        """Return whether two printed numbers are close.

        Parameters
        ----------
        unit
            The value of one in the last printed digit, of the number with more digits; 0 if they
            were not rounded.
        """
        if math.isnan(stored) or math.isnan(new):
            return math.isnan(stored) and math.isnan(new)
        if math.isinf(stored) or math.isinf(new):
            return stored == new
        allowed = self.atol + self.rtol * abs(stored)
        if unit <= ROUNDING * allowed:
            allowed += unit
        # Decimal fractions are not exact in binary: 0.3 - 0.2 is a little less than 0.1
        return abs(new - stored) <= allowed * (1 + 1e-9) or new == stored


DEFAULT = Tolerance()
EXACT = Tolerance(rtol=0.0, source="--strict")


def project_tolerance(folder: Path, recorded: str | None = None) -> Tolerance:
    """Return the tolerance of the project, else that of the policy.

    Parameters
    ----------
    folder
        Where to look for ``[tool.jupyter_repro.tolerance]``.
    recorded
        The policy that the notebook has recorded.

    Raises
    ------
    UsageError
        If the table is not valid; the message names the file.
    """
    policy = load_policy(None, folder, recorded)
    found = find_table(folder)
    wanted = policy.tolerance
    if found is not None and "tolerance" in found[1]:
        return Tolerance(rtol=wanted.rtol, atol=wanted.atol, integers=True, source=found[0])
    source = "" if wanted == RESEARCH.tolerance else policy.name
    return Tolerance(rtol=wanted.rtol, atol=wanted.atol, source=source)


def tolerance_of_cell(metadata: Mapping[str, Any], base: Tolerance) -> tuple[Tolerance, str | None]:
    """Return the tolerance in a cell's metadata, and what is wrong with them, if anything.

    Parameters
    ----------
    metadata
        ``jupyter_repro`` of the cell, not trusted.
    base
        The tolerance for what they leave out.
    """
    values = {key: _number(key, metadata[key]) for key in ("rtol", "atol") if key in metadata}
    for key, value in values.items():
        if value is None:
            return base, f"its metadata's {key} is ignored: {describe_limits(key)}"
    return (replace(base, **_said(values, "the cell")) if values else base), None


def with_options(base: Tolerance, rtol: float | None, atol: float | None) -> Tolerance:
    """Return the tolerance with the options of the command line."""
    values = {key: value for key, value in (("rtol", rtol), ("atol", atol)) if value is not None}
    return replace(base, **_said(values, "the command line")) if values else base


def _said(values: Mapping[str, float | None], source: str) -> dict[str, Any]:
    return {**values, "integers": True, "source": source}


def _number(key: str, value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= limit_of(key) else None


def limit_of(key: str) -> float:
    """Return the largest value of ``rtol`` or ``atol``."""
    return MAX_RTOL if key == "rtol" else MAX_ATOL


def describe_limits(key: str) -> str:
    """Return a sentence on what ``rtol`` or ``atol`` may be."""
    return f"{key} must be a number from 0 to {limit_of(key):g}."
