"""The card under a cell: the stack as blocks, from the notebook down to the GPU.

The HTML needs no script and nothing from outside, so it looks the same in every front end, now and
years later. The colours are JupyterLab's, light or dark; no meaning is in a colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.model.findings import RunFinding
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
from jupyter_repro.show.findings_text import Labels, place_of, render_findings, short_list
from jupyter_repro.show.html import LINE_BREAK, NOTHING, Markup, el, join
from jupyter_repro.show.text import third_party_fact

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts

_STATUS = {"ok": "recorded", "unavailable": "none here", "error": "not readable"}

_SIGNED_LIST = "margin:2px 0;list-style:none;padding-left:1em"
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
    snapshot: Snapshot,
    verdicts: Verdicts | None,
    notes: list[str],
    findings: Markup = NOTHING,
) -> Markup:
    """Return the card for a snapshot.

    Parameters
    ----------
    snapshot
        Of the present environment.
    verdicts
        How it and the named results compare with the record; None without a record.
    notes
        Sentences for the top, such as what could not be seeded.
    findings
        The findings of the run, see `short_block`.
    """
    report = verdicts.report if verdicts else None
    seed = snapshot.layers.determinism.seed
    lines = [el("div", join(_top(snapshot, verdicts), " · "))]
    lines += [el("div", "! ", printable(note)) for note in notes]
    lines += [findings] if findings else []
    lines += [results_block(verdicts.judged)] if verdicts and verdicts.judged else []
    differences = report.findings if report else []
    for name, title, layer, facts in shown_layers(snapshot):
        own = [finding for finding in differences if finding.layer == name]
        body = _differences(own) if own else NOTHING
        verdict = layer_verdict(name, layer.status, report, recorded=seed is not None)
        opened = bool(own) and own[0].severity == "error"
        lines.append(layer_block(title, verdict, [" · ".join(facts)], body, opened=opened))
    return el("div", join(lines, LINE_BREAK), style=CARD_STYLE)


def _top(snapshot: Snapshot, verdicts: Verdicts | None) -> Iterator[Markup | str]:
    seed = snapshot.layers.determinism.seed
    if verdicts:
        mark = join([coloured_sign(VERDICT_LOOKS[verdicts.overall.verdict]), " "])
        title = verdicts.overall.summary
    else:
        mark = NOTHING
        title = "Nothing is seeded or recorded yet" if seed is None else "Recorded"
    yield join([mark, el("b", printable(title, 1_000))])
    if seed is not None:
        yield f"seed {printable(seed)}"
    if verdicts:
        yield f"policy {printable(verdicts.report.policy)}"
    yield f"digest {printable(snapshot.digest[:12])}"


class ShownLayer(NamedTuple):
    """A layer with its title and the summary of its facts."""

    name: str
    title: str
    layer: Layer
    facts: list[str]


def shown_layers(snapshot: Snapshot) -> list[ShownLayer]:
    """Return our layers in the order in which they are shown, then those of third parties.

    A third party's layer with the name of one of ours is left out.
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
    """Return how a layer is shown, if `recorded` as part of a record."""
    if report is None or name not in report.layers:
        return UNCOMPARED._replace(word=_STATUS[status] if recorded or status != "ok" else "here")
    return VERDICT_LOOKS[report.layers[name].state]


def layer_block(
    title: str,
    verdict: Look,
    lines: Sequence[str],
    body: Markup,
    *,
    opened: bool = False,
) -> Markup:
    """Return one layer of the stack.

    Parameters
    ----------
    title
        Of the layer.
    verdict
        From `layer_verdict`.
    lines
        Always visible: the first beside the verdict, the others below.
    body
        Details that open with a click; `NOTHING` for none.
    opened
        Whether the details are open at first.
    """
    first, *others = map(printable, lines)
    head = join(
        [
            *(sign(verdict), " ", el("b", printable(title)), " ", el("i", verdict.word)),
            *((" · ", first) if first else ()),
            *(el("div", line) for line in others),
        ]
    )
    style = f"{BLOCK_STYLE};border-left-color:{verdict.colour}"
    if not body:
        return el("div", head, style=style)
    return el("details", el("summary", head), body, style=style, open=opened)


