"""JUnit's XML, as continuous integration servers read it.

Of ``verify`` each notebook is a suite and each code cell a case.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET  # only to write: nothing is parsed
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.comparing.outputs.verdict import HOLDING
from jupyter_repro.safety.report_text import for_report
from jupyter_repro.safety.text import printable


@dataclass(frozen=True, kw_only=True)
class Case:
    """One test.

    Parameters
    ----------
    name, message
        May come from a stranger: characters that XML does not allow are removed.
    outcome
        ``failure`` does not hold; ``error`` could not be checked.
    """

    name: str
    outcome: Literal["passed", "failure", "error", "skipped"] = "passed"
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """Tests that belong together."""

    name: str
    cases: Sequence[Case]
    seconds: float = 0.0


def _text(text: str, limit: int = 500) -> str:
    # XML has no escape for these two (https://www.w3.org/TR/xml/#charsets); one of them would make
    # the whole report unreadable
    return printable(text, limit).translate({0xFFFE: " ", 0xFFFF: " "})


def render(suites: Sequence[Suite]) -> bytes:
    """Return the XML of some suites."""
    root = ET.Element("testsuites")
    for suite in suites:
        name = _text(suite.name)
        element = ET.SubElement(root, "testsuite", name=name, time=f"{suite.seconds:.3f}")
        element.set("tests", str(len(suite.cases)))
        for kind, attribute in (("failure", "failures"), ("error", "errors")):
            element.set(attribute, str(sum(case.outcome == kind for case in suite.cases)))
        element.set("skipped", str(sum(case.outcome == "skipped" for case in suite.cases)))
        for case in suite.cases:
            inner = ET.SubElement(
                element, "testcase", classname=name, name=_text(case.name), time="0"
            )
            if case.outcome != "passed":
                message = _text(for_report(case.message, 2_000), 2_000)
                ET.SubElement(inner, case.outcome, message=message)
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def to_junit(results: Sequence[Result]) -> bytes:
    """Return the XML. What could not be checked is an error in it, never skipped or passed."""
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
