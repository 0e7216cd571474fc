"""The draws of one cell that nothing seeds, by the rules of lint."""

from __future__ import annotations

import ast
import warnings
from dataclasses import replace

from jupyter_repro.lint import randomness
from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import Page
from jupyter_repro.lint.python_code import executed, parse


def unseeded_draws(page: Page, number: int) -> list[Seen]:
    """Return the draws of a cell that come before any seed, or that nothing seeds.

    Lint names the first draw of a notebook from each library. So it reads the notebook with the
    imports first and this cell next; cells keep their numbers, by which it compares with the seed.

    Parameters
    ----------
    page
        The notebook.
    number
        Of the cell, from 1.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the notebook's own code
        imports = [
            replace(cell, source=_imports(cell.source))
            for cell in page.cells
            if cell.number < number
        ]
        own = [cell for cell in page.cells if cell.number == number]
        others = [cell for cell in page.cells if cell.number != number]
        found = randomness.find(replace(page, cells=(*imports, *own, *others)))
        return [seen for seen in found if seen.cell == number]


def _imports(source: str) -> str:
    tree = parse(source) if "import" in source else None
    kept = [
        node
        for node in (() if tree is None else executed(tree))
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    return "\n".join(map(ast.unparse, kept))
