"""Results as a JUnit file, which continuous integration shows.

https://github.com/testmoapp/junitxml describes what such services read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias
from xml.etree import ElementTree as ET

from jupyter_repro.redact import printable

Outcome: TypeAlias = Literal["passed", "failed", "skipped", "error"]

_ELEMENTS = {"failed": "failure", "skipped": "skipped", "error": "error"}


class Case(NamedTuple):
    """One thing that was checked; `message` says why it did not pass."""

    name: str
    outcome: Outcome
    message: str = ""


class Suite(NamedTuple):
    """The cases of one notebook."""

    name: str
    cases: Sequence[Case]
    seconds: float | None = None


def junit(suites: Sequence[Suite]) -> bytes:
    """Return the XML of some suites."""
    root = ET.Element("testsuites", {"name": "jupyter_repro", **_counts(suites)})
    for suite in suites:
        element = ET.SubElement(
            root, "testsuite", {"name": printable(suite.name), **_counts([suite])}
        )
        if suite.seconds is not None:
            element.set("time", f"{suite.seconds:.3f}")
        for case in suite.cases:
            one = ET.SubElement(
                element, "testcase", name=printable(case.name), classname=printable(suite.name)
            )
            if case.outcome != "passed":
                ET.SubElement(one, _ELEMENTS[case.outcome], message=printable(case.message, 2_000))
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _counts(suites: Sequence[Suite]) -> dict[str, str]:
    outcomes = [case.outcome for suite in suites for case in suite.cases]
    return {
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count("failed")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
    }
