"""Imports go downwards only, and importing the package costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "jupyter_repro"

# From the ground up; a folder may import from itself and from those before it
FLOORS = (
    "safety",
    "model",
    "packages",
    "capturing",
    "comparing",
    "seeding",
    "notebook",
    "show",
    "lint",
    "formats",
    "install",
    "kernel",
    "run",
    "cli",
)
GROUND = ("errors", "_version")
SETTINGS = "settings"  # one module, which reads a project's own table: as high as `safety`
ALIASES = {"snapshot", "world", "remote"}
TOP = {"__init__", "__main__", *GROUND, SETTINGS, *ALIASES}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


def floor_of(part: str) -> int:
    if part in GROUND:
        return -1
    return FLOORS.index("safety" if part == SETTINGS else part)


def imported_parts(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jupyter_repro"):
            assert node.module is not None
            inner = node.module.split(".")[1:]
            found |= {inner[0]} if inner else {alias.name for alias in node.names}
    return found


def test_the_house_has_fourteen_folders_and_little_beside_them() -> None:
    folders = {path.relative_to(PACKAGE).parts[0] for path in PACKAGE.glob("*/**/*.py")}
    assert folders == set(FLOORS)
    assert {path.stem for path in PACKAGE.glob("*.py")} == TOP


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_go_downwards(path: Path) -> None:
    name = name_of(path)
    here = name.split("/")[0]
    if here in TOP - {SETTINGS}:
        return
    upwards = {part for part in imported_parts(path) if floor_of(part) > floor_of(here)}
    assert upwards == set()


def test_every_folder_and_module_says_what_it_is() -> None:
    silent = {
        name_of(path)
        for path in modules()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert silent == ALIASES


def test_the_package_itself_imports_the_standard_library_alone() -> None:
    code = (
        "import sys; before = set(sys.modules); import jupyter_repro;"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}"
        " - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["jupyter_repro"]


def test_every_public_name_is_there() -> None:
    import jupyter_repro

    for name in jupyter_repro.__all__:
        assert getattr(jupyter_repro, name) is not None
