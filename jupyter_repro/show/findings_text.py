"""Findings of a run as text, for a kernel's output, the card and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from jupyter_repro.model.findings import HASH_RANDOMIZATION, RunFinding, worst_first
from jupyter_repro.model.verdicts import SEVERITY_LOOKS
from jupyter_repro.notebook.file import Notebook
from jupyter_repro.safety.text import printable

SHOWN = 5
"""Findings that a status or a card shows; the others are counted."""

Labels = Mapping[str, str]
"""Cell, as findings name it → a name that you know, such as ``In [3]``."""


def cell_numbers(notebook: Notebook) -> Labels:
    """Return the cells of a file by id → ``cell 3``, counted from 1."""
    return {cell.id: f"cell {number}" for number, cell in enumerate(notebook.cells, 1) if cell.id}


def in_order(findings: list[RunFinding], labels: Labels) -> list[RunFinding]:
    """Return findings worst first, then in the order of their cells."""
    positions = {cell: position for position, cell in enumerate(labels)}
    return worst_first(
        sorted(findings, key=lambda found: positions.get(found.cell or "", len(positions)))
    )


def place_of(found: RunFinding, labels: Labels) -> str:
    """Return the place of a finding, such as ``In [3], line 2``; empty if it is unknown."""
    parts = []
    if found.cell is not None:
        parts.append(labels.get(found.cell, found.cell if " " in found.cell else "a cell"))
    if found.file is not None:
        parts.append(found.file)
    if found.line is not None:
        parts.append(f"line {found.line}")
    return printable(", ".join(parts), 300)


def render_finding(found: RunFinding, labels: Labels) -> str:
    """Return one line: sign, place, and what was found."""
    place = place_of(found, labels)
    sign = SEVERITY_LOOKS[found.severity].sign
    return f"{sign} {f'{place}: ' if place else ''}{printable(found.what, 500)}"


def _render_row(row: list[RunFinding], labels: Labels) -> str:
    """Return one line for findings that say the same, with the first of their places."""
    if len(row) == 1:
        return render_finding(row[0], labels)
    places = [place for place in dict.fromkeys(place_of(one, labels) for one in row) if place]
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    where = f"{'; '.join(places[:SHOWN])}{more}: " if places else ""
    return f"{SEVERITY_LOOKS[row[0].severity].sign} {where}{printable(row[0].what, 500)}"


def render_findings(findings: list[RunFinding], labels: Labels, *, omitted: int = 0) -> str:
    """Return all findings, worst first, with what to do and how often they occurred.

    Findings in a row that say the same are one line with their places.

    Parameters
    ----------
    findings
        In their recorded form.
    labels
        See `Labels`.
    omitted
        Number of further findings that were not kept.
    """
    if not findings:
        return "Nothing was seen in this run that keeps its results from repeating."
    lines = []
    for _, same in groupby(findings, lambda found: (found.severity, found.what, found.advice)):
        row = list(same)
        times = sum(found.count for found in row)
        often = f" (seen {times} times)" if times > len(row) else ""
        lines += [_render_row(row, labels) + often, f"  {printable(row[0].advice, 500)}"]
    if omitted:
        lines.append(f"and {omitted} more")
    return "\n".join(lines)


def short_list(findings: list[RunFinding]) -> tuple[list[RunFinding], int]:
    """Return the findings that a status shows, and the number of the others.

    Hash randomization is left out, because a note on top mentions it already.
    """
    shown = [found for found in findings if found.kind != HASH_RANDOMIZATION.kind]
    return shown[:SHOWN], len(shown) - len(shown[:SHOWN])


def render_short(findings: list[RunFinding], labels: Labels) -> list[str]:
    """Return the lines of a status."""
    shown, more = short_list(findings)
    lines = [render_finding(found, labels) for found in shown]
    return [*lines, f"and {more} more: %repro findings"] if more else lines
