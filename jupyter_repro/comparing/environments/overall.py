"""The verdict on a notebook: on its environment and on its named results, decided in one place.

Every place that shows a verdict shows this one: the panel, the badge, the card, the command line.

No front end uses only the report on the environment, so two places cannot give two verdicts. A
result that the kernel or the run did not give is *not run*, so the notebook does not match: an
earlier success proves nothing about this run. A recorded failure stands until the result is run
again or accepted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jupyter_repro.comparing.environments.compare import (
    differences_text,
    ignored_text,
    unchecked_text,
)
from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.model.report import Overall, OverallVerdict, Report
from jupyter_repro.model.verdicts import VERDICT_LOOKS
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count


class Verdicts(NamedTuple):
    """The verdicts on a notebook: on each part, and on the whole.

    Parameters
    ----------
    report
        The report on the environment.
    overall
        The verdict on the whole notebook.
    judged
        The named results, the worst first.
    """

    report: Report
    overall: Overall
    judged: Sequence[Judged] = ()

    @property
    def is_all_well(self) -> bool:
        """Whether there is nothing to report."""
        return self.overall.verdict == "match" and not self.report.findings


_WORST_FIRST: tuple[OverallVerdict, ...] = (
    "mismatch",
    "drift",
    "not comparable",
    "not run",
    "not checked",
    "match",
)
_NAMED = 3
_LONGEST = 60


def judge_overall(report: Report, judged: Sequence[Judged]) -> Overall:
    """Return the verdict on a notebook.

    Parameters
    ----------
    report
        The report on the environment.
    judged
        The named results; empty if the notebook has recorded none.

    Returns
    -------
    Overall
        A result outside its tolerance is a mismatch, whatever the environment; so is a result that
        was not run here and was outside when it was last recorded. If any result was not run, the
        notebook does not match.
    """
    failing = [one for one in judged if one.fails]
    return Overall(
        verdict=min(report.verdict, _results_verdict(judged), key=_WORST_FIRST.index),
        summary=_summary(report, judged),
        differences=len(report.findings) + len(failing),
    )


def of_environment(report: Report) -> Verdicts:
    """Return the verdicts if only the environment is compared."""
    return Verdicts(report, judge_overall(report, ()))


def _results_verdict(judged: Sequence[Judged]) -> OverallVerdict:
    if any(one.fails for one in judged):
        return "mismatch"
    outcomes = {one.outcome for one in judged}
    if "not comparable" in outcomes:
        return "not comparable"
    return "not run" if "not run" in outcomes else "match"


def _summary(report: Report, judged: Sequence[Judged]) -> str:
    environment = f"Environment {VERDICT_LOOKS[report.verdict].word}"
    differences = differences_text(report)
    if differences:
        environment += f": {printable(differences, 300)}"
    parts = (
        environment,
        printable(results_text(judged), 350),
        ignored_text(report),
        printable(unchecked_text(report), 200),
    )
    text = f"{'; '.join(filter(None, parts))}."
    return printable(f"{text} {report.imported}".rstrip(), 1_000)


def results_text(judged: Sequence[Judged]) -> str:
    """Return a summary of the named results, in words, without a full stop."""
    told = []
    different = [one for one in judged if one.outcome == "different"]
    if different:
        told.append(f"{_count(different, judged, 'differs', 'differ')}: {_values(different)}")
    unclear = [one for one in judged if one.outcome == "not comparable"]
    if unclear:
        names = _listed([one.name for one in unclear])
        told.append(f"{_count(unclear, judged, 'cannot', 'cannot')} be compared: {names}")
    unrun = [one for one in judged if one.outcome == "not run"]
    if unrun:
        told.append(_count(unrun, judged, "was not run", "were not run"))
    stale = [one for one in unrun if one.fails]
    if stale:
        told.append(f"outside the tolerance when last recorded: {_values(stale)}")
    if judged and not told:
        told.append(_count(judged, judged, "holds", "hold"))
    return "; ".join(told)


def _count(some: Sequence[Judged], everything: Sequence[Judged], one: str, many: str) -> str:
    return f"{len(some)} of {count(len(everything), 'result')} {one if len(some) == 1 else many}"


def _values(judged: Sequence[Judged]) -> str:
    return _listed(
        [
            f"{one.name} {printable(one.last_value, _LONGEST)}, "
            f"recorded {printable(one.reference, _LONGEST)}"
            for one in judged
        ]
    )


def _listed(texts: Sequence[str]) -> str:
    more = [f"{len(texts) - _NAMED} more"] if len(texts) > _NAMED else []
    return " and ".join([", ".join(texts[:_NAMED]), *more])
