"""A diagnosis as text and as HTML."""

from __future__ import annotations

import os
from collections.abc import Iterator

from jupyter_repro.capturing.sources.python.hash_seed import hash_seed_in_force
from jupyter_repro.kernel.doctor.differences import Difference
from jupyter_repro.kernel.doctor.examine import Comparison, Diagnosis
from jupyter_repro.safety.text import printable
from jupyter_repro.show.html import Markup, el

_COLUMNS = ("runs", "result", "first difference", "max absolute", "max relative", "max ULP")
_HELD_FIXED = (
    "Both runs were in this process and at nearly the same time, so all that a process decides "
    "once was the same. `jupyter repro verify` compares with a fresh kernel."
)
_HELD_HASHES = (
    "Both runs were in this process and at nearly the same time, so the order of sets of strings, "
    "and all else that a process decides once, was the same. `jupyter repro verify` compares with "
    "a fresh kernel."
)


def render_text(diagnosis: Diagnosis) -> str:
    """Return the table, the cause and the notes as plain text."""
    rows = [_COLUMNS, *(_row(one) for one in diagnosis.comparisons)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    lines = [headline(diagnosis), ""]
    lines += [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([*lines, *_tail(diagnosis)])


def render_html(diagnosis: Diagnosis) -> Markup:
    """Return the table, the cause and the notes as HTML."""
    head = el("thead", el("tr", *(el("th", cell) for cell in _COLUMNS)))
    rows = (el("tr", *(el("td", cell) for cell in _row(one))) for one in diagnosis.comparisons)
    return el(
        "div",
        el("b", headline(diagnosis)),
        el("table", head, el("tbody", *rows)),
        *(el("div", line) for line in _tail(diagnosis)),
    )


def headline(diagnosis: Diagnosis) -> str:
    """Return the result in one line."""
    plain = diagnosis.comparisons[0]
    verdict = printable(plain.verdict, 200)
    return f"Run twice from the same random states: {verdict} ({diagnosis.count} values compared)."


def _row(comparison: Comparison) -> tuple[str, ...]:
    first = comparison.differences[0] if comparison.differences else None
    numbers = ("", "", "", "") if first is None else _cells(first)
    return (comparison.conditions, printable(comparison.verdict, 200), *numbers)


def _cells(difference: Difference) -> tuple[str, str, str, str]:
    return (
        printable(f"{difference.name}: {difference.what}", 120),
        "" if difference.absolute is None else f"{difference.absolute:.3g}",
        "" if difference.relative is None else f"{difference.relative:.3g}",
        "" if difference.ulp is None else f"{difference.ulp:.6g}",
    )


def _tail(diagnosis: Diagnosis) -> Iterator[str]:
    others = [one.name for one in diagnosis.comparisons[0].differences[1:]]
    if others:
        names = ", ".join(others[:10]) + (", …" if len(others) > 10 else "")
        yield printable(f"Also different: {names}.", 400)
    if diagnosis.cause is not None:
        yield printable(diagnosis.cause, 600)
    if diagnosis.comparisons[0].same:
        yield _HELD_FIXED if hash_seed_in_force(os.environ.get("PYTHONHASHSEED")) else _HELD_HASHES
    for what in diagnosis.seen:
        yield printable(f"! The code {what}: two kernels may differ for it.", 400)
    for note in diagnosis.notes:
        yield printable(f"! {note}", 400)
