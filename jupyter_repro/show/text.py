"""Snapshots and reports as plain text, for a kernel's output, a pipe and a bug report.

There are no colours and no terminal codes. Every text is cleaned here, because the model accepts
characters that are not shown, and a snapshot that was made in this process was never validated.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from jupyter_repro.comparing.results.judge import Judged, render_judged
from jupyter_repro.model.report import Finding, Report
from jupyter_repro.model.snapshot import LAYER_TITLES, LAYER_TYPES, Snapshot, ThirdPartyLayer
from jupyter_repro.model.verdicts import VERDICT_LOOKS, several
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count
from jupyter_repro.show.facts import leading_facts

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts

__all__ = [
    "leading_facts",
    "render_markdown",
    "render_report",
    "render_stack",
    "render_verdicts",
]

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
        Lines without a trailing newline, with the reason for each layer that is missing or failed.
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
    """Return the summary of a third party's layer, whose facts we do not understand."""
    if layer.status == "ok":
        return count(len(layer.facts), "fact")
    words = "none" if layer.status == "unavailable" else "could not be read"
    return printable(f"{words}: {layer.reason or 'no reason given'}")


def render_verdicts(verdicts: Verdicts, *, notes: int | None = 20) -> str:
    """Return the overall verdict, the differences and the named results; see `render_report`."""
    report = msgspec.structs.replace(verdicts.report, summary=verdicts.overall.summary)
    return render_report(report, verdicts.judged, notes=notes)


def render_report(report: Report, judged: Sequence[Judged] = (), *, notes: int | None = 20) -> str:
    """Return the differences of a comparison, worst first, and what could not be compared.

    Parameters
    ----------
    report
        From `jupyter_repro.comparing.environments.compare.compare`.
    judged
        The named results.
    notes
        Largest number of notes to show; None shows all. The others are counted.

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
        lines += ["", several(severity)]
        for one in group:
            subject, change = printable(one.subject), _change(one)
            lines.append(
                f"  {subject:<{subjects}}  {change:<{values}}  {printable(one.why, 1_000)}"
            )
            if severity != "note":
                lines.append(f"  {'':<{subjects}}  {printable(one.action, 1_000)}")
    hidden = len(report.findings) - len(shown)
    if hidden:
        lines.append(f"  and {count(hidden, 'more note')}")
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
            VERDICT_LOOKS[layer.verdict].word,
            printable(layer.reason or "no reason given"),
        )
        for name, layer in report.layers.items()
        if layer.state in {"not checked", "not comparable"}
    ]


def render_markdown(report: Report) -> str:
    """Return the report for a bug report, safe to paste into an issue.

    Texts of a notebook stand in code spans, so that no markup, mention or address in them takes
    effect; see https://spec.commonmark.org/current/#code-spans
    """
    lines = [
        f"**jupyter_repro: {VERDICT_LOOKS[report.verdict].word}** (policy {_code(report.policy)})",
        "",
    ]
    digests = _code(report.reference_digest[:12]), _code(report.current_digest[:12])
    lines.append(f"Recorded environment {digests[0]}, this one {digests[1]}.")
    for severity, group in groupby(report.findings, key=lambda finding: finding.severity):
        lines += ["", f"### {several(severity)}", ""]
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
    """Return a code span with exactly this text, even if it contains backquotes."""
    text = printable(text, 1_000) or " "
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
