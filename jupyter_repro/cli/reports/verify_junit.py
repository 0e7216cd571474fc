"""The result of ``verify`` as JUnit: a suite a notebook, a case a code cell."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_repro.cli.reports.junit import Case, Suite, render
from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.comparing.outputs.verdict import HOLDING


def to_junit(results: Sequence[Result]) -> bytes:
    """Return the XML. What could not be checked is an error there, never skipped or passed."""
    return render([_suite(result) for result in results])


def _suite(result: Result) -> Suite:
    cases = [_case(f"cell {cell.cell}", cell.status, cell.why) for cell in result.cells]
    cases += [_case(f"result {one.name}", one.outcome, one.why) for one in result.judged]
    if result.error:
        cases = [Case(name="run", outcome="error", message=result.error)]
    elif result.score is None:
        cases.append(Case(name="notebook", outcome="error", message=result.summary))
    return Suite(name=result.name, cases=cases, seconds=result.seconds)


def _case(name: str, status: str, why: str) -> Case:
    if status in HOLDING or status == "no output":
        return Case(name=name)
    if status == "left out":
        return Case(name=name, outcome="skipped", message=why)
    message = f"{status}: {why}"
    return Case(name=name, outcome="failure" if status == "different" else "error", message=message)
