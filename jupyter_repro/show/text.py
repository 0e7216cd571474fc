"""Snapshots and reports as plain text, for a kernel's output, a pipe and a bug report.

No colours and no terminal control. The model refuses control characters, but a snapshot that was
built in this process was never decoded, so every text is cleaned again here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from jupyter_repro.comparing.results.judge import Judged, render_judged
from jupyter_repro.model.report import Finding, LayerState, OverallVerdict, Report, Severity
from jupyter_repro.model.snapshot import LAYER_TITLES, LAYER_TYPES, Snapshot, ThirdPartyLayer
from jupyter_repro.safety.redact import printable
from jupyter_repro.show.facts import leading_facts

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts

__all__ = [
    "VERDICTS",
    "leading_facts",
    "render_markdown",
    "render_report",
    "render_stack",
    "render_verdicts",
]

VERDICTS: dict[LayerState | OverallVerdict, str] = {
    "match": "matches",
    "drift": "drifts",
    "mismatch": "differs",
    "not comparable": "cannot be compared",
    "not checked": "not checked",
    "not present": "not present",
    "not run": "not run",
}
"""Verdict → the word for it, which stands beside every sign and colour."""

HEADINGS: dict[Severity, str] = {"error": "Errors", "warning": "Warnings", "note": "Notes"}

_BESIDE = frozenset(name for name, layer in LAYER_TYPES.items() if layer.IS_BESIDE)
_WIDEST = 44


def render_stack(snapshot: Snapshot) -> str:
    """Return the stack layer by layer, from the notebook down to the GPU.

    Parameters
    ----------
    snapshot
        Recorded or present.

    Returns
    -------
    str
        Lines without a trailing newline; a layer that is missing or failed says why.
    """
    facts = leading_facts(snapshot.layers, snapshot.imported)
    titles = {name: LAYER_TITLES[name] for name in facts} | {
        name: printable(name) for name in snapshot.third_party if name not in LAYER_TITLES
    }
    for name, layer in snapshot.third_party.items():
        facts.setdefault(name, [third_party_fact(layer)])
    width = max(map(len, titles.values()))
    stacked = [name for name in titles if name not in _BESIDE and name in LAYER_TITLES]
    beside = [name for name in titles if name not in stacked]
    lines = [f"Environment {printable(snapshot.digest)[:12]}"]
    lines += [f"  {titles[name]:<{width}}  {' · '.join(facts[name])}" for name in stacked]
    lines.append("Beside it")
    lines += [f"  {titles[name]:<{width}}  {' · '.join(facts[name])}" for name in beside]
    return "\n".join(line.rstrip() for line in lines)


def third_party_fact(layer: ThirdPartyLayer) -> str:
    """Return what can be said of a layer whose facts nobody here knows."""
    if layer.status == "ok":
        return f"{len(layer.facts)} fact{'' if len(layer.facts) == 1 else 's'}"
    words = "none" if layer.status == "unavailable" else "could not be read"
    return printable(f"{words}: {layer.reason or 'no reason given'}")


def render_verdicts(verdicts: Verdicts, *, notes: int | None = 20) -> str:
    """Return what `render_report` does, under the verdict on all of it, with the named results."""
    report = msgspec.structs.replace(verdicts.report, summary=verdicts.overall.summary)
    return render_report(report, verdicts.judged, notes=notes)


def render_report(report: Report, judged: Sequence[Judged] = (), *, notes: int | None = 20) -> str:
    """Return the findings of a comparison, worst first, and what could not be compared.

    Parameters
    ----------
    report
        As `jupyter_repro.comparing.environments.compare.compare` gives it.
    judged
        The named results.
    notes
        How many findings of the lightest sort to show; None shows all. The rest is counted.

    Returns
    -------
    str
        Lines without a trailing newline. Errors and warnings say what to do.
    """
    lines = [printable(report.summary, 1_000), f"Policy: {printable(report.policy)}."]
    shown = _shown(report.findings, notes)
    subjects = min(_WIDEST, max((len(printable(one.subject)) for one in shown), default=0))
    values = min(_WIDEST, max((len(_change(one)) for one in shown), default=0))
    for severity, group in groupby(shown, key=lambda finding: finding.severity):
        lines += ["", HEADINGS[severity]]
        for one in group:
            subject, change = printable(one.subject), _change(one)
            lines.append(
                f"  {subject:<{subjects}}  {change:<{values}}  {printable(one.why, 1_000)}"
            )
            if severity != "note":
                lines.append(f"  {'':<{subjects}}  {printable(one.action, 1_000)}")
    hidden = len(report.findings) - len(shown)
    if hidden:
        lines.append(f"  and {hidden} more {'note' if hidden == 1 else 'notes'}")
    if judged:
        lines += ["", "Results", *(f"  {line}" for line in render_judged(judged).splitlines())]
    undecided = _undecided(report)
    if undecided:
        lines += ["", "Not compared"]
        lines += [f"  {title}: {verdict}: {reason}" for title, verdict, reason in undecided]
    return "\n".join(line.rstrip() for line in lines)


def _shown(findings: list[Finding], notes: int | None) -> list[Finding]:
    heavy = [finding for finding in findings if finding.severity != "note"]
    light = [finding for finding in findings if finding.severity == "note"]
    return heavy + light[:notes]


def _change(finding: Finding) -> str:
    return f"{_value(finding.reference)} → {_value(finding.current)}"


def _value(value: str | None) -> str:
    return "none" if value is None else printable(value, 1_000)


def _undecided(report: Report) -> list[tuple[str, str, str]]:
    return [
        (
            LAYER_TITLES.get(name, printable(name)),
            layer.verdict,
            printable(layer.reason or "no reason given"),
        )
        for name, layer in report.layers.items()
        if layer.state in {"not checked", "not comparable"}
    ]


def render_markdown(report: Report) -> str:
    """Return the report for a bug report, safe to paste into an issue.

    Whatever comes from a notebook stands in code spans, which no markup, mention or address in it
    can leave; see https://spec.commonmark.org/current/#code-spans
    """
    lines = [f"**jupyter_repro: {VERDICTS[report.verdict]}** (policy {_code(report.policy)})", ""]
    digests = _code(report.reference_digest[:12]), _code(report.current_digest[:12])
    lines.append(f"Recorded environment {digests[0]}, this one {digests[1]}.")
    for severity, group in groupby(report.findings, key=lambda finding: finding.severity):
        lines += ["", f"### {HEADINGS[severity]}", ""]
        lines += [
            f"- {_code(one.subject)}: {_code(_value(one.reference))} → "
            f"{_code(_value(one.current))} ({_code(one.kind)}"
            f"{'' if one.used else ', not used'})"
            for one in group
        ]
    if not report.findings:
        compared = report.verdict not in {"not checked", "not comparable"}
        lines += ["", "No differences." if compared else "Nothing was compared."]
    undecided = _undecided(report)
    if undecided:
        lines += ["", "### Not compared", ""]
        lines += [f"- {_code(title)}: {verdict}: {_code(why)}" for title, verdict, why in undecided]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    """Return a code span that holds exactly this text, whatever is in it."""
    text = printable(text, 1_000) or " "
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
