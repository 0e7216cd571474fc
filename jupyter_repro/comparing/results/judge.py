"""Judge the results of a notebook: which hold, which do not, which were not run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from jupyter_repro.comparing.results.merge import shown
from jupyter_repro.comparing.results.tolerance import Judgement, compare_parts
from jupyter_repro.model.results import OUTCOMES, Outcome, Result, Tolerance


class Judged(NamedTuple):
    """A named result and how it compares with its reference.

    Parameters
    ----------
    outcome, why
        See `tolerance.Judgement`. If the result was not run, `why` gives the outcome and the value
        that were recorded last.
    reference, current
        The two values, as they are shown; `current` is None if it was not run.
    tolerance
        The tolerance that applied.
    cell
        Id of the cell that records it.
    last, last_value
        The outcome and the value that were recorded last, by whichever run.
    """

    name: str
    outcome: Outcome
    why: str
    reference: str
    current: str | None
    tolerance: Tolerance
    cell: str | None
    last: Outcome
    last_value: str

    @property
    def fails(self) -> bool:
        """Whether it is outside its tolerance, now or when it was last recorded.

        A failure stands until the result is run again or accepted. An earlier success proves
        nothing about this run.
        """
        return "different" in (self.outcome, self.last if self.outcome == "not run" else None)


def judge_results(
    results: Mapping[str, Result], default: Tolerance, run: Collection[str] | None = None
) -> list[Judged]:
    """Compare the last value of each result with its reference.

    Parameters
    ----------
    results
        The results in a notebook's document.
    default
        The policy's tolerance, for results without one.
    run
        Names of the results that the run gave; None to judge the recorded values.

    Returns
    -------
    list of Judged
        The worst first, then by name.
    """
    judged = []
    for name, result in results.items():
        tolerance = tolerance_of(result, default)
        found = last = compare_parts(name, result.parts, result.latest or result.parts, tolerance)
        value = shown(result.latest or result.parts)
        current: str | None = value
        if run is not None and name not in run:
            found = Judgement("not run", _when_recorded(result, name, last.outcome, value))
            current = None
        judged.append(
            Judged(
                name,
                found.outcome,
                found.why,
                shown(result.parts),
                current,
                tolerance,
                result.cell,
                last.outcome,
                value,
            )
        )
    return sorted(judged, key=lambda one: (OUTCOMES.index(one.outcome), one.name))


def _when_recorded(result: Result, name: str, outcome: Outcome, value: str) -> str:
    """Return the last recorded outcome of a result that was not run, with its date.

    The date shows that this is not its present state.
    """
    seen = [moment.created for moment in result.history if moment.value == value]
    when = f", first seen {seen[-1][:10]} {seen[-1][11:16]} UTC" if seen else ""
    return f"{name} was not run. When it was last recorded it was {outcome}: {value}{when}."


def tolerance_of(result: Result, default: Tolerance) -> Tolerance:
    """Return the tolerance that applies: the result's own, a calibrated one or the policy's."""
    if result.tolerance is not None:
        return result.tolerance
    calibrated = result.noise.tolerance if result.noise else None
    return default if calibrated is None else calibrated


def render_judged(judged: Sequence[Judged]) -> str:
    """Return a line for each result: its outcome, its name, and what differs."""
    lines = []
    width = max((len(one.outcome) for one in judged), default=0)
    for one in judged:
        told = one.why or f"{one.name} = {one.current}"
        if one.outcome == "identical":
            told = f"{one.name} = {one.current}"
        lines.append(f"{one.outcome:<{width}}  {told}")
    return "\n".join(lines)
