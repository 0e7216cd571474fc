"""The card under a cell: the stack as blocks, from the notebook down to the GPU.

Self-contained HTML without scripts and outside resources, so that it is the same in every front
end and in a file that is opened years later. Everything that comes from a snapshot is escaped.
The colours are the page's own, so it works on light and dark; no meaning is in a colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.model.report import Finding, Report
from jupyter_repro.model.snapshot import LAYER_TITLES, Layer, Snapshot
from jupyter_repro.model.verdicts import (
    OUTCOME_LOOKS,
    SEVERITY_LOOKS,
    UNCOMPARED,
    VERDICT_LOOKS,
    Look,
)
from jupyter_repro.safety.text import printable
from jupyter_repro.show.facts import leading_facts
from jupyter_repro.show.text import third_party_fact

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts

_STATUS = {"ok": "recorded", "unavailable": "none here", "error": "not readable"}

_BORDER = "1px solid var(--jp-border-color1,#8888)"
CARD_STYLE = (
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif);"
    "font-size:var(--jp-ui-font-size1,13px);line-height:1.45;max-width:52em;color:inherit"
)
BLOCK_STYLE = f"border:{_BORDER};border-left-width:4px;padding:2px 8px;margin:2px 0"

_MOST_RESULTS = 20
"""Results shown; the rest is counted."""

_MOST_FINDINGS = 12
"""Findings shown in one layer; the rest is counted."""


def render_card(
    snapshot: Snapshot, verdicts: Verdicts | None, notes: list[str], findings: str = ""
) -> str:
    """Return the card for a snapshot.

    Parameters
    ----------
    snapshot
        The present one.
    verdicts
        How it and the named results compare with what is recorded, if anything is.
    notes
        Sentences to put on top, such as what could not be seeded.
    findings
        A block on what was seen in the run, see `finding_card`.
    """
    report = verdicts.report if verdicts else None
    seed = snapshot.layers.determinism.seed
    title = "Nothing is seeded or recorded yet" if seed is None else "Recorded"
    if verdicts:
        look = VERDICT_LOOKS[verdicts.overall.verdict]
        title = verdicts.overall.summary
        mark = f'<span aria-hidden="true" style="color:{look.colour}">{look.sign}</span> '
    else:
        mark = ""
    top = [f"{mark}<b>{text_html(title, 1_000)}</b>"]
    if seed is not None:
        top.append(f"seed {text_html(seed)}")
    if report:
        top.append(f"policy {text_html(report.policy)}")
    top.append(f"digest {text_html(snapshot.digest[:12])}")
    lines = [f'<div style="{CARD_STYLE}"><div>{" · ".join(top)}</div>']
    lines += [f"<div>! {text_html(note)}</div>" for note in notes]
    lines += [findings] if findings else []
    lines += [results_block(verdicts.judged)] if verdicts and verdicts.judged else []
    differences = report.findings if report else []
    for name, title, layer, facts in shown_layers(snapshot):
        own = [finding for finding in differences if finding.layer == name]
        body = _findings(own) if own else ""
        verdict = layer_verdict(name, layer.status, report, recorded=seed is not None)
        opened = bool(own) and own[0].severity == "error"
        lines.append(layer_block(title, verdict, [" · ".join(facts)], body, opened=opened))
    return "\n".join([*lines, "</div>"])


class ShownLayer(NamedTuple):
    """A layer with its title and its leading facts."""

    name: str
    title: str
    layer: Layer
    facts: list[str]


def shown_layers(snapshot: Snapshot) -> list[ShownLayer]:
    """Return the layers in the order in which they are shown, then those of third parties.

    One of a third party that takes the name of ours is left out.
    """
    facts = leading_facts(snapshot.layers, snapshot.imported)
    ours = [
        ShownLayer(name, title, getattr(snapshot.layers, name), facts[name])
        for name, title in LAYER_TITLES.items()
    ]
    others = [
        ShownLayer(name, name, layer, [third_party_fact(layer)])
        for name, layer in snapshot.third_party.items()
        if name not in LAYER_TITLES
    ]
    return [*ours, *others]


def layer_verdict(name: str, status: str, report: Report | None, *, recorded: bool = True) -> Look:
    """Return how a layer is shown; `recorded` says that it is."""
    if report is None or name not in report.layers:
        return UNCOMPARED._replace(word=_STATUS[status] if recorded or status != "ok" else "here")
    return VERDICT_LOOKS[report.layers[name].state]


def layer_block(
    title: str,
    verdict: Look,
    lines: Sequence[str],
    body: str,
    *,
    opened: bool = False,
) -> str:
    """Return one layer of the stack.

    Parameters
    ----------
    title
        What the layer is called.
    verdict
        As `layer_verdict` gives it.
    lines
        What is always to be seen: the first stands beside the verdict, others below.
    body
        Markup that a click opens; without any there is nothing to click on.
    """
    head = (
        f'<span aria-hidden="true">{verdict.sign}</span> <b>{text_html(title)}</b> '
        f"<i>{verdict.word}</i>{' · ' if lines[0] else ''}{text_html(lines[0])}"
    )
    head += "".join(f"<div>{text_html(line)}</div>" for line in lines[1:])
    style = f"{BLOCK_STYLE};border-left-color:{verdict.colour}"
    if not body:
        return f'<div style="{style}">{head}</div>'
    is_open = " open" if opened else ""
    return f'<details style="{style}"{is_open}><summary>{head}</summary>{body}</details>'


def results_block(judged: Sequence[Judged]) -> str:
    """Return the named results as a block: outcome and values, and why it is so."""
    items = "".join(_result_item(one) for one in judged[:_MOST_RESULTS])
    if len(judged) > _MOST_RESULTS:
        items += f"<li>and {len(judged) - _MOST_RESULTS} more</li>"
    style = "margin:2px 0;list-style:none;padding-left:1em"
    colour = OUTCOME_LOOKS[judged[0].outcome].colour  # the worst one's
    return (
        f'<div style="{BLOCK_STYLE};border-left-color:{colour}"><b>Results</b>'
        f'<ul style="{style}">{items}</ul></div>'
    )


def _result_item(one: Judged) -> str:
    look = OUTCOME_LOOKS[one.outcome]
    now = "not run" if one.current is None else text_html(one.current, 200)
    why = "" if one.outcome == "identical" else f"<div>{text_html(one.why, 300)}</div>"
    return (
        f'<li><span aria-hidden="true" style="color:{look.colour}">{look.sign}</span> '
        f"<i>{look.word}</i> <b>{text_html(one.name)}</b> "
        f"{text_html(one.reference, 200)} → {now}{why}</li>"
    )


def _findings(findings: list[Finding]) -> str:
    items = [finding_item(finding) for finding in findings[:_MOST_FINDINGS]]
    if len(findings) > _MOST_FINDINGS:
        items.append(f"<li>and {len(findings) - _MOST_FINDINGS} more</li>")
    return f'<ul style="margin:2px 0">{"".join(items)}</ul>'


def finding_item(finding: Finding) -> str:
    """Return a difference as an item of a list: what, why it matters and what to do."""
    reference, current = (
        "none" if value is None else text_html(value, 200)
        for value in (finding.reference, finding.current)
    )
    text = (
        f"{SEVERITY_LOOKS[finding.severity].heading}: <b>{text_html(finding.subject, 200)}</b> "
        f"{reference} → {current}"
    )
    if finding.severity == "note":
        return f"<li>{text}</li>"
    why, action = text_html(finding.why, 300), text_html(finding.action, 300)
    return f"<li>{text}<div>{why}</div><div>{action}</div></li>"


def text_html(text: str, limit: int = 500) -> str:
    """Return a text of a snapshot as HTML that shows it and does nothing else."""
    return escape(printable(text, limit))
