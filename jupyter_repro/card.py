"""The card under a cell: the stack as blocks, from the notebook down to the GPU.

Self-contained HTML without scripts and outside resources, so that it is the same in every front
end and in a file that is opened years later. Everything that comes from a snapshot is escaped.
The colours are the page's own, so it works on light and dark; no meaning is in a colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from jupyter_repro.leading_facts import leading_facts
from jupyter_repro.redact import printable
from jupyter_repro.render import HEADINGS, VERDICTS, third_party_fact
from jupyter_repro.report import Finding, Report, Verdict
from jupyter_repro.snapshot import LAYER_TITLES, Snapshot

_SIGNS: dict[Verdict, tuple[str, str]] = {
    "match": ("✓", "var(--jp-success-color1,#2e7d32)"),
    "drift": ("≈", "var(--jp-warn-color1,#b26a00)"),
    "mismatch": ("✗", "var(--jp-error-color1,#c62828)"),
    "not comparable": ("⊘", "currentColor"),
    "not checked": ("?", "currentColor"),
}
_RECORDED = ("•", "currentColor")
_STATUS = {"ok": "recorded", "unavailable": "none here", "error": "not readable"}

_BORDER = "1px solid var(--jp-border-color1,#8888)"
_CARD = (
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);"
    "font-size:var(--jp-ui-font-size1,13px);line-height:1.45;max-width:52em;color:inherit"
)
_BLOCK = f"border:{_BORDER};border-left-width:4px;padding:2px 8px;margin:2px 0"

_MOST_FINDINGS = 12
"""Findings shown in one layer; the rest is counted."""


def render_card(snapshot: Snapshot, report: Report | None, notes: list[str]) -> str:
    """Return the card for a snapshot.

    Parameters
    ----------
    snapshot
        The present one.
    report
        Its comparison with the reference, if there was one.
    notes
        Sentences to put on top, such as what could not be seeded.
    """
    facts = leading_facts(snapshot.layers)
    seed = snapshot.layers.determinism.seed
    title = "Nothing is seeded or recorded yet" if seed is None else "Recorded"
    top = [f"<b>{_text(report.summary if report else title, 1_000)}</b>"]
    if seed is not None:
        top.append(f"seed {_text(seed)}")
    if report:
        top.append(f"policy {_text(report.policy)}")
    top.append(f"digest {_text(snapshot.digest[:12])}")
    lines = [f'<div style="{_CARD}"><div>{" · ".join(top)}</div>']
    lines += [f"<div>! {_text(note)}</div>" for note in notes]
    findings = report.findings if report else []
    for name, title in LAYER_TITLES.items():
        status = getattr(snapshot.layers, name).status
        own = [finding for finding in findings if finding.layer == name]
        lines.append(_block(title, facts[name], _verdict(name, status, report), own))
    for name, layer in snapshot.third_party.items():
        own = [finding for finding in findings if finding.layer == name]
        if name not in LAYER_TITLES:
            verdict = _verdict(name, layer.status, report)
            lines.append(_block(name, [third_party_fact(layer)], verdict, own))
    return "\n".join([*lines, "</div>"])


def _verdict(name: str, status: str, report: Report | None) -> tuple[str, str, str]:
    """Return the sign, its colour and the word for a layer."""
    if report is None or name not in report.layers:
        return (*_RECORDED, _STATUS[status])
    verdict = report.layers[name].verdict
    return (*_SIGNS[verdict], VERDICTS[verdict])


def _block(
    title: str, facts: Iterable[str], verdict: tuple[str, str, str], findings: list[Finding]
) -> str:
    sign, colour, word = verdict
    head = (
        f'<span aria-hidden="true">{sign}</span> <b>{_text(title)}</b> '
        f"<i>{word}</i> · {_text(' · '.join(facts))}"
    )
    style = f"{_BLOCK};border-left-color:{colour}"
    if not findings:
        return f'<div style="{style}">{head}</div>'
    worst = findings[0].severity
    items = [_item(finding) for finding in findings[:_MOST_FINDINGS]]
    if len(findings) > _MOST_FINDINGS:
        items.append(f"<li>and {len(findings) - _MOST_FINDINGS} more</li>")
    opened = " open" if worst == "error" else ""
    return (
        f'<details style="{style}"{opened}><summary>{head}</summary>'
        f'<ul style="margin:2px 0">{"".join(items)}</ul></details>'
    )


def _item(finding: Finding) -> str:
    reference, current = (
        "none" if value is None else _text(value, 200)
        for value in (finding.reference, finding.current)
    )
    text = (
        f"{HEADINGS[finding.severity][:-1]}: <b>{_text(finding.subject, 200)}</b> "
        f"{reference} → {current}"
    )
    if finding.severity == "note":
        return f"<li>{text}</li>"
    return f"<li>{text}<br>{_text(finding.why, 300)}<br>{_text(finding.action, 300)}</li>"


def _text(text: str, limit: int = 500) -> str:
    return escape(printable(text, limit))
