"""Whether the environment of the outputs is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import Page
from jupyter_repro.safety.files import name_of


def find(page: Page) -> Iterator[Seen]:
    """Yield a missing or unreadable record. A notebook without outputs needs none."""
    if page.problem is not None:
        problem = page.problem.removeprefix(f"{name_of(page.path)}: ")
        yield Seen("unreadable-record", f"{problem[:1].upper()}{problem[1:]}.".replace("..", "."))
    elif page.document is None and any(cell.outputs for cell in page.cells):
        yield Seen("not-recorded", "The environment that made the outputs is not recorded.")
