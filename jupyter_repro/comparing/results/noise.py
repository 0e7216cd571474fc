"""How much results vary without a change: from run to run, and from seed to seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

from jupyter_repro.comparing.results.fingerprint import largest_difference, number_text
from jupyter_repro.comparing.results.merge import shown
from jupyter_repro.comparing.results.tolerance import numbers_in
from jupyter_repro.model.results import Noise, Part, Tolerance

_MARGIN = 2.0


def measure_noise(
    same_seed: Sequence[Mapping[str, list[Part]]], other_seeds: Sequence[Mapping[str, list[Part]]]
) -> dict[str, Noise]:
    """Return the noise of each result that all runs gave.

    Parameters
    ----------
    same_seed
        Name → result, for each run with the notebook's own seed: these differ because of the
        machine.
    other_seeds
        The same for runs with other seeds: they show how much a result depends on chance.

    Returns
    -------
    dict
        Name → noise. A distance is the largest between any two runs, over all numbers of a result;
        for arrays recorded as a fingerprint it is an upper bound. It is left out if more than
        numbers differ.
    """
    runs = [*same_seed, *other_seeds]
    names = [name for name in runs[0] if all(name in run for run in runs)] if runs else []
    return {
        name: _noise([run[name] for run in same_seed], [run[name] for run in other_seeds])
        for name in names
    }


def _noise(same: list[list[Part]], others: list[list[Part]]) -> Noise:
    machine = _largest_distance(same)
    spread = _largest_distance([*same[:1], *others]) if others else None
    values = [value for parts in [*same, *others] if (value := _single(parts)) is not None]
    proposed = None
    if machine:
        proposed = Tolerance(atol=_rounded_up(_MARGIN * machine))
    return Noise(
        runs=len(same),
        seeds=len(others),
        same_seed=None if machine is None else number_text(machine),
        other_seeds=None if spread is None else number_text(spread),
        low=number_text(min(values)) if values and others else None,
        high=number_text(max(values)) if values and others else None,
        tolerance=proposed,
    )


def _largest_distance(values: list[list[Part]]) -> float | None:
    if len(values) < 2:
        return None
    distances = [_distance(*pair) for pair in combinations(values, 2)]
    known = [distance for distance in distances if distance is not None]
    return max(known) if len(known) == len(distances) else None


def _distance(first: list[Part], second: list[Part]) -> float | None:
    """Return how far two values are apart; None if no finite number describes it."""
    if [(part.path, part.type) for part in first] != [(part.path, part.type) for part in second]:
        return None
    largest = 0.0
    for one, other in zip(first, second, strict=True):
        apart = _part_distance(one, other)
        if apart is None or not math.isfinite(apart):
            return None
        largest = max(largest, apart)
    return largest


def _part_distance(one: Part, other: Part) -> float | None:
    if one == other:
        return 0.0
    if one.statistics and other.statistics:
        if one.statistics.odd != other.statistics.odd:
            return None
        return largest_difference(one.statistics, other.statistics)
    before, after = numbers_in(one), numbers_in(other)
    if before is None or after is None or len(before) != len(after):
        return None
    pairs = zip(before, after, strict=True)
    return max((abs(b - a) for a, b in pairs if not (math.isnan(a) and math.isnan(b))), default=0.0)


def _single(parts: list[Part]) -> float | None:
    numbers = numbers_in(parts[0]) if len(parts) == 1 else None
    return numbers[0] if numbers and len(numbers) == 1 and math.isfinite(numbers[0]) else None


def _rounded_up(number: float) -> float:
    """Return a number rounded up to one digit."""
    if not math.isfinite(number) or number <= 0:
        return 0.0
    step = 10.0 ** math.floor(math.log10(number))
    return float(f"{math.ceil(number / step) * step:.1e}")


def render_noise(name: str, parts: list[Part], noise: Noise) -> str:
    """Return the noise of one result as lines of text."""
    lines = [f"{name} = {shown(parts)}"]
    if noise.same_seed is None:
        lines.append(f"  same seed, {noise.runs} runs: what differs is more than numbers")
    elif float(noise.same_seed) == 0:
        lines.append(f"  same seed, {noise.runs} runs: identical")
    else:
        lines.append(f"  same seed, {noise.runs} runs: apart by at most {_short(noise.same_seed)}")
    if noise.seeds and noise.other_seeds is not None:
        band = f", from {_short(noise.low)} to {_short(noise.high)}" if noise.low else ""
        lines.append(
            f"  {noise.seeds} other seeds: apart by at most {_short(noise.other_seeds)}{band}"
        )
    if noise.tolerance is not None:
        lines.append(f"  proposed: %repro expect {name}=… atol={noise.tolerance.atol:g}")
    return "\n".join(lines)


def _short(number: str | None) -> str:
    return f"{float(number or 'nan'):.6g}"
