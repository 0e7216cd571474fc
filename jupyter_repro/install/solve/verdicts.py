"""The results of `solve` as data: a verdict for each package and notebook, and the checks."""

from __future__ import annotations

from collections import Counter
from typing import Literal, TypeAlias

from msgspec import Struct

from jupyter_repro.install.solve.ladder import RUNGS, SAME_FILE, Rung

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
        What would be installed instead, if that is a different file.
    reason
        A sentence without its full stop; empty if it is available as recorded.
    """

    part: Literal["conda", "python"]
    package: str
    verdict: Verdict
    reason: str = ""
    candidate: str | None = None
    nearest: tuple[str, ...] = ()


SUMMARIES = frozenset(["listed", "index"])
"""Checks that sum up the verdicts on the packages; the others have separate results."""


class Check(Struct, frozen=True, kw_only=True):
    """One check, the cheapest first."""

    name: str
    outcome: Outcome
    text: str

    @property
    def is_decisive(self) -> bool:
        """Whether it fails, regardless of the individual packages."""
        return self.outcome == "does not hold" and self.name not in SUMMARIES


class NotebookVerdict(Struct, frozen=True, kw_only=True):
    """One notebook.

    Parameters
    ----------
    verdict
        The lowest rung that was found; ``not checked`` if everything that could be checked is
        exact, and something could not be checked.
    remarks
        Useful facts that change no verdict.
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
        """The number of packages per verdict, the best one first."""
        found = Counter(one.verdict for one in self.packages)
        return {verdict: found[verdict] for verdict in VERDICTS if found[verdict]}


def overall(packages: tuple[PackageVerdict, ...], checks: tuple[Check, ...]) -> Verdict:
    """Return the verdict on a notebook.

    A decisive check means that the available packages cannot be installed together.
    """
    if any(check.is_decisive for check in checks):
        return "not installable"
    rungs = [one.verdict for one in packages if one.verdict != "not checked"]
    worst: Verdict = max(rungs, key=VERDICTS.index, default="exact")
    is_open = len(rungs) < len(packages) or any(one.outcome == "not checked" for one in checks)
    return "not checked" if is_open and worst in SAME_FILE else worst


def fails(verdict: Verdict, fail_on: Rung) -> bool:
    """Return whether a verdict is on the rung that fails, or below it."""
    return verdict != "not checked" and RUNGS.index(verdict) >= RUNGS.index(fail_on)
