"""The notebook layer."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from jupyter_repro.capturing.probes import notebook
from jupyter_repro.model.snapshot import NotebookLayer
from tests.unit.support.sites import Site, module, world_of

LANGUAGE = f"python {sys.version_info.major}.{sys.version_info.minor}"


def test_outside_of_a_work_tree(tmp_path: Path) -> None:
    assert notebook.collect(world_of(tmp_path)) == NotebookLayer(status="ok", language=LANGUAGE)


def test_kernel_and_imports(tmp_path: Path) -> None:
    site = Site(tmp_path / "site")
    site.add("numpy", "1")
    numpy = module("numpy", site.folder / "numpy" / "__init__.py")
    world = world_of(tmp_path, site.folder, modules={"numpy": numpy})
    layer = notebook.collect(replace(world, kernel_name="python3\x1b[31m"))
    assert layer.kernel_name == "python3 [31m"
    assert layer.used == ["numpy"]


def test_git(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    folder = tmp_path / ".git"
    folder.mkdir()
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    unborn = notebook.collect(world)
    assert unborn.git is None
    assert unborn.reason == "the git work tree has no commit yet, or its commit cannot be read"

    (folder / "packed-refs").write_text(f"# pack-refs with: peeled\n{'ab' * 20} refs/heads/main\n")
    (folder / "config").write_text('[remote "origin"]\n\turl = https://me:pw@h.example/r.git\n')
    found = notebook.collect(world)
    assert found.reason is None
    assert found.git is not None
    assert (found.git.commit, found.git.remote) == ("ab" * 20, "https://h.example/r.git")
    assert found.git.dirty is None
