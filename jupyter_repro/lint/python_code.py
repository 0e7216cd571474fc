"""The code of cells as syntax trees without IPython's own lines, and the meaning of names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

MAX_SOURCE = 200_000
"""Characters of a cell that are read as code; no person writes a longer cell."""

_MAGIC = re.compile(r"^(?P<indent>[ \t]*)(?:[%!?,;/].*|[^#'\"\n]*\?{1,2}[ \t]*)$")
_ASSIGNED_MAGIC = re.compile(r"^(?P<target>[ \t]*[\w., \t\[\]]+=)[ \t]*[!%](?!=).*$")
# The rest of such a cell is Python
_PYTHON_MAGICS = re.compile(r"%%(?:time|timeit|capture|prun|repro|memit|mprun)\b")

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def parse(source: str) -> ast.Module | None:
    """Return the tree of a cell's source, or None if it is not valid Python.

    Lines of IPython (``%magic``, ``!command``, ``name?``) do nothing in it; the numbers of the
    lines are those of the source.
    """
    if len(source) > MAX_SOURCE:
        return None
    return _try(source) or _try(without_magics(source))


def _try(source: str | None) -> ast.Module | None:
    if source is None:
        return None
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def without_magics(source: str) -> str | None:
    """Return a source in which lines of IPython are ``pass``; None for a different language."""
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not _PYTHON_MAGICS.match(first):
        return None
    plain = []
    goes_on = False
    for line in lines:
        magic = _MAGIC.match(line)
        if goes_on:
            plain.append("")
        elif magic is not None:
            plain.append(f"{magic['indent']}pass")
        else:
            assigned = _ASSIGNED_MAGIC.match(line)
            plain.append(f"{assigned['target']} None" if assigned else line)
            magic = assigned
        goes_on = (goes_on or magic is not None) and line.rstrip().endswith("\\")
    return "\n".join(plain)


def executed(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes that run when the cell runs, in the order of the source.

    The bodies of functions are left out, because it is unknown when they are called. There is no
    recursion, because the tree of a hostile cell may be deep.
    """
    waiting: list[ast.AST] = [*reversed(tree.body)]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _FUNCTIONS):
            waiting.extend(reversed([*ast.iter_child_nodes(node)]))


def is_print(node: ast.AST) -> bool:
    """Return whether a node is a call of `print`."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    )


class Names:
    """What the names of a notebook mean: ``np`` is ``numpy``, ``rand`` is ``numpy.random.rand``."""

    def __init__(self) -> None:
        self._meanings: dict[str, str] = {}
        self._made_by: dict[str, str] = {}

    def learn(self, node: ast.AST) -> None:
        """Learn the meaning of an import or an assignment, or forget a name that gets a new one."""
        if isinstance(node, ast.Assign):
            self._assign(node)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname is not None:
                    self._meanings[alias.asname] = alias.name
                else:
                    top = alias.name.partition(".")[0]
                    self._meanings[top] = top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                self._meanings[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._meanings.pop(node.name, None)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            self._meanings.pop(node.id, None)

    def _assign(self, node: ast.Assign) -> None:
        made_by = self.made_by(node.value)
        for target in filter(None, map(_dotted, node.targets)):
            self._made_by.pop(target, None)
            if made_by is not None:
                self._made_by[target] = made_by

    def meaning_of(self, node: ast.AST) -> str | None:
        """Return the full name of what an expression names, such as ``numpy.random.rand``."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self._meanings:
            return None
        return ".".join([self._meanings[node.id], *reversed(parts)])

    def made_by(self, node: ast.AST) -> str | None:
        """Return the full name of the class or function whose call made an object.

        Both for ``torch.Generator().manual_seed(1)`` and for a name that it was assigned to, this
        is ``torch.Generator``.
        """
        while isinstance(node, ast.Call):
            meaning = self.meaning_of(node.func)
            if meaning is not None:
                return meaning
            if not isinstance(node.func, ast.Attribute):
                return None
            node = node.func.value
        dotted = _dotted(node)
        return None if dotted is None else self._made_by.get(dotted)


def _dotted(node: ast.AST) -> str | None:
    """Return a name with its attributes, such as ``self.generator``."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