def sign(look: Look, style: str | None = None) -> Markup:
    """Return a sign, hidden from screen readers, which read the word beside it."""
    return el("span", look.sign, aria_hidden="true", style=style)


def coloured_sign(look: Look) -> Markup:
    """Return a sign in its colour."""
    return sign(look, f"color:{look.colour}")


def results_block(judged: Sequence[Judged]) -> Markup:
    """Return the named results as a block: outcome, values, and the reason."""
    items = [_result_item(one) for one in judged[:_MOST_RESULTS]]
    if len(judged) > _MOST_RESULTS:
        items.append(el("li", f"and {len(judged) - _MOST_RESULTS} more"))
    colour = OUTCOME_LOOKS[judged[0].outcome].colour  # of the worst one
    return el(
        "div",
        el("b", "Results"),
        el("ul", *items, style=_SIGNED_LIST),
        style=f"{BLOCK_STYLE};border-left-color:{colour}",
    )


def _result_item(one: Judged) -> Markup:
    look = OUTCOME_LOOKS[one.outcome]
    now = "not run" if one.current is None else printable(one.current, 200)
    return el(
        "li",
        *(coloured_sign(look), " ", el("i", look.word), " ", el("b", printable(one.name)), " "),
        f"{printable(one.reference, 200)} → {now}",
        NOTHING if one.outcome == "identical" else el("div", printable(one.why, 300)),
    )


def _differences(findings: list[Finding]) -> Markup:
    items = [finding_item(finding) for finding in findings[:_MOST_FINDINGS]]
    if len(findings) > _MOST_FINDINGS:
        items.append(el("li", f"and {len(findings) - _MOST_FINDINGS} more"))
    return el("ul", *items, style="margin:2px 0")


def finding_item(finding: Finding) -> Markup:
    """Return a difference as a list item: what differs, why it matters and what to do."""
    reference, current = (
        "none" if value is None else printable(value, 200)
        for value in (finding.reference, finding.current)
    )
    below = () if finding.severity == "note" else (finding.why, finding.action)
    return el(
        "li",
        f"{SEVERITY_LOOKS[finding.severity].heading}: ",
        el("b", printable(finding.subject, 200)),
        f" {reference} → {current}",
        *(el("div", printable(text, 300)) for text in below),
    )


def short_block(findings: list[RunFinding], labels: Labels) -> Markup:
    """Return the first findings of a run for the top of a card; `NOTHING` if there are none."""
    shown, more = short_list(findings)
    if not shown:
        return NOTHING
    items = [el("li", _seen(found, labels)) for found in shown]
    if more:
        items.append(el("li", f"and {more} more: %repro findings"))
    return _seen_block(items, BLOCK_STYLE)


def full_block(findings: list[RunFinding], labels: Labels, *, omitted: int = 0) -> Markup:
    """Return all findings of a run; see `findings_text.render_findings`."""
    if not findings:
        return el("div", render_findings([], {}), style=CARD_STYLE)
    items = []
    for found in findings:
        often = (" ", el("i", f"seen {found.count} times")) if found.count > 1 else ()
        items.append(el("li", _seen(found, labels), *often, el("br"), printable(found.advice)))
    if omitted:
        items.append(el("li", f"and {omitted} more"))
    return _seen_block(items, CARD_STYLE)


def _seen_block(items: list[Markup], style: str) -> Markup:
    return el("div", el("b", "Seen in this run"), el("ul", *items, style=_SIGNED_LIST), style=style)


def _seen(found: RunFinding, labels: Labels) -> Markup:
    place = place_of(found, labels)
    look = SEVERITY_LOOKS[found.severity]
    where = (el("b", place), ": ") if place else ()
    return join([sign(look), " ", el("i", look.word), " ", *where, printable(found.what)])
