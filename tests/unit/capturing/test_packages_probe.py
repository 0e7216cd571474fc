"""The packages layer: who installed what, over what, and from where."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from jupyter_repro.capturing.probes import packages
from jupyter_repro.model.snapshot import PackagesLayer
from jupyter_repro.safety.world import World, current_world
from tests.unit.support.sites import Site, world_of


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "prefix" / "lib" / "python3.11" / "site-packages")


@pytest.fixture
def world(tmp_path: Path, site: Site) -> World:
    return world_of(tmp_path, site.folder)


def add_record(world: World, stem: str, installer: str | None = None) -> None:
    folder = world.prefix / "conda-meta"
    folder.mkdir(exist_ok=True)
    paths = [{"_path": "bin/x", "sha256": "0" * 64, "path_type": "hardlink"}]
    if installer is not None:
        path = "lib/python3.11/site-packages/x-1.dist-info/INSTALLER"
        digest = hashlib.sha256(installer.encode()).hexdigest()
        paths.append({"_path": path, "path_type": "hardlink", "sha256": digest})
    record = {"files": [path["_path"] for path in paths], "paths_data": {"paths": paths}}
    (folder / f"{stem}.json").write_text(json.dumps(record, indent=2))


def test_this_process_is_a_valid_layer_and_small() -> None:
    layer = packages.collect(current_world())
    assert msgspec.convert(msgspec.to_builtins(layer), PackagesLayer) == layer
    assert layer.status == "ok"
    assert layer.packages == sorted(layer.packages)
    text = "\n".join(layer.packages)
    assert len(text) / len(layer.packages) < 40
    assert str(Path.home()) not in text or str(Path.home()) == "/"


def test_nothing_installed_is_an_empty_layer(tmp_path: Path) -> None:
    layer = packages.collect(world_of(tmp_path))
    assert layer == PackagesLayer(status="ok")


def test_user_site_and_python_path_are_told(tmp_path: Path) -> None:
    user = Site(tmp_path / "home" / ".local" / "lib" / "site-packages")
    user.add("one", "1")
    world = world_of(tmp_path, user.folder, environ={"PYTHONPATH": str(user.folder)})
    assert packages.collect(world) == PackagesLayer(
        status="ok",
        packages=["one==1 [pip, user-site, PYTHONPATH]"],
        user_site=True,
        python_path=True,
    )


def test_what_pip_put_over_conda_packages(site: Site, world: World) -> None:
    site.add("newer", "1.5")
    add_record(world, "newer-1.1-py311_0")
    site.add("torch", "2.5.1")
    add_record(world, "pytorch-2.4.1-cuda126_py311_300")
    site.add("kept", "1.0", installer="conda")
    add_record(world, "kept-1.0-py311_0")
    site.add("only-pip", "1.0")
    assert packages.collect(world).packages == [
        "kept==1.0 [conda]",
        "newer==1.5 [pip, replaces-conda]",
        "only-pip==1.0 [pip]",
        "torch==2.5.1 [pip, replaces-conda]",
    ]


def test_the_same_version_is_decided_by_what_conda_installed(site: Site, world: World) -> None:
    site.add("again", "1.0")
    add_record(world, "again-1.0-py311_0", installer="conda")
    site.add("old-noarch", "1.0")
    add_record(world, "old-noarch-1.0-py_1", installer="pip\n")
    site.add("untold", "1.0")
    add_record(world, "untold-1.0-py_1")
    assert packages.collect(world).packages == [
        "again==1.0 [pip, replaces-conda]",
        "old-noarch==1.0 [pip]",
        "untold==1.0 [pip]",
    ]


def test_an_egg_info_of_conda_is_condas(site: Site, world: World) -> None:
    (site.folder / "old-1.0-py3.11.egg-info").write_text("Name: old\nVersion: 1.0\n")
    (site.folder / "stranger-1.0-py3.11.egg-info").write_text("Name: stranger\nVersion: 1.0\n")
    add_record(world, "old-1.0-py311_0")
    assert packages.collect(world).packages == ["old==1.0 [conda]", "stranger==1.0 [unknown]"]


def test_what_lies_outside_of_the_prefix_replaces_nothing(tmp_path: Path, world: World) -> None:
    extra = Site(tmp_path / "extra")
    extra.add("numpy", "9.9")
    add_record(world, "numpy-1.0-py311_0")
    found = packages.collect(world_of(tmp_path, extra.folder)).packages
    assert found == ["numpy==9.9 [pip]"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_an_editable_installation_has_its_commit_and_no_path(
    tmp_path: Path, site: Site, world: World
) -> None:
    source = tmp_path / "secret-folder" / "mine"
    (source / "src").mkdir(parents=True)
    (source / "src" / "mine.py").write_text("a = 1\n")
    (source / "nb.ipynb").write_text("{}")
    url = f'{{"url": "{source.as_uri()}", "dir_info": {{"editable": true}}}}'
    site.add("mine", "0.1", direct_url_json=url)
    assert packages.collect(world).packages == ["mine==0.1 [pip, editable, file://***/mine]"]

    def git(*words: str) -> str:
        names = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        environ = {"PATH": os.environ["PATH"], "HOME": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        return subprocess.check_output(
            ["git", *names, *words], cwd=source, env=environ, text=True
        ).strip()

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")
    commit = git("rev-parse", "HEAD")
    clean = [f"mine==0.1 [pip, editable, file://***/mine@{commit}]"]
    assert packages.collect(world).packages == clean

    (source / "nb.ipynb").write_text('{"outputs": "are saved while the notebook runs"}')
    assert packages.collect(world).packages == clean

    (source / "src" / "mine.py").write_text("a = 22\n")
    assert packages.collect(world).packages == [
        f"mine==0.1 [pip, editable, dirty, file://***/mine@{commit}]"
    ]

    (source / ".git" / "index").write_bytes(b"broken")
    assert packages.collect(world).packages == [
        f"mine==0.1 [pip, editable, unchecked, file://***/mine@{commit}]"
    ]


def test_garbage_in_conda_meta(site: Site, world: World) -> None:
    site.add("one", "1.0")
    folder = world.prefix / "conda-meta"
    folder.mkdir()
    (folder / "history").write_text("")
    (folder / "x.json").write_text("")
    (folder / "one-1.0-py311_0.json").write_bytes(b"\xff" * 100)
    assert packages.collect(world).packages == ["one==1.0 [pip]"]
