"""What `solve` finds out, as data: a verdict for each package and each notebook, and the checks."""

from __future__ import annotations

from collections import Counter
from typing import Literal, TypeAlias

from msgspec import Struct

from jupyter_repro.install.solve.ladder import RUNGS, Rung

Verdict: TypeAlias = Rung | Literal["not checked"]

VERDICTS: tuple[Verdict, ...] = (*RUNGS, "not checked")

Outcome: TypeAlias = Literal["holds", "does not hold", "not checked", "not asked"]


class PackageVerdict(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One recorded package.

    Parameters
    ----------
    package
        File name (conda) or requirement (Python).
    candidate
        What would be installed in its place, where that is another file.
    reason
        A sentence without its full stop; empty for what is there as it was.
    """

    part: Literal["conda", "python"]
    package: str
    verdict: Verdict
    reason: str = ""
    candidate: str | None = None
    nearest: tuple[str, ...] = ()


SUMMARIES = frozenset(["listed", "index"])
"""Checks that sum up the verdicts on the packages; the others tell something of their own."""


class Check(Struct, frozen=True, kw_only=True):
    """One question that was asked, the cheapest first."""

    name: str
    outcome: Outcome
    text: str

    @property
    def is_decisive(self) -> bool:
        """Whether it says no, whatever the packages are one by one."""
        return self.outcome == "does not hold" and self.name not in SUMMARIES


class NotebookVerdict(Struct, frozen=True, kw_only=True):
    """One notebook.

    Parameters
    ----------
    verdict
        The lowest rung that was found; ``not checked`` where everything that could be checked is
        exact, and something could not.
    remarks
        What is good to know and changes no verdict.
    """

    verdict: Verdict
    platform: str
    checks: tuple[Check, ...]
    packages: tuple[PackageVerdict, ...]
    remarks: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether something could not be checked."""
        return any(one.verdict == "not checked" for one in self.packages) or any(
            one.outcome == "not checked" for one in self.checks
        )

    @property
    def counts(self) -> dict[Verdict, int]:
        """How many packages have which verdict, the best one first."""
        found = Counter(one.verdict for one in self.packages)
        return {verdict: found[verdict] for verdict in VERDICTS if found[verdict]}


def overall(packages: tuple[PackageVerdict, ...], checks: tuple[Check, ...]) -> Verdict:
    """Return the verdict on a notebook.

    A decisive check means that what is there cannot be installed together.
    """
    if any(check.is_decisive for check in checks):
        return "not installable"
    rungs = [one.verdict for one in packages if one.verdict != "not checked"]
    worst: Verdict = max(rungs, key=VERDICTS.index, default="exact")
    is_open = len(rungs) < len(packages) or any(one.outcome == "not checked" for one in checks)
    return "not checked" if is_open and worst == "exact" else worst


def fails(verdict: Verdict, fail_on: Rung) -> bool:
    """Tell whether a verdict is on the rung that fails, or below it."""
    return verdict != "not checked" and RUNGS.index(verdict) >= RUNGS.index(fail_on)
