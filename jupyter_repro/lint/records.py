"""Whether there is a record of the environment that the outputs were made in."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import Page
from jupyter_repro.safety.files import name_of


def find(page: Page) -> Iterator[Seen]:
    """Yield that there is no record, or none that can be read. Without outputs none is needed."""
    if page.problem is not None:
        problem = page.problem.removeprefix(f"{name_of(page.path)}: ")
        yield Seen("unreadable-record", f"{problem[:1].upper()}{problem[1:]}.".replace("..", "."))
    elif page.document is None and any(cell.outputs for cell in page.cells):
        yield Seen("not-recorded", "Nothing says in which environment the outputs were made.")
