"""The result of ``verify`` as a comment for a pull request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.safety.text import printable

MAX_LENGTH = 60_000
"""Characters; GitHub takes 65536."""

MAX_CELLS = 100
"""Of a notebook."""

_SPECIAL = re.compile(r"[^\w\s.,;=+/%()°±…-]|_", re.ASCII)


def to_markdown(results: Sequence[Result]) -> str:
    """Return Markdown with a heading and a table for each notebook."""
    pieces = [_piece(result) for result in results]
    text = "\n".join(pieces)
    if len(text) <= MAX_LENGTH:
        return text
    short = [piece.partition("\n")[0] + "\n" for piece in pieces]
    return "\n".join(short)[:MAX_LENGTH] + "\nThe tables are left out: they would be too long.\n"


def _piece(result: Result) -> str:
    lines = [f"### {escape(result.name)}: {escape(result.summary)}", ""]
    if result.error:
        return "\n".join([*lines, escape(result.error), ""])
    shown = result.shown_cells
    if shown:
        lines += ["| cell | result | why |", "|---:|---|---|"]
        lines += [
            f"| {numbers} | {cell.status} | {escape(cell.why)} |"
            for numbers, cell in shown[:MAX_CELLS]
        ]
        if len(shown) > MAX_CELLS:
            lines.append(f"| … | | {len(shown) - MAX_CELLS} more |")
        lines.append("")
    if result.shown_results:
        lines += ["| result | outcome | why |", "|---|---|---|"]
        lines += [
            f"| {escape(one.name)} | {one.outcome} | {escape(one.why)} |"
            for one in result.shown_results[:MAX_CELLS]
        ]
        lines.append("")
    for parting, causes in result.partings:
        lines += [escape(parting), ""]
        lines += [
            f"1. {escape(cause.what)} Seen: {escape(cause.evidence)}. "
            f"Confirm: {escape(cause.confirm)}"
            for cause in causes
        ]
        lines.append("")
    lines.append(f"{result.counts}")
    lines += [f"* {escape(note)}" for note in result.notes]
    return "\n".join([*lines, ""])


def escape(text: str) -> str:
    """Escape a text, so that Markdown, HTML and GitHub show it unchanged."""
    words = " ".join(printable(text, MAX_LENGTH).split())
    return _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", words)
