"""All rules on one notebook."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from pathlib import Path

from jupyter_repro.comparing.environments.policy import refuse
from jupyter_repro.errors import UsageError
from jupyter_repro.lint import counts, failures, privacy, randomness, records, stamps, versions
from jupyter_repro.lint.finding import KINDS, LintFinding, worst_first
from jupyter_repro.lint.page import read_page
from jupyter_repro.model.report import SEVERITIES, Severity
from jupyter_repro.safety.text import printable
from jupyter_repro.settings import find_table

RULES = (privacy, stamps, versions, records, counts, randomness, failures)

MAX_FINDINGS = 200
"""In one notebook; more would not be read."""


def lint(path: Path, raw: bytes, ignored: Collection[str] = ()) -> list[LintFinding]:
    """Return what the rules see in a notebook, the worst first.

    Parameters
    ----------
    path
        For messages; nothing is read from there.
    raw
        The file's contents.
    ignored
        Kinds to leave out.

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
            severity=KINDS[seen.kind].severity,
            what=printable(seen.what, 800),
            advice=KINDS[seen.kind].advice,
            cell=seen.cell,
            id=None if seen.cell is None else ids[seen.cell],
            line=seen.line,
        )
        for seen in found
    ]
    return worst_first(findings)[:MAX_FINDINGS]


def fails(findings: Collection[LintFinding], fail_on: Severity = "warning") -> bool:
    """Tell whether any finding is as severe as `fail_on`, or more."""
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return any(found.severity in failing for found in findings)


def ignored_kinds(folder: Path, also: Collection[str] = ()) -> frozenset[str]:
    """Return the kinds that the project leaves out, and those that the user names.

    The project says so in the nearest ``pyproject.toml``::

        [tool.jupyter_repro.lint]
        ignore = ["home-folder"]

    Raises
    ------
    UsageError
        If one is no kind, or the table holds something else; the message names the file.
    """
    for kind in also:
        if kind not in KINDS:
            refuse(f"kind of finding {kind!r}", KINDS, "--ignore")
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
        if kind not in KINDS:
            refuse(f"kind of finding {kind!r}", KINDS, f"{file}: ignore")
    return frozenset([*also, *kinds])
