"""What the stamps of the cells say of their outputs: another source, another environment."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import Page
from jupyter_repro.notebook.stamps import describe_mixture, ranges


def find(page: Page) -> Iterator[Seen]:
    """Yield cells that were edited after their run, and outputs of several environments."""
    for cell in page.cells:
        if cell.is_edited:
            left = "its outputs are" if cell.outputs else "what it left behind is"
            what = f"It was edited after its run: {left} not what this source gives."
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
        what = f"No recorded run has made the outputs of cell {ranges(unstamped)}."
        yield Seen("unstamped", what, unstamped[0])


def _unknown(page: Page, env: str) -> Iterator[Seen]:
    """Yield that the one environment of all outputs is none that the notebook has recorded."""
    if page.document is not None:
        known = (page.document.reference, page.document.latest)
        if not any(one is not None and one.digest.startswith(env) for one in known):
            what = f"The outputs were made in an environment that is not recorded here ({env})."
            yield Seen("unknown-environment", what)
