"""Compare two snapshots: what differs, how much it weighs, and the verdict on each layer.

Three steps, each with plain data: `list_changes` lists the differences, a policy weighs them, and
the verdicts follow from the weights. What could not be compared is always reported.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from jupyter_repro.comparing.environments.advice import explain
from jupyter_repro.comparing.environments.changes import Change, impact
from jupyter_repro.comparing.environments.kinds import VERSION_KINDS
from jupyter_repro.comparing.environments.layers import Comparison, list_changes
from jupyter_repro.comparing.environments.policy import Policy
from jupyter_repro.model.report import SEVERITIES, Finding, LayerReport, Report, Severity, Verdict
from jupyter_repro.model.snapshot import LAYER_TITLES, Snapshot
from jupyter_repro.model.verdicts import VERDICT_LOOKS
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count

_WORST_FIRST: tuple[Verdict, ...] = ("mismatch", "drift", "not comparable", "match", "not checked")
_VERDICT_OF: dict[Severity, Verdict] = {"error": "mismatch", "warning": "drift", "note": "match"}


def compare(reference: Snapshot, current: Snapshot, policy: Policy) -> Report:
    """Compare a snapshot with the reference.

    Parameters
    ----------
    reference
        What was recorded.
    current
        What is here now.
    policy
        The weights of differences, see `jupyter_repro.comparing.environments.policy.load_policy`.

    Returns
    -------
    Report
        Its findings are worst first: by severity, then by how likely they change numbers. One
        cause gives one finding. If neither snapshot records what the notebook imports, only the
        frameworks count as used.
    """
    comparison = list_changes(reference, current)
    findings, ignored = _weigh(comparison.changes, policy, current.layers.core.manager)
    layers = _layer_reports(comparison, findings)
    verdict = min((report.verdict for report in layers.values()), key=_WORST_FIRST.index)
    report = Report(
        verdict=verdict,
        summary="",
        policy=policy.name,
        reference_digest=reference.digest,
        current_digest=current.digest,
        layers=layers,
        findings=findings,
        ignored=ignored,
        imported=_imported(reference, current),
    )
    return msgspec.structs.replace(report, summary=_summary(report))


def _weigh(changes: list[Change], policy: Policy, manager: str | None) -> tuple[list[Finding], int]:
    """Return the findings, worst first, and how many changes the policy ignores."""
    weighed = []
    for change in changes:
        severity = policy.severity(change.kind, used=change.used)
        if severity is not None:
            weighed.append((severity, change))
    weighed.sort(
        key=lambda pair: (
            SEVERITIES.index(pair[0]),
            impact(pair[1]),
            pair[1].subject.casefold(),
            pair[1].layer,
        )
    )
    findings = [_finding(severity, change, manager) for severity, change in weighed]
    return findings, len(changes) - len(weighed)


def _finding(severity: Severity, change: Change, manager: str | None) -> Finding:
    why, action = explain(change, manager)
    return Finding(
        kind=change.kind,
        layer=change.layer,
        subject=printable(change.subject),
        reference=None if change.reference is None else printable(change.reference, 1_000),
        current=None if change.current is None else printable(change.current, 1_000),
        severity=severity,
        used=change.used,
        why=printable(why, 1_000),
        action=printable(action, 1_000),
    )


def _layer_reports(comparison: Comparison, findings: list[Finding]) -> dict[str, LayerReport]:
    worst: dict[str, Verdict] = {}
    for finding in findings:  # worst first
        worst.setdefault(finding.layer, _VERDICT_OF[finding.severity])
    names = [*LAYER_TITLES, *sorted((comparison.remarks | comparison.undecided).keys())]
    reports = {}
    for name in dict.fromkeys(names):
        verdict, undecided = worst.get(name), comparison.undecided.get(name)
        if undecided is None:
            reason = comparison.remarks.get(name)
            reports[name] = LayerReport(verdict=verdict or "match", reason=reason)
        elif verdict is None or verdict == "match":
            reports[name] = undecided
        else:
            reports[name] = LayerReport(verdict=verdict, reason=undecided.reason)
    return reports


def _summary(report: Report) -> str:
    told = differences_text(report)
    if not told and report.verdict == "match":
        told = "no differences"
    parts = filter(None, (told, ignored_text(report), unchecked_text(report)))
    look = VERDICT_LOOKS[report.verdict]
    rest = "; ".join(parts).removeprefix(f"{look.word}: ") or "nothing is on both sides"
    text = printable(f"{look.heading}: {rest}.", 700)
    return f"{text} {report.imported}".rstrip()


def differences_text(report: Report) -> str:
    """Return how many differences there are of each severity, and the worst; empty for none."""
    counts = Counter(finding.severity for finding in report.findings)
    numbers = [count(counts[severity], severity) for severity in SEVERITIES if counts[severity]]
    text = ", ".join(numbers)
    if report.findings and report.findings[0].severity != "note":
        text += f"; worst: {_headline(report.findings[0])}"
    return text


def ignored_text(report: Report) -> str:
    """Return how many differences the policy ignores, in words; empty for none."""
    return f"{count(report.ignored, 'difference')} ignored by the policy" if report.ignored else ""


def unchecked_text(report: Report) -> str:
    """Return the layers that were not compared, in words; empty for none."""
    parts = []
    states: tuple[Verdict, ...] = ("not checked", "not comparable")
    for state in states:
        names = [
            LAYER_TITLES.get(name, name)
            for name, layer in report.layers.items()
            if layer.state == state
        ]
        if names:
            parts.append(f"{VERDICT_LOOKS[state].word}: {', '.join(names)}")
    return "; ".join(parts)


def _imported(reference: Snapshot, current: Snapshot) -> str:
    """Return a sentence for each side that was imported from a file."""
    told = [
        f"{what} was imported from {side.imported.format}: what the file omits is not checked."
        for what, side in (("The reference", reference), ("The other side", current))
        if side.imported
    ]
    return " ".join(told)


def _headline(finding: Finding) -> str:
    values = [
        (value.partition(" ")[0] if finding.kind in VERSION_KINDS else value)[:80]
        if value is not None
        else "none"
        for value in (finding.reference, finding.current)
    ]
    if finding.kind == "package-missing":
        return f"{finding.subject[:80]} is missing"
    return f"{finding.subject[:80]} {values[0]} → {values[1]}"
