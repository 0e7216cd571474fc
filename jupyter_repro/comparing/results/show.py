"""Named results in the form in which a front end shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.comparing.results.tolerance import describe, numbers_in
from jupyter_repro.model.report import ResultCheck
from jupyter_repro.model.results import Result, Tolerance
from jupyter_repro.safety.text import printable


def check_results(results: Mapping[str, Result], judged: Sequence[Judged]) -> list[ResultCheck]:
    """Return what a front end shows of each result, in the order of `judged`.

    Parameters
    ----------
    results
        Name → the recorded result, for each of `judged`.
    """
    shown = []
    for one in judged:
        result = results[one.name]
        reference = reference_number(result)
        shown.append(
            ResultCheck(
                name=one.name,
                outcome=one.outcome,
                reference=one.reference,
                current=one.current or "",
                why=printable(one.why, 1_000),
                tolerance=describe(one.tolerance),
                cell=one.cell,
                fails=one.fails,
                values=[] if reference is None else history_numbers(result),
                band=[] if reference is None else tolerance_band(reference, one.tolerance),
            )
        )
    return shown


def tolerance_band(reference: float, tolerance: Tolerance) -> list[float]:
    """Return the ends of what a tolerance allows; nothing where it allows nothing or all."""
    allowed = tolerance.atol + tolerance.rtol * abs(reference)
    ends = [reference - allowed, reference + allowed]
    return ends if allowed and all(map(math.isfinite, ends)) else []


def reference_number(result: Result) -> float | None:
    """Return the reference if it is one finite number, else None."""
    numbers = numbers_in(result.parts[0]) if len(result.parts) == 1 else None
    if numbers is None or len(numbers) != 1:
        return None
    try:
        value = float(numbers[0])
    except OverflowError:
        return None
    return value if math.isfinite(value) else None


def history_numbers(result: Result) -> list[float]:
    """Return the finite numbers in the history of a result, the oldest first."""
    return [
        value for moment in result.history if (value := finite_number(moment.value)) is not None
    ]


def finite_number(text: str) -> float | None:
    """Return a text as a number if it is a finite one, else None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
