"""One thing that a rule has seen, and the kinds that there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from msgspec import Struct

from jupyter_repro.model.report import SEVERITIES, Severity
from jupyter_repro.safety.redact import hide_homes, hide_secrets
from jupyter_repro.safety.text import printable


class Kind(NamedTuple):
    """How much a kind weighs, and what is to be done about it."""

    severity: Severity
    advice: str


KINDS: dict[str, Kind] = {
    "secret": Kind(
        "error",
        "Withdraw the credential, clear the output and keep it out of the next one.",
    ),
    "edited": Kind("error", "Run it again, and the cells that build on it."),
    "printed-version": Kind(
        "error", "Run the notebook again as a whole: this output is from another environment."
    ),
    "impossible-version": Kind(
        "error", "Do not trust this record; run the notebook again and record anew."
    ),
    "unreadable-record": Kind("warning", "Record anew: jupyter repro run, or %repro accept."),
    "mixed-environments": Kind("warning", "Run all cells in one environment."),
    "unknown-environment": Kind("warning", "Run the notebook again, so that it is recorded."),
    "out-of-order": Kind("warning", "Restart the kernel and run all cells from top to bottom."),
    "skipped": Kind("warning", "Run it, or delete it, and run the cells below it again."),
    "no-count": Kind("warning", "Run it again, or clear its output."),
    "drawn-before-seed": Kind(
        "warning", "Put %repro seed=… into the first cell, above everything that draws."
    ),
    "error-output": Kind(
        "warning", "Mend the cell; tag it raises-exception where the error is meant."
    ),
    "home-folder": Kind(
        "warning", "Use paths relative to the notebook, and clear this output before sharing it."
    ),
    "never-seeded": Kind("note", "Put %repro seed=… into the first cell."),
    "unstamped": Kind("note", "Run the notebook as a whole, so that one run has made all outputs."),
    "count-gap": Kind("note", "Restart the kernel and run all cells from top to bottom."),
    "not-recorded": Kind(
        "note", "Put %repro seed=… into the first cell, or use jupyter repro run."
    ),
}
"""Kind → weight and advice; the worst stands first."""


class LintFinding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a rule has seen.

    Parameters
    ----------
    kind, severity, advice
        See `KINDS`.
    what
        What was seen, as a sentence, without what is secret or personal.
    cell, id
        Number of the cell, from 1 and with the others counted, and its id; None where it is a
        matter of the whole notebook, or the file has no ids.
    line
        In the cell's source, from 1.
    """

    kind: str
    severity: Severity
    what: str
    advice: str
    cell: int | None = None
    id: str | None = None
    line: int | None = None


class Seen(NamedTuple):
    """What a rule yields: the kind, what was seen, and where, as in `LintFinding`."""

    kind: str
    what: str
    cell: int | None = None
    line: int | None = None


def shown(text: str, limit: int = 100) -> str:
    """Return a text of the notebook as it may be repeated: on one line, nothing secret in it."""
    return printable(hide_homes(hide_secrets(text[: 4 * limit])), limit)


def worst_first(findings: list[LintFinding]) -> list[LintFinding]:
    """Return findings by severity, then in the order of the cells."""
    return sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.cell or 0))


def summary(findings: list[LintFinding], ignored: Collection[str] = ()) -> str:
    """Return how many there are of each severity, such as ``1 error, 2 notes``.

    Parameters
    ----------
    ignored
        Kinds that were not looked for.
    """
    unseen = f"; not looked for: {', '.join(sorted(ignored))}" if ignored else ""
    if not findings:
        return f"nothing found{unseen}"
    counts = Counter(found.severity for found in findings)
    parts = [(counts[severity], severity) for severity in SEVERITIES if counts[severity]]
    told = ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for count, name in parts)
    return told + unseen


def render(findings: list[LintFinding]) -> str:
    """Return two lines for each finding: where and what, and what to do."""
    lines = []
    for found in findings:
        place = "" if found.cell is None else f"cell {found.cell}"
        place += "" if found.line is None else f", line {found.line}"
        where = f"{place}: " if place else ""
        lines.append(f"  {found.severity:<7}  {where}{found.what} [{found.kind}]")
        lines.append(f"           {found.advice}")
    return "\n".join(lines)
