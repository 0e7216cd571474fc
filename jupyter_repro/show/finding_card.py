"""What was seen in a run, as a block of HTML; everything in it is escaped."""

from __future__ import annotations

from html import escape

from jupyter_repro.model.findings import RunFinding
from jupyter_repro.show.card import BLOCK_STYLE, CARD_STYLE, text_html
from jupyter_repro.show.findings_text import SIGNS, Labels, place_of, render_findings, short_list


def short_block(findings: list[RunFinding], labels: Labels) -> str:
    """Return the block that a card shows on top; empty where there is nothing to tell."""
    shown, more = short_list(findings)
    if not shown:
        return ""
    items = [f"<li>{_line(found, labels)}</li>" for found in shown]
    if more:
        items.append(f"<li>and {more} more: %repro findings</li>")
    return f'<div style="{BLOCK_STYLE}"><b>Seen in this run</b>{_list(items)}</div>'


def full_block(findings: list[RunFinding], labels: Labels, *, omitted: int = 0) -> str:
    """Return all findings; see `findings_text.render_findings`."""
    if not findings:
        return f'<div style="{CARD_STYLE}">{escape(render_findings([], {}))}</div>'
    items = []
    for found in findings:
        often = f" <i>seen {found.count} times</i>" if found.count > 1 else ""
        items.append(f"<li>{_line(found, labels)}{often}<br>{text_html(found.advice)}</li>")
    if omitted:
        items.append(f"<li>and {omitted} more</li>")
    return f'<div style="{CARD_STYLE}"><b>Seen in this run</b>{_list(items)}</div>'


def _list(items: list[str]) -> str:
    return f'<ul style="margin:2px 0;list-style:none;padding-left:1em">{"".join(items)}</ul>'


def _line(found: RunFinding, labels: Labels) -> str:
    place = place_of(found, labels)
    where = f"<b>{escape(place)}</b>: " if place else ""
    sign = f'<span aria-hidden="true">{SIGNS[found.severity]}</span>'
    return f"{sign} <i>{found.severity}</i> {where}{text_html(found.what)}"
