"""What others import from this package, and where version 0.1.0 had it."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import jupyter_repro

PROBE = (
    Path(__file__).resolve().parents[2] / "examples" / "third_party_probe" / "sample_store_probe.py"
)

OF_0_1_0 = {
    "snapshot": (
        *("SCHEMA_VERSION", "Status", "Seed", "PolicyName", "Determinism", "Layer", "Git"),
        *("NotebookLayer", "Framework", "FrameworksLayer", "PackagesLayer", "CondaLayer"),
        *("CoreLayer", "SystemLayer", "GpuDevice", "GpuLayer", "Library", "LibrariesLayer"),
        *("DeterminismLayer", "ThirdPartyLayer", "Layers", "ImportedFrom", "Snapshot"),
        *("RunFinding", "MAX_RECORDED_FINDINGS", "RunFindingList", "Document", "ENV_LENGTH"),
        *("CellStamp", "Stamps", "digest_of"),
    ),
    "world": ("Interpreter", "this_interpreter", "Seeding", "World", "current_world"),
    "remote": (
        *("CHECK_MIME_TYPE", "Beginning", "CheckRequest", "Answer", "begin", "current", "check"),
        *("environment", "formats", "ExportRequest", "export", "restore_command"),
    ),
}


@pytest.mark.parametrize(("module", "names"), OF_0_1_0.items())
def test_the_names_of_0_1_0_are_where_they_were(module: str, names: tuple[str, ...]) -> None:
    alias = import_module(f"jupyter_repro.{module}")
    assert [name for name in names if not hasattr(alias, name)] == []


def test_a_name_is_the_same_by_both_ways() -> None:
    snapshot, world = (import_module(f"jupyter_repro.{name}") for name in ("snapshot", "world"))
    assert jupyter_repro.ThirdPartyLayer is snapshot.ThirdPartyLayer
    assert jupyter_repro.World is world.World


def test_a_probe_of_a_third_party_needs_the_public_names_alone() -> None:
    imported = {
        (node.module, name.name)
        for node in ast.walk(ast.parse(PROBE.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jupyter_repro")
        for name in node.names
    }
    assert imported == {("jupyter_repro", "ThirdPartyLayer"), ("jupyter_repro", "World")}
    assert {name for _, name in imported} <= set(jupyter_repro.__all__)
