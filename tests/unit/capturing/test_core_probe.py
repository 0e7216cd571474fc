from __future__ import annotations

import dataclasses
import platform
import sys
import venv
from pathlib import Path

import pytest

from jupyter_repro.capturing.probes import core
from jupyter_repro.safety.world import World, current_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world whose prefix and base prefix are one empty folder."""
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    return dataclasses.replace(current_world(), prefix=prefix, base_prefix=prefix)


def on(world: World, base: Path) -> World:
    return dataclasses.replace(world, base_prefix=base)


def make_meta(prefix: Path, history: str | None = None, pixi: str | None = None) -> None:
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True)
    for name, text in (("history", history), ("pixi", pixi)):
        if text is not None:
            (meta / name).write_text(text)


def test_python_is_the_one_that_runs() -> None:
    layer = core.collect(current_world())
    assert layer.status == "ok"
    assert layer.python == ".".join(map(str, sys.version_info[:3]))
    assert layer.implementation == platform.python_implementation()
    assert layer.compiler
    is_gil_enabled = getattr(sys, "_is_gil_enabled", lambda: True)
    assert layer.free_threaded or is_gil_enabled()


def test_python_of_the_system(world: World) -> None:
    layer = core.collect(world)
    assert (layer.environment, layer.manager) == ("system", None)


@pytest.mark.parametrize(
    ("folder", "manager"),
    [
        (".pyenv/versions/3.12.1", "pyenv"),
        (".local/share/uv/python/cpython-3.12.1-linux-x86_64-gnu", "uv"),
        (".asdf/installs/python/3.12.1", "asdf"),
        ("opt/python", None),
    ],
)
def test_manager_of_a_python(
    world: World, tmp_path: Path, folder: str, manager: str | None
) -> None:
    prefix = tmp_path / folder
    prefix.mkdir(parents=True)
    layer = core.collect(dataclasses.replace(world, prefix=prefix, base_prefix=prefix))
    assert (layer.environment, layer.manager) == ("system", manager)


def test_real_venv(world: World, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False, symlinks=sys.platform != "win32")
    layer = core.collect(dataclasses.replace(world, prefix=tmp_path / "venv"))
    assert (layer.environment, layer.manager, layer.manager_version) == ("venv", "venv", None)


@pytest.mark.parametrize(
    ("settings", "manager", "version"),
    [
        ("home = /usr/bin\nuv = 0.5.1\nversion_info = 3.12.1\n", "uv", "0.5.1"),
        ("home = /usr/bin\nvirtualenv = 20.26.0\n", "virtualenv", "20.26.0"),
        ("HOME=/usr/bin\nUV=0.9\n", "uv", "0.9"),
        ("no settings", "venv", None),
    ],
)
def test_settings_of_a_venv(world: World, settings: str, manager: str, version: str | None) -> None:
    (world.prefix / "pyvenv.cfg").write_text(settings)
    layer = core.collect(world)
    assert (layer.environment, layer.manager, layer.manager_version) == ("venv", manager, version)


def test_venv_on_conda(world: World, tmp_path: Path) -> None:
    make_meta(tmp_path / "conda")
    (world.prefix / "pyvenv.cfg").write_text("home = x\n")
    layer = core.collect(on(world, tmp_path / "conda"))
    assert (layer.environment, layer.manager) == ("venv on conda", "venv")


@pytest.mark.parametrize(
    ("history", "pixi", "manager", "version"),
    [
        ("# cmd: /x/bin/conda create\n# conda version: 26.7.1\n", None, "conda", "26.7.1"),
        ("# cmd: micromamba create\n# conda version: 3.8.0\n", None, "micromamba", None),
        ("", None, "rattler", None),
        ("", '{"pixi_version": "0.63.2", "manifest_path": "/x"}', "pixi", "0.63.2"),
        (None, None, None, None),
    ],
)
def test_manager_of_a_conda_prefix(
    world: World, history: str | None, pixi: str | None, manager: str | None, version: str | None
) -> None:
    make_meta(world.prefix, history, pixi)
    layer = core.collect(world)
    assert layer.environment == "conda"
    assert (layer.manager, layer.manager_version) == (manager, version)


def test_conda_prefix_that_is_a_venv_too_is_conda(world: World, tmp_path: Path) -> None:
    make_meta(world.prefix)
    (world.prefix / "pyvenv.cfg").write_text("home = x\n")
    assert core.collect(on(world, tmp_path)).environment == "conda"


def test_base_of_conda(world: World) -> None:
    make_meta(world.prefix)
    (world.prefix / "pkgs").mkdir()
    assert core.collect(world).environment == "conda base"
