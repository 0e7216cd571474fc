"""Apply all rules to one notebook."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Collection
from pathlib import Path

import msgspec

from jupyter_repro.comparing.environments.policy import refuse
from jupyter_repro.errors import UsageError
from jupyter_repro.lint import counts, failures, privacy, randomness, records, stamps, versions
from jupyter_repro.lint.finding import LINT_KINDS, LintFinding
from jupyter_repro.lint.page import Page, read_page
from jupyter_repro.model.report import SEVERITIES, Severity
from jupyter_repro.safety.text import printable
from jupyter_repro.settings import find_table

RULES = (privacy, stamps, versions, records, counts, randomness, failures)

MAX_FINDINGS = 200
"""Findings that are shown of one notebook."""


def lint(path: Path, raw: bytes, ignored: Collection[str] = ()) -> list[LintFinding]:
    """Return the findings of all rules, the worst first.

    Parameters
    ----------
    path
        The name for messages; the file is not read.
    raw
        The file's contents.
    ignored
        Kinds that are not reported.

    Raises
    ------
    UnreadableError
        With one sentence that says why this is no notebook that can be read here.
    """
    page = read_page(path, raw)
    ids = {cell.number: cell.id for cell in page.cells}
    found = []
    with warnings.catch_warnings():
        # Of the notebook's own code, such as "\d" in a string
        warnings.simplefilter("ignore")
        for rule in RULES:
            found += [seen for seen in rule.find(page) if seen.kind not in ignored]
    findings = [
        LintFinding(
            kind=seen.kind,
            severity=LINT_KINDS[seen.kind].severity,
            what=printable(seen.what, 800),
            advice=LINT_KINDS[seen.kind].advice,
            cell=seen.cell,
            id=None if seen.cell is None else ids[seen.cell],
            line=seen.line,
        )
        for seen in found
    ]
    findings = _in_rows(findings, page)
    findings.sort(key=lambda one: (SEVERITIES.index(one.severity), one.cell or 0))
    return findings[:MAX_FINDINGS]


def _in_rows(findings: list[LintFinding], page: Page) -> list[LintFinding]:
    """Make one finding of those that say the same of code cells in a row."""
    numbers = [cell.number for cell in page.cells if not cell.is_blank]
    following = dict(itertools.pairwise(numbers))
    rows: list[LintFinding] = []
    open_rows: dict[tuple[str, str, int | None], int] = {}
    for found in findings:
        key = found.kind, found.what, found.cell
        row = open_rows.pop(key, None)
        if row is None or found.line is not None:
            row = len(rows)
            rows.append(found)
        else:
            rows[row] = msgspec.structs.replace(rows[row], last_cell=found.cell)
        if found.cell in following and found.line is None:
            open_rows[found.kind, found.what, following[found.cell]] = row
    return rows


def fails(findings: Collection[LintFinding], fail_on: Severity = "warning") -> bool:
    """Return whether any finding is as severe as `fail_on`, or more."""
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return any(found.severity in failing for found in findings)


def ignored_kinds(folder: Path, also: Collection[str] = ()) -> frozenset[str]:
    """Return the kinds that the project and the command line ignore.

    A project sets them in the nearest ``pyproject.toml``::

        [tool.jupyter_repro.lint]
        ignore = ["home-folder"]

    Raises
    ------
    UsageError
        If a kind is unknown, or the table has other keys; the message names the file.
    """
    for kind in also:
        if kind not in LINT_KINDS:
            refuse(f"kind of finding {kind!r}", LINT_KINDS, "--ignore")
    found = find_table(folder)
    if found is None:
        return frozenset(also)
    file, whole = found
    table = whole.get("lint", {})
    if not isinstance(table, dict):
        reason = f"{file}: tool.jupyter_repro.lint is not a table."
        raise UsageError(reason)
    for key in table:
        if key != "ignore":
            refuse(f"key {key!r} in tool.jupyter_repro.lint", ("ignore",), file)
    kinds = table.get("ignore", [])
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        reason = f"{file}: ignore in tool.jupyter_repro.lint is not a list of kinds."
        raise UsageError(reason)
    for kind in kinds:
        if kind not in LINT_KINDS:
            refuse(f"kind of finding {kind!r}", LINT_KINDS, f"{file}: ignore")
    return frozenset([*also, *kinds])
