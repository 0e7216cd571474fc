from __future__ import annotations

from xml.etree import ElementTree as ET

from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_repro.cli.reports.junit import Case, Suite, render


def test_what_a_service_reads() -> None:
    strange = [
        Case(name="z\x00\x1b", outcome="skipped", message="no & <answer>"),
        Case(name="w", outcome="error", message="e"),
    ]
    plain = [Case(name="x"), Case(name="y", outcome="failure", message="gone")]
    first, second = ET.fromstring(
        render(
            [
                Suite(name="a.ipynb", cases=plain, seconds=1.5),
                Suite(name="<b>&.ipynb", cases=strange),
            ]
        )
    )
    counts = ("tests", "failures", "errors", "skipped", "time")
    assert [first.get(count) for count in counts] == ["2", "1", "0", "0", "1.500"]
    assert [second.get(count) for count in counts] == ["2", "0", "1", "1", "0.000"]
    assert second.get("name") == "<b>&.ipynb"
    assert [
        (case.get("name"), [(one.tag, one.get("message")) for one in case])
        for suite in (first, second)
        for case in suite
    ] == [
        ("x", []),
        ("y", [("failure", "gone")]),
        ("z", [("skipped", "no & <answer>")]),
        ("w", [("error", "e")]),
    ]


@example("\ufffe\uffff\ud800\x0b")
@given(st.text(max_size=40))
def test_every_text_gives_xml(text: str) -> None:
    case = Case(name=text, outcome="failure", message=text)
    (suite,) = ET.fromstring(render([Suite(name=text, cases=[case])]))
    assert len(suite) == 1
