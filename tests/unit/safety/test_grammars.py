"""The patterns that read foreign text take ASCII digits only."""

from __future__ import annotations

import ast
from pathlib import Path

import jupyter_repro

SOURCES = sorted(Path(jupyter_repro.__file__).parent.rglob("*.py"))


def patterns_with_any_digit(source: str) -> list[int]:
    """Return the lines of texts with a ``\\d``, which takes the digits of all scripts."""
    tree = ast.parse(source)
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and "\\d" in node.value
        and id(node) not in documented
    ]


def test_no_pattern_takes_digits_of_other_scripts() -> None:
    assert patterns_with_any_digit("import re\nre.compile(r'\\d+')") == [2]
    found = {path.name: patterns_with_any_digit(path.read_text("utf-8")) for path in SOURCES}
    assert {name: lines for name, lines in found.items() if lines} == {}
