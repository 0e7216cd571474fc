"""The result of ``verify`` as JUnit: a suite a notebook, a case a code cell."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_repro.cli.junit import Case, Suite, render
from jupyter_repro.cli.verified import Result
from jupyter_repro.outputs.verdict import HOLDING, CellVerdict


def to_junit(results: Sequence[Result]) -> bytes:
    """Return the XML. What could not be checked is an error there, never skipped or passed."""
    return render([_suite(result) for result in results])


def _suite(result: Result) -> Suite:
    cases = [_case(cell) for cell in result.cells]
    if result.error:
        cases = [Case(name="run", outcome="error", message=result.error)]
    elif not any(cell.status in HOLDING | {"different"} for cell in result.cells):
        cases.append(Case(name="notebook", outcome="error", message=result.summary))
    return Suite(name=result.name, cases=cases, seconds=result.seconds)


def _case(cell: CellVerdict) -> Case:
    name = f"cell {cell.cell}"
    if cell.status in HOLDING or cell.status == "no output":
        return Case(name=name)
    if cell.status == "left out":
        return Case(name=name, outcome="skipped", message=cell.why)
    message = f"{cell.status}: {cell.why}"
    if cell.status == "different":
        return Case(name=name, outcome="failure", message=message)
    return Case(name=name, outcome="error", message=message)
