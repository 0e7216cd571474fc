"""The named results of one process: what it expects, and what it got."""

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
    """What became of a named result.

    Parameters
    ----------
    outcome
        ``recorded`` the first time.
    why
        What differs, as a sentence; empty where nothing does.
    value
        As it is shown.
    """

    name: str
    outcome: Outcome | Literal["recorded"]
    why: str
    value: str

    def __repr__(self) -> str:
        why = f". {self.why}" if self.why else ""
        return f"expect {self.name} = {self.value}: {self.outcome}{why}"

    def __bool__(self) -> bool:
        """Say whether it holds: ``assert expect("loss", loss)``."""
        return self.outcome in {"recorded", "identical", "within tolerance"}


class Expectations:
    """The results of one process.

    Attributes
    ----------
    reference : dict
        What the notebook has recorded, by name; else what this process gave first.
    run : dict
        What this process has given, by name.
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
        """Record a result, and compare it with what the notebook has recorded.

        Parameters
        ----------
        tolerance, default
            Of this result, and that of the policy for results that have none.
        cell
            Id of the cell that is running.

        Raises
        ------
        UsageError
            For a name that is none, or a value that cannot be recorded; nothing is recorded then.
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
        # As it will be recorded: what the code says now, not what it said then
        chosen = tolerance_of(replace(known, tolerance=tolerance), default)
        found = compare_parts(name, known.parts, parts, chosen)
        return Expected(name, found.outcome, found.why, told)

    def accept(self, env: str) -> None:
        """Make what came the reference."""
        self.reference = accept_results(merge_results(self.reference, self.run, env))
        self._is_news = True

    def take_news(self) -> bool:
        """Return whether a result has come since this was last asked."""
        news, self._is_news = self._is_news, False
        return news

    def judged(self, default: Tolerance) -> list[Judged]:
        """Return how what came compares with what is to be expected, the worst first.

        What did not come is not run, whatever is recorded of it.
        """
        return judge_run(self.reference, self.run, default)

    def of_cells(self, cells: Collection[str] | None) -> Mapping[str, RunResult]:
        """Return what came from some cells; None is all of them."""
        if cells is None:
            return self.run
        return {name: one for name, one in self.run.items() if one.cell in (None, *cells)}

    def clear(self) -> None:
        """Forget what came, but not what is to be expected."""
        self.run.clear()


def judge_run(
    reference: Mapping[str, Result], run: Mapping[str, RunResult], default: Tolerance
) -> list[Judged]:
    """Return how a run's results compare with the recorded ones, the worst first.

    Parameters
    ----------
    reference
        What is recorded. What the run gave under other names is left out.
    run
        What the run gave; what it did not give is not run.
    default
        The policy's tolerance.
    """
    known = {name: result for name, result in run.items() if name in reference}
    # The environment is only noted beside the value, which nobody stores here
    return judge_results(merge_results(reference, known, "0" * 12), default, run=known)


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
