"""The order in which the cells ran, as far as execution counts show it.

Counts from 1 without a gap prove little: a notebook that ran once from top to bottom has them, and
so has one with an output of last year.
"""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import CodeCell, Page

KEPT_OUT = frozenset(("skip-execution", "repro-skip", "nbval-skip"))
"""Tags of cells that tools do not run."""

_SHOWN = 3


def find(page: Page) -> Iterator[Seen]:
    """Yield cells that ran out of order, did not run, or have outputs of an unknown run."""
    cells = [cell for cell in page.cells if not cell.is_blank and not cell.tags & KEPT_OUT]
    counted = [cell for cell in cells if cell.count is not None]
    if not counted:  # a tool has taken the counts away
        return
    yield from _out_of_order(counted)
    last = counted[-1].number
    for cell in cells:
        if cell.count is not None:
            continue
        if cell.outputs:
            what = "It has outputs and no execution count, so it is unknown which run made them."
            yield Seen("no-count", what, cell.number)
        elif cell.number < last:
            yield Seen("skipped", "It did not run, but cells below it did.", cell.number)


def _out_of_order(cells: list[CodeCell]) -> Iterator[Seen]:
    gaps = []
    before: CodeCell | None = None
    for cell in cells:
        assert cell.count is not None
        count = 0 if before is None else before.count
        assert count is not None
        if cell.count > count + 1:
            gaps.append((cell, count))
        elif before is not None and cell.count == count:
            what = (
                f"It has the same number [{count}] as cell {before.number}: two kernels ran them."
            )
            yield Seen("out-of-order", what, cell.number)
        elif before is not None and cell.count < count:
            what = f"It ran as [{cell.count}], before cell {before.number} above it, [{count}]."
            yield Seen("out-of-order", what, cell.number)
        before = cell
    if gaps:
        yield Seen("count-gap", _describe(gaps), gaps[0][0].number)


def _describe(gaps: list[tuple[CodeCell, int]]) -> str:
    shown = [
        f"cell {cell.number} ran as [{cell.count}] after {f'[{before}]' if before else 'nothing'}"
        for cell, before in gaps[:_SHOWN]
    ]
    more = f", and {len(gaps) - _SHOWN} more" if len(gaps) > _SHOWN else ""
    return f"Some cells ran more than once or were deleted: {', '.join(shown)}{more}."
