"""The list of findings: one a place, counted, bounded."""

from __future__ import annotations

from jupyter_repro.run_findings import MAX_FINDINGS, RunFinding, RunFindings


def finding(line: int, kind: str = "unseeded-generator") -> RunFinding:
    return RunFinding(kind=kind, what="what", advice="advice", file="file.py", line=line)


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
    findings.add(RunFinding(kind="k", what="x" * 10_000, advice="y" * 10_000))
    assert {len(found.what) for found in findings.all()} == {500}
