"""Verdicts, outcomes and severities look the same everywhere: one table says how."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

from jupyter_repro.comparing.outputs.verdict import CellStatus
from jupyter_repro.model import verdicts
from jupyter_repro.model.report import LayerState, OverallVerdict, Severity
from jupyter_repro.model.results import Outcome
from jupyter_repro.model.verdicts import OUTCOME_LOOKS, SEVERITY_LOOKS, VERDICT_LOOKS

TABLE = Path(verdicts.__file__)
PACKAGE = TABLE.parents[1]
NAMES = {*VERDICT_LOOKS, *OUTCOME_LOOKS, *SEVERITY_LOOKS}
SIGNS = "✓✗≈⊘○"


def own_looks(tree: ast.AST) -> list[int]:
    """Return the lines that give a verdict, an outcome or a severity a word, sign or colour."""
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if any(sign in node.value for sign in SIGNS):
                lines.append(node.lineno)
        elif isinstance(node, ast.Dict):
            said = [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value in NAMES
            ]
            # One table may lead to another: severity -> verdict
            texts = {one.value for one in said if isinstance(one, ast.Constant)}
            tuples = any(isinstance(one, ast.Tuple) for one in said)
            if len(said) > 1 and (tuples or texts - NAMES):
                lines.append(node.lineno)
    return lines


def test_every_one_has_a_look() -> None:
    assert set(VERDICT_LOOKS) == {*get_args(LayerState), *get_args(OverallVerdict)}
    assert set(OUTCOME_LOOKS) == {*get_args(Outcome), "left out", "no output"}
    assert set(SEVERITY_LOOKS) == {*get_args(Severity)}
    assert "no output" in str(CellStatus)


@pytest.mark.parametrize(
    "source",
    ['{"match": "green", "drift": "yellow"}', '{"error": ("x", "red"), "note": ("y", "")}', '"✓"'],
)
def test_a_table_beside_it_is_found(source: str) -> None:
    assert own_looks(ast.parse(source)) == [1]


def test_no_other_module_has_words_signs_or_colours_of_its_own() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): lines
        for path in PACKAGE.rglob("*.py")
        if path != TABLE and (lines := own_looks(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert found == {}
