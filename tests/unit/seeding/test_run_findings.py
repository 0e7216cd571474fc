"""The list of findings: one a place, counted, bounded."""

from __future__ import annotations

from jupyter_repro.model.findings import RunFinding
from jupyter_repro.seeding.findings import MAX_FINDINGS, RunFindings


def finding(line: int, kind: str = "unseeded-generator") -> RunFinding:
    return RunFinding(
        kind=kind, severity="note", what="what", advice="advice", file="file.py", line=line
    )


def test_the_same_place_is_counted() -> None:
    findings = RunFindings()
    for line in (1, 2, 1):
        findings.add(finding(line))
    findings.add(finding(1, kind="other"))
    assert findings.seen_again("unseeded-generator", "file.py", 1)
    assert not findings.seen_again("unseeded-generator", "file.py", 3)
    assert [(found.kind, found.line, found.count) for found in findings.all()] == [
        ("unseeded-generator", 1, 3),
        ("unseeded-generator", 2, 1),
        ("other", 1, 1),
    ]


def test_the_list_is_bounded_and_says_so() -> None:
    findings = RunFindings()
    for line in range(MAX_FINDINGS + 5):
        findings.add(finding(line))
    findings.add(finding(0))
    assert len(findings.all()) == MAX_FINDINGS
    assert findings.omitted == 5
    assert findings.all()[0].count == 2
    findings.clear()
    assert (findings.all(), findings.omitted) == ([], 0)


def test_a_finding_can_be_taken_back() -> None:
    findings = RunFindings()
    findings.add(finding(1))
    findings.add(finding(1))
    findings.take_back("unseeded-generator", "file.py", 1)
    assert [found.count for found in findings.all()] == [1]
    findings.take_back("unseeded-generator", "file.py", 1)
    findings.take_back("unseeded-generator", "file.py", 1)
    assert findings.all() == []


def test_texts_are_cut() -> None:
    findings = RunFindings()
    findings.add(RunFinding(kind="k", severity="note", what="x" * 10_000, advice="y" * 10_000))
    assert {len(found.what) for found in findings.all()} == {500}


def test_a_cell_that_runs_again_starts_anew_except_for_what_lasts() -> None:
    findings = RunFindings()
    for kind in ("unseeded-generator", "flag-changed"):
        for cell in ("a", "b"):
            findings.add(
                RunFinding(kind=kind, severity="note", what="", advice="", cell=cell), cell
            )
    before = findings.changes
    findings.forget_cell("a")
    assert findings.changes == before + 1
    assert [(found.kind, found.cell) for found in findings.all()] == [
        ("unseeded-generator", "b"),
        ("flag-changed", "a"),
        ("flag-changed", "b"),
    ]


def test_subjects_tell_findings_of_one_place_apart() -> None:
    findings = RunFindings()
    findings.add(finding(1), "one")
    findings.add(finding(1), "two")
    findings.add(finding(1), "two")
    assert [found.count for found in findings.all()] == [1, 2]
    findings.replace(
        RunFinding(
            kind="unseeded-generator",
            severity="warning",
            what="more",
            advice="",
            file="file.py",
            line=1,
        ),
        "two",
    )
    findings.replace(finding(9))
    assert [(found.what, found.count) for found in findings.all()] == [("what", 1), ("more", 2)]
