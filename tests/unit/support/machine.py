"""A machine on paper: a `World` whose root is a folder of recorded files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

from jupyter_repro.safety.world import Seeding, World

RECORDED = Path(__file__).parents[2] / "fixtures" / "proc"


def recorded(name: str) -> str:
    return (RECORDED / name).read_text(encoding="utf-8")


def make_world(
    folder: Path,
    files: Mapping[str, str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    modules: Mapping[str, ModuleType] | None = None,
    seeding: Seeding | None = None,
) -> World:
    root = folder / "root"
    root.mkdir(exist_ok=True)
    for path, text in (files or {}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return World(
        prefix=folder / "prefix",
        base_prefix=folder / "base",
        root=root,
        home=folder / "home",
        cwd=folder / "work",
        environ=environ or {},
        sys_path=(),
        modules=modules or {},
        seeding=seeding,
    )
