"""No file and no class is too long to read; what is longer wants splitting by meaning."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted((ROOT / "jupyter_repro").rglob("*.py"))
SOURCES = ROOT / "labextension" / "src"
FRONT_END = sorted([*SOURCES.rglob("*.ts"), *SOURCES.rglob("*.tsx")])
FILE_LINES = 400
CLASS_LINES = 250


def is_generated(path: Path) -> bool:
    return path.parent.name == "protocol" and path.name.startswith("_")


@pytest.mark.parametrize("paths", [PYTHON, FRONT_END], ids=["Python", "front end"])
def test_no_file_is_too_long(paths: list[Path]) -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert len(lines) > 40
    long = {path for path, count in lines.items() if count > FILE_LINES}
    assert not {path.name for path in long if not is_generated(path)}


def test_no_class_is_too_long() -> None:
    lengths = {
        f"{path.name}: {node.name}": (node.end_lineno or node.lineno) - node.lineno
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    assert len(lengths) > 100
    assert not {name for name, length in lengths.items() if length > CLASS_LINES}
