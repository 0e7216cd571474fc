"""Which cells of a notebook build on others, by the names that they use.

This shows which differences follow from earlier ones. What cannot be read, and what leaves no trace
in the names (a file that is written and read), counts as building on everything above: a cell is
said to differ by itself only where its code shows that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jupyter_repro.lint.python_code import parse

# These only look at what they are given
_LOOKING = frozenset(
    (
        *("print", "len", "sum", "str", "repr", "type", "max", "min", "round", "abs", "sorted"),
        *("list", "dict", "set", "tuple", "int", "float", "bool", "range", "zip", "enumerate"),
        *("display", "isinstance", "any", "all", "format"),
    )
)
# Files, other programs, and code that is made while it runs
_OUTSIDE = re.compile(
    r"^\s*[!%]%?(?!matplotlib|time|timeit|config|load_ext|autoreload)\w"
    r"|\b(?:open|read_\w+|to_\w+|load\w*|save\w*|dump\w*|exec|eval|globals|connect|get_ipython)\(",
    re.MULTILINE,
)


class Used(NamedTuple):
    """The names of one cell.

    Parameters
    ----------
    reads
        Those that it uses, those of the functions that it defines among them.
    changes
        Those that it assigns, or whose objects it may change.
    imports
        Those that are modules, or parts of modules.
    functions
        Name of a function that it defines → names that its body uses.
    """

    reads: frozenset[str]
    changes: frozenset[str]
    imports: frozenset[str]
    functions: dict[str, frozenset[str]]


class Following:
    """Follows from cell to cell what a difference reaches."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._cells = [_used(source) for source in sources]
        self._is_clear = [_OUTSIDE.search(source) is None for source in sources]
        known = [cell for cell in self._cells if cell is not None]
        self._imports = frozenset[str]().union(*(cell.imports for cell in known))
        self._functions = {name: uses for cell in known for name, uses in cell.functions.items()}
        self._reached: set[str] = set()
        self._has_begun = False

    def follows(self, at: int) -> bool:
        """Return whether the cell at an index builds on what differed above it."""
        cell = self._cells[at]
        if not self._has_begun:
            return False
        return cell is None or not self._is_clear[at] or bool(self._all_reads(cell) & self._reached)

    def reach(self, at: int) -> None:
        """Take note that a cell differs: whatever it changes may differ from there on."""
        self._has_begun = True
        cell = self._cells[at]
        if cell is not None:
            self._reached |= cell.changes - self._imports

    def pass_on(self, at: int) -> None:
        """Let what a cell that does not differ takes from others reach what it changes."""
        cell = self._cells[at]
        if cell is not None and self._all_reads(cell) & self._reached:
            self._reached |= cell.changes - self._imports

    def _all_reads(self, cell: Used) -> frozenset[str]:
        """Return the names that a cell uses, and those in the functions that it calls."""
        found: set[str] = set()
        waiting = list(cell.reads)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._functions.get(name, ()))
        return frozenset(found)


def _used(source: str) -> Used | None:
    tree = parse(source)
    if tree is None:
        return None
    reads: set[str] = set()
    changes: set[str] = set()
    imports: set[str] = set()
    functions: dict[str, frozenset[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (reads if isinstance(node.ctx, ast.Load) else changes).add(node.id)
        elif isinstance(node, ast.AugAssign):
            reads |= set(_base(node.target))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            imports |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            changes.add(node.name)
            functions[node.name] = frozenset(_loaded(node))
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(
            node.ctx, ast.Load
        ):
            changes |= set(_base(node))
        elif isinstance(node, ast.Call):
            changes |= set(_given(node))
    return Used(frozenset(reads), frozenset(changes), frozenset(imports), functions)


def _loaded(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id


def _base(node: ast.AST) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _given(call: ast.Call) -> Iterator[str]:
    """Yield the names whose objects a call may change: its arguments, and what has the method."""
    if isinstance(call.func, ast.Name) and call.func.id in _LOOKING:
        return
    if isinstance(call.func, ast.Attribute):
        yield from _base(call.func)
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        yield from _base(argument)
