"""Classes of a notebook that draw from PyTorch's generator when an object of them is made."""

from __future__ import annotations

import ast
import re

from jupyter_repro.lint.draws import DRAWS, LAYERS
from jupyter_repro.lint.page import Page
from jupyter_repro.lint.python_code import Names, parse

LAYER_WORDS = re.compile(r"\bnn\b")
"""In a notebook without it, no layer is made."""


def is_torch_draw(call: ast.Call, names: Names) -> bool:
    """Return whether a call draws from PyTorch's global generator."""
    meaning = names.meaning_of(call.func)
    if meaning is None:
        return False
    module, _, function = meaning.rpartition(".")
    if meaning in LAYERS:
        return True
    if not module.startswith("torch") or function not in DRAWS.get(module, ()):
        return False
    return all(keyword.arg != "generator" for keyword in call.keywords)


def drawing_classes(page: Page) -> frozenset[str]:
    """Return the names of classes whose ``__init__`` makes layers or draws otherwise."""
    names = Names()
    drawing: set[str] = set()
    uses: dict[str, set[str]] = {}
    for cell in page.cells:
        tree = parse(cell.source)
        for node in () if tree is None else ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names.learn(node)
    for cell in page.cells:
        tree = parse(cell.source) if "class" in cell.source else None
        for node in () if tree is None else ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                calls = _calls_of_init(node)
                if any(is_torch_draw(call, names) for call in calls):
                    drawing.add(node.name)
                uses[node.name] = {
                    call.func.id for call in calls if isinstance(call.func, ast.Name)
                }
    while more := {name for name, used in uses.items() if used & drawing} - drawing:
        drawing |= more
    return frozenset(drawing)


def _calls_of_init(node: ast.ClassDef) -> list[ast.Call]:
    return [
        inner
        for function in node.body
        if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        for inner in ast.walk(function)
        if isinstance(inner, ast.Call)
    ]
