"""A name in a docstring, a comment or the map of the code leads to what it names."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from jupyter_repro.seeding.seeders.registry import SEEDERS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "jupyter_repro"

# Other people's modules, which a docstring may name as well
OTHERS = {
    *sys.stdlib_module_names,
    *(module.partition(".")[0] for module in SEEDERS.values()),
    "args",
    "metadata",
    "msgspec",
    "np",
    "threadpoolctl",
    "tool",
}

_REFERENCE = re.compile(r"(?<!`)`((?:[a-z_]+\.)+[A-Za-z_.]*[A-Za-z_])`(?!`)")
_FILE = re.compile(r"\.(py|ts|tsx|md|json|toml|yml)$")


def module_of(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


@cache
def defined() -> dict[tuple[str, ...], set[str]]:
    """Return module → every name that is defined somewhere in it."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        names = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
        found[module_of(path)] = names
    return found


def leads_somewhere(reference: str) -> bool:
    """Tell whether some module of that name, or of that end of its path, defines the rest."""
    parts = tuple(reference.removeprefix("jupyter_repro.").split("."))
    if parts[0] in OTHERS:
        return True
    return any(
        module[-cut:] == parts[:cut] and set(parts[cut:]) <= names
        for module, names in defined().items()
        for cut in range(1, len(parts) + 1)
    )


@pytest.mark.parametrize(
    "path",
    [ROOT / "ARCHITECTURE.md", *sorted(PACKAGE.rglob("*.py"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_every_reference_leads_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = {one for one in _REFERENCE.findall(text) if not _FILE.search(one)}
    assert {one for one in found if not leads_somewhere(one)} == set()


def test_a_reference_to_what_has_moved_is_found() -> None:
    assert leads_somewhere("jupyter_repro.safety.world")
    assert leads_somewhere("safety.world.World")
    assert not leads_somewhere("snapshot.small_files")
    assert not leads_somewhere("installing.wheels")
