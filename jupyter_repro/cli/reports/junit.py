"""JUnit's XML, as continuous integration servers read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # only to write: nothing is parsed
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from jupyter_repro.safety.text import printable


@dataclass(frozen=True, kw_only=True)
class Case:
    """One test.

    Parameters
    ----------
    name, message
        Of strangers, perhaps: what XML does not allow is taken out.
    outcome
        ``failure`` does not hold, ``error`` could not be checked.
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


def render(suites: Sequence[Suite]) -> bytes:
    """Return the XML of some suites."""
    root = ET.Element("testsuites")
    for suite in suites:
        name = printable(suite.name)
        element = ET.SubElement(root, "testsuite", name=name, time=f"{suite.seconds:.3f}")
        element.set("tests", str(len(suite.cases)))
        for kind, attribute in (("failure", "failures"), ("error", "errors")):
            element.set(attribute, str(sum(case.outcome == kind for case in suite.cases)))
        element.set("skipped", str(sum(case.outcome == "skipped" for case in suite.cases)))
        for case in suite.cases:
            inner = ET.SubElement(
                element, "testcase", classname=name, name=printable(case.name), time="0"
            )
            if case.outcome != "passed":
                ET.SubElement(inner, case.outcome, message=printable(case.message, 2_000))
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"
