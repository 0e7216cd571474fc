"""The named results of one process: the recorded values, and those of this run."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime, timezone
from typing import Literal, NamedTuple

from msgspec.structs import replace

from jupyter_repro.comparing.results.judge import Judged, judge_results, tolerance_of
from jupyter_repro.comparing.results.merge import accept_results, merge_results, shown
from jupyter_repro.comparing.results.tolerance import compare_parts
from jupyter_repro.comparing.results.values import parts_of
from jupyter_repro.errors import UsageError
from jupyter_repro.model.results import MAX_RESULTS, Outcome, Result, RunResult, Tolerance

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")


class Expected(NamedTuple):
    """How a named result compares with the recorded one.

    Parameters
    ----------
    outcome
        ``recorded`` the first time.
    why
        What differs, as a sentence; empty if nothing does.
    value
        The value in the form in which it is shown.
    """

    name: str
    outcome: Outcome | Literal["recorded"]
    why: str
    value: str

    def __repr__(self) -> str:
        why = f". {self.why}" if self.why else ""
        return f"expect {self.name} = {self.value}: {self.outcome}{why}"

    def __bool__(self) -> bool:
        """Return whether the result holds: ``assert expect("loss", loss)``."""
        return self.outcome in {"recorded", "identical", "within tolerance"}


class Expectations:
    """The results of one process.

    Attributes
    ----------
    reference : dict
        Name → the recorded result; if there is none, the first one of this process.
    run : dict
        Name → the latest result of this process.
    """

    def __init__(self) -> None:
        self.reference: dict[str, Result] = {}
        self.run: dict[str, RunResult] = {}
        self._is_news = False

    def expect(
        self,
        name: str,
        value: object,
        *,
        tolerance: Tolerance | None,
        default: Tolerance,
        cell: str | None,
    ) -> Expected:
        """Record a result, and compare it with the recorded one.

        Parameters
        ----------
        tolerance, default
            The tolerance of this result, and the policy's for results without one.
        cell
            Id of the cell that is running.

        Raises
        ------
        UsageError
            If the name is not valid or the value cannot be recorded; then nothing is recorded.
        """
        if not _NAME.fullmatch(name):
            reason = (
                f"{name[:80]!r} is no name for a result: it takes letters, digits, dots, hyphens "
                "and underscores, at most 64 of them, and begins with a letter."
            )
            raise UsageError(reason)
        if len(self.run) >= MAX_RESULTS and name not in self.run:
            reason = f"{name} is one result too many: a notebook keeps {MAX_RESULTS} of them."
            raise UsageError(reason)
        parts = parts_of(name, value)
        self.run[name] = RunResult(parts=parts, created=_now(), cell=cell, tolerance=tolerance)
        self._is_news = True
        told = shown(parts)
        known = self.reference.get(name)
        if known is None:
            self.reference[name] = Result(parts=parts, cell=cell, tolerance=tolerance)
            return Expected(name, "recorded", "", told)
        # The tolerance in the code now, which will be recorded, and not the earlier one
        chosen = tolerance_of(replace(known, tolerance=tolerance), default)
        found = compare_parts(name, known.parts, parts, chosen)
        return Expected(name, found.outcome, found.why, told)

    def accept(self, env: str) -> None:
        """Make the results of this process the reference."""
        self.reference = accept_results(merge_results(self.reference, self.run, env))
        self._is_news = True

    def take_news(self) -> bool:
        """Return whether there is a new result since the last call."""
        news, self._is_news = self._is_news, False
        return news

    def judged(self, default: Tolerance) -> list[Judged]:
        """Return how the results of this process compare with the reference, the worst first.

        A result that this process did not give is *not run*, whatever is recorded of it.
        """
        return judge_run(self.reference, self.run, default)

    def of_cells(self, cells: Collection[str] | None) -> Mapping[str, RunResult]:
        """Return the results of some cells; None stands for all cells."""
        if cells is None:
            return self.run
        return {name: one for name, one in self.run.items() if one.cell in (None, *cells)}

    def clear(self) -> None:
        """Forget the results of this process, but keep the reference."""
        self.run.clear()


def judge_run(
    reference: Mapping[str, Result], run: Mapping[str, RunResult], default: Tolerance
) -> list[Judged]:
    """Return how a run's results compare with the recorded ones, the worst first.

    Parameters
    ----------
    reference
        The recorded results. Results of the run under other names are left out.
    run
        The results of the run; a recorded result that is missing here is *not run*.
    default
        The policy's tolerance.
    """
    known = {name: result for name, result in run.items() if name in reference}
    # The digest of the environment goes only into the history, which is not stored here
    return judge_results(merge_results(reference, known, "0" * 12), default, run=known)


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
