from __future__ import annotations

from xml.etree import ElementTree as ET

from jupyter_repro.headless.junit import Case, Suite, junit


def test_what_a_service_reads() -> None:
    data = junit(
        [
            Suite("a.ipynb", [Case("x", "passed"), Case("y", "failed", "gone")], seconds=1.5),
            Suite(
                "<b>&.ipynb",
                [Case("z\x00\x1b", "skipped", "no & <answer>"), Case("w", "error", "e")],
            ),
        ]
    )
    root = ET.fromstring(data)
    assert root.attrib == {
        "name": "jupyter_repro",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    first, second = root
    assert first.get("time") == "1.500"
    assert second.get("name") == "<b>&.ipynb"
    assert [
        (case.get("name"), [(one.tag, one.get("message")) for one in case])
        for case in root.iter("testcase")
    ] == [
        ("x", []),
        ("y", [("failure", "gone")]),
        ("z", [("skipped", "no & <answer>")]),
        ("w", [("error", "e")]),
    ]
