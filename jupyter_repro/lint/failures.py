"""Exceptions in outputs."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.lint.finding import Seen, shown
from jupyter_repro.lint.page import Page

EXPECTED = frozenset(("raises-exception", "nbval-raises-exception", "nbval-check-exception"))
"""Tags that say that an exception is expected."""


def find(page: Page) -> Iterator[Seen]:
    """Yield cells that failed."""
    for cell in page.cells:
        if cell.tags & EXPECTED:
            continue
        for output in cell.outputs:
            if output.error is not None:
                what = shown(f"{output.error}: {output.message}".removesuffix(": "), 200)
                yield Seen("error-output", f"It failed ({what}).", cell.number)
                break
