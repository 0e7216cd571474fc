"""What may seed a library although lint cannot follow it, such as a function of a helper module.

Anything with ``seed`` in its name counts, except what is understood: the functions of
`jupyter_repro.lint.draws.SEEDS`, generators of their own, and variables that only they get.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from jupyter_repro.lint.draws import CUDA_SEEDS, GENERATORS, SEEDS, TITLES
from jupyter_repro.lint.page import Page
from jupyter_repro.lint.python_code import Names, executed, is_print, parse

_ALL = frozenset(TITLES)


def unclear_seeds(page: Page) -> frozenset[str]:
    """Return the libraries that something may seed, in a function for instance."""
    names = Names()
    trees = []
    for cell in page.cells:
        tree = parse(cell.source)
        for node in () if tree is None else ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign)):
                names.learn(node)
        if "seed" in cell.source.lower():
            if tree is None or any(map(_is_unclear_line, cell.source.splitlines())):
                return _ALL
            trees.append(tree)
    return frozenset(library for tree in trees for library in _of_tree(tree, names))


def _is_unclear_line(line: str) -> bool:
    line = line.strip().lower()
    return line.startswith(("%", "!")) and "seed" in line and not line.startswith("%%repro")


def _of_tree(tree: ast.Module, names: Names) -> Iterator[str]:
    at_once = set(map(id, executed(tree)))
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            meaning = names.meaning_of(node.func)
            libraries = SEEDS.get(meaning or "")
            if meaning in CUDA_SEEDS:
                yield "torch"
            elif libraries is not None:
                # Without an argument it takes fresh entropy, which may be intended
                clear = id(node) in at_once and (node.args or node.keywords)
                yield from () if clear else libraries
            elif not (is_print(node) or is_own_generator(node, names)):
                waiting.extend(ast.iter_child_nodes(node))
                continue
            waiting.extend(_calls_among_arguments(node))
        elif _names_a_seed(node):
            meaning = names.meaning_of(node)
            yield from SEEDS.get(meaning or "", _ALL)
        elif not _seeds_nothing_global(node):
            waiting.extend(ast.iter_child_nodes(node))


def is_own_generator(call: ast.Call, names: Names) -> bool:
    """Return whether a call makes a generator of its own, or calls a method of one."""
    return names.made_by(call) in GENERATORS


def _calls_among_arguments(call: ast.Call) -> Iterator[ast.AST]:
    """Yield the outermost calls in the arguments of a call; other arguments seed nothing."""
    waiting: list[ast.AST] = [*call.args, *call.keywords]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            yield node
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _seeds_nothing_global(node: ast.AST) -> bool:
    """Return whether a node only passes a seed to an estimator or to a different name."""
    if isinstance(node, ast.keyword):
        return node.arg == "random_state"
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)


def _names_a_seed(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return isinstance(node.ctx, ast.Load) and "seed" in node.id.lower()
    if isinstance(node, ast.Attribute):
        return "seed" in node.attr.lower()
    if isinstance(node, ast.keyword):
        return "seed" in (node.arg or "").lower()
    if isinstance(node, ast.Import):
        return any("seed" in alias.name.lower() for alias in node.names)
    return isinstance(node, ast.ImportFrom) and "seed" in (node.module or "").lower()
