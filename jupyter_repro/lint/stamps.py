"""Outputs whose stamps show a different source or a different environment."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import Page
from jupyter_repro.notebook.stamps import describe_mixture, ranges


def find(page: Page) -> Iterator[Seen]:
    """Yield cells that were edited after they ran, and outputs of several environments."""
    for cell in page.cells:
        if cell.is_edited:
            stale = "its outputs are" if cell.outputs else "its effects are"
            what = f"It was edited after it ran: {stale} not those of this source."
            yield Seen("edited", what, cell.number)
    stamped: dict[str, list[int]] = {}
    unstamped = []
    for cell in page.cells:
        if cell.outputs and cell.stamp.env is not None:
            stamped.setdefault(cell.stamp.env, []).append(cell.number)
        elif cell.outputs and cell.count is not None:
            unstamped.append(cell.number)
    mixture = describe_mixture(stamped)
    if mixture is not None:
        yield Seen("mixed-environments", mixture)
    elif stamped:
        yield from _unknown(page, *stamped)
    if stamped and unstamped:
        what = f"No recorded run made the outputs of cell {ranges(unstamped)}."
        yield Seen("unstamped", what, unstamped[0])


def _unknown(page: Page, env: str) -> Iterator[Seen]:
    """Yield that the notebook has not recorded the environment of its outputs."""
    if page.document is not None:
        known = (page.document.reference, page.document.latest)
        if not any(one is not None and one.digest.startswith(env) for one in known):
            what = f"The outputs are from an environment that is not recorded here ({env})."
            yield Seen("unknown-environment", what)
