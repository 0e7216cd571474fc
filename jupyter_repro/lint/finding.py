"""What a rule of lint finds, and the table of its kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from msgspec import Struct

from jupyter_repro.model.report import SEVERITIES, Severity
from jupyter_repro.safety.redact import hide_homes, hide_secrets
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count


class LintKind(NamedTuple):
    """A kind of finding: its severity, and what to do about it."""

    severity: Severity
    advice: str


LINT_KINDS: dict[str, LintKind] = {
    "secret": LintKind(
        "error",
        "Revoke the credential, clear the output, and keep it out of the next one.",
    ),
    "edited": LintKind("error", "Run it again, and the cells that build on it."),
    "printed-version": LintKind(
        "error", "Run the whole notebook again: this output is from a different environment."
    ),
    "impossible-version": LintKind(
        "error", "Do not trust this record; run the notebook again to record a new one."
    ),
    "unreadable-record": LintKind(
        "warning", "Record again, with jupyter repro run or %repro accept."
    ),
    "mixed-environments": LintKind("warning", "Run all cells in one environment."),
    "unknown-environment": LintKind("warning", "Run the notebook again to record its environment."),
    "out-of-order": LintKind("warning", "Restart the kernel and run all cells from top to bottom."),
    "skipped": LintKind("warning", "Run it or delete it, and run the cells below it again."),
    "no-count": LintKind("warning", "Run it again, or clear its output."),
    "drawn-before-seed": LintKind(
        "warning", "Put %repro seed=… into the first cell, above everything that draws."
    ),
    "error-output": LintKind(
        "warning", "Fix the cell, or tag it raises-exception if the error is expected."
    ),
    "home-folder": LintKind(
        "warning", "Use paths relative to the notebook, and clear this output before sharing it."
    ),
    "never-seeded": LintKind("note", "Put %repro seed=… into the first cell."),
    "unstamped": LintKind("note", "Run the whole notebook, so that one run makes all outputs."),
    "count-gap": LintKind("note", "Restart the kernel and run all cells from top to bottom."),
    "not-recorded": LintKind(
        "note", "Put %repro seed=… into the first cell, or use jupyter repro run."
    ),
}
"""Kind → severity and advice, the worst first."""


class LintFinding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A finding.

    Parameters
    ----------
    kind, severity, advice
        See `LINT_KINDS`.
    what
        A sentence, without secret or personal text.
    cell, id
        Number of the cell among all cells, from 1, and its id; None for the whole notebook, or if
        the file has no ids.
    line
        In the cell's source, from 1.
    last_cell
        The last one of several code cells in a row of which this is true, if there are several.
    """

    kind: str
    severity: Severity
    what: str
    advice: str
    cell: int | None = None
    id: str | None = None
    line: int | None = None
    last_cell: int | None = None


class Seen(NamedTuple):
    """What a rule yields; the fields are those of `LintFinding`."""

    kind: str
    what: str
    cell: int | None = None
    line: int | None = None


def shown(text: str, limit: int = 100) -> str:
    """Return a text of the notebook on one line, without secrets."""
    return printable(hide_homes(hide_secrets(text[: 4 * limit])), limit)


def summary(findings: list[LintFinding], ignored: Collection[str] = ()) -> str:
    """Return the number of findings of each severity, such as ``1 error, 2 notes``.

    Parameters
    ----------
    ignored
        Kinds that are ignored.
    """
    unseen = f"; ignored: {', '.join(sorted(ignored))}" if ignored else ""
    if not findings:
        return f"nothing found{unseen}"
    counts = Counter(found.severity for found in findings)
    counted = [count(counts[severity], severity) for severity in SEVERITIES if counts[severity]]
    return ", ".join(counted) + unseen


def render(findings: list[LintFinding]) -> str:
    """Return two lines for each finding: where and what, and what to do."""
    lines = []
    for found in findings:
        place = "" if found.cell is None else f"cell {found.cell}"
        if found.last_cell is not None:
            place = f"each of the code cells {found.cell}-{found.last_cell}"
        place += "" if found.line is None else f", line {found.line}"
        where = f"{place}: " if place else ""
        lines.append(f"  {found.severity:<7}  {where}{found.what} [{found.kind}]")
        lines.append(f"           {found.advice}")
    return "\n".join(lines)
