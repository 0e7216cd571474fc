"""Which environment produced the outputs of a notebook, according to the stamps of its cells."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_repro.notebook.file import Notebook


def cells_by_environment(notebook: Notebook) -> dict[str, list[int]]:
    """Return the numbers of the cells with outputs, counted from 1, by their stamp."""
    found: dict[str, list[int]] = {}
    for number, cell in enumerate(notebook.cells, 1):
        if cell.env is not None and cell.has_outputs:
            found.setdefault(cell.env, []).append(number)
    return found


def describe_mixture(environments: dict[str, list[int]]) -> str | None:
    """Return a sentence if the outputs come from more than one environment, else None."""
    if len(environments) < 2:
        return None
    parts = [f"{ranges(cells)} in {env}" for env, cells in environments.items()]
    return f"The outputs were made in different environments: cells {', cells '.join(parts)}."


def ranges(numbers: Iterable[int]) -> str:
    """Return sorted numbers as ranges.

    Examples
    --------
    >>> ranges([1, 2, 3, 7])
    '1-3, 7'
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in spans)
