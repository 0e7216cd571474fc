"""Annotations for GitHub's workflows.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from jupyter_repro.cli.reports.verified import SILENT, Result
from jupyter_repro.safety.runner_commands import without_commands
from jupyter_repro.safety.text import printable

MAX_ANNOTATIONS = 50
"""Of a notebook; GitHub shows ten a step."""

MAX_MESSAGE = 2_000


def to_annotations(results: Sequence[Result]) -> Iterator[str]:
    """Yield a command for each cell that is not identical, and for what could not be checked."""
    for result in results:
        file = _property(_relative(result))
        if result.error:
            yield f"::error file={file}::{_message(result.error)}"
        shown = [cell for cell in result.cells if cell.status not in SILENT]
        if result.score is None and not (result.error or shown or result.shown_results):
            yield f"::error file={file}::{_message(result.summary)}"
        # A notebook must not push its errors out by many notices
        shown.sort(key=lambda cell: cell.status == "within tolerance")
        for cell in shown[:MAX_ANNOTATIONS]:
            level = "notice" if cell.status == "within tolerance" else "error"
            at = cell.cell - 1
            line = f",line={result.lines[at]}" if at < len(result.lines) else ""
            title = _property(f"cell {cell.cell}: {cell.status}")
            yield f"::{level} file={file}{line},title={title}::{_message(cell.why)}"
        numbers = {cell.id: cell.cell for cell in result.cells if cell.id}
        for one in result.shown_results[:MAX_ANNOTATIONS]:
            level = "notice" if one.outcome == "within tolerance" else "error"
            number = numbers.get(one.cell or "", 0)
            line = f",line={result.lines[number - 1]}" if 0 < number <= len(result.lines) else ""
            title = _property(f"result {one.name}: {one.outcome}")
            yield f"::{level} file={file}{line},title={title}::{_message(one.why)}"


def _relative(result: Result) -> str:
    """Return the path from the root of the checkout, as GitHub expects it."""
    root = os.environ.get("GITHUB_WORKSPACE") or "."
    try:
        relative = os.path.relpath(result.path, root)
    except ValueError:  # on a different drive
        return result.name
    return result.name if relative.startswith("..") else relative.replace(os.sep, "/")


def _message(text: str) -> str:
    return without_commands(printable(text, MAX_MESSAGE)).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
