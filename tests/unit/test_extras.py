"""The table of extras in docs/install.md says what `pyproject.toml` says."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
FOR_DEVELOPERS = {"demo", "test-unit", "test", "lint", "lab", "bench-rng", "bench"}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def names(requirement: str) -> set[str]:
    """Return what a requirement brings: a name, or the extras of this package."""
    own = re.fullmatch(r"jupyter_repro\[(.*)\]", requirement)
    if own is not None:
        return {f"`{extra.strip()}`" for extra in own[1].split(",")}
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found is not None
    return {found[0]}


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def table() -> dict[str, set[str]]:
    text = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    rows = text.partition("| extra |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {
        extra.strip("`"): {name.strip() for name in brings.split(",")} - {""}
        for extra, _, brings in cells
    }


def test_the_table_of_extras() -> None:
    expected = {
        extra: set().union(*map(names, requirements))
        for extra, requirements in EXTRAS.items()
        if extra not in FOR_DEVELOPERS
    }
    assert table() == expected


def test_all_is_all_that_has_something_to_add() -> None:
    (everything,) = EXTRAS["all"]
    users = set(EXTRAS) - FOR_DEVELOPERS - {"all", "libraries", "torch"}
    assert names(everything) == {f"`{extra}`" for extra in users}


@pytest.mark.parametrize("folder", ["jupyter_repro", "README.md", "docs", "CHANGELOG.md"])
def test_what_is_advised_to_install_exists(folder: str) -> None:
    path = ROOT / folder
    files = [*path.rglob("*.py"), *path.rglob("*.md")] if path.is_dir() else [path]
    advised = {
        extra
        for file in files
        for found in re.findall(r"jupyter_repro\[([a-z,-]+)\]", file.read_text(encoding="utf-8"))
        for extra in found.split(",")
    }
    assert advised <= set(EXTRAS)


def test_what_the_package_imports_is_declared() -> None:
    """What a module asks for by name comes with the base or with an extra that users see."""
    users = [
        line for extra, lines in EXTRAS.items() if extra not in FOR_DEVELOPERS for line in lines
    ]
    declared = set().union(*map(names, [*PROJECT["dependencies"], *users]))
    modules = {
        "IPython": "ipython",
        "PIL": "pillow",
        "cyclonedx": "cyclonedx-python-lib",
        "packageurl": "cyclonedx-python-lib",  # which needs it
        "pynvml": "nvidia-ml-py",
        "rattler": "py-rattler",
        "skimage": "scikit-image",
        "yaml": "pyyaml",
    }
    imported = {
        name.partition(".")[0]
        for file in (ROOT / "jupyter_repro").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in imported_names(node)
    }
    # It is pytest that loads our plugin
    others = imported - set(sys.stdlib_module_names) - {"jupyter_repro", "pytest"}
    assert {modules.get(name, name) for name in others} <= declared
