"""Imports go downwards only, and importing the package costs nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "jupyter_repro"

# From the ground up; a module may import from its own line and from those above it
FLOORS = (
    "errors _version fields result snapshot report world run_findings switches package_grammar",
    "redact messages migrations schema struct_types streams import_guard recorded_findings",
    "cell_keys vendor_indexes",
    "sources project_table import_hook torch_determinism notebook generators ledger",
    "registry",
    "probes seeders seed_options rng_state torch_workers",
    "results",
    "capturing comparison seed_controller documents confidence",
    "seeding workers outputs",
    "leading_facts render finding_text imported_text why",
    "card lift stamps finding_card pins",
    "exporters importers lint",
    "installing",
    "stored_document panel_html cells cell_stamps checkpoints environment_watch",
    "kernel_request clients",
    "page",
    "session arguments expect_line doctor",
    "expecting",
    "publish remote magic widget",
    "headless",
    "cli __init__ __main__ pytest_plugin",
)
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names.split()}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def first_part(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE).with_suffix("")).replace("/", ".")


def imported_parts(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jupyter_repro"):
            assert node.module is not None
            inner = node.module.split(".")[1:]
            found |= {inner[0]} if inner else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_go_downwards(path: Path) -> None:
    here = first_part(path)
    assert here in FLOOR_OF, f"{here} has no floor yet: add it to FLOORS"
    if here in {"__init__", "__main__"}:
        return
    upwards = {part for part in imported_parts(path) if FLOOR_OF[part] > FLOOR_OF[here]}
    assert upwards == set()


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
