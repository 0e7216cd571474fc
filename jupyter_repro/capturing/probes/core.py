"""The core layer: Python itself, and the tool that created the environment."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Literal

from jupyter_repro.capturing.sources.conda.history import read_history
from jupyter_repro.capturing.sources.conda.prefix import (
    find_prefix,
    is_base,
    pixi_facts,
    read_config,
)
from jupyter_repro.model.snapshot import CoreLayer
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

Environment = Literal["conda", "conda base", "venv on conda", "venv", "system"]


def collect(world: World) -> CoreLayer:
    """Return the version and build of Python, the kind of environment and its manager."""
    interpreter = world.interpreter
    environment = find_environment(world)
    manager, version = find_manager(world, environment)
    return CoreLayer(
        status="ok",
        python=printable(interpreter.version),
        implementation=printable(interpreter.implementation),
        compiler=printable(interpreter.compiler),
        free_threaded=interpreter.free_threaded,
        environment=environment,
        manager=manager,
        manager_version=version,
    )


def find_environment(world: World) -> Environment:
    """Return what kind of environment the prefix is.

    A prefix with both ``conda-meta`` and ``pyvenv.cfg`` counts as conda's.
    """
    prefix = find_prefix(world)
    if prefix == world.prefix:
        return "conda base" if is_base(prefix) else "conda"
    if world.prefix != world.base_prefix or (world.prefix / "pyvenv.cfg").is_file():
        return "venv" if prefix is None else "venv on conda"
    return "system"


def find_manager(world: World, environment: Environment) -> tuple[str | None, str | None]:
    """Return the tool that created the environment and its version, if its files contain them."""
    if environment in {"conda", "conda base"}:
        return _conda_manager(world.prefix)
    if environment == "system":
        return _python_manager(world.base_prefix), None
    settings = parse_settings(read_config(world.prefix / "pyvenv.cfg"))
    for tool in ("uv", "virtualenv"):
        if tool in settings:
            return tool, printable(settings[tool], 50) or None
    return "venv", None


def parse_settings(text: str) -> dict[str, str]:
    """Return the ``key = value`` lines of a ``pyvenv.cfg``, keys in lower case."""
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _conda_manager(prefix: Path) -> tuple[str | None, str | None]:
    if pixi := pixi_facts(prefix):
        return "pixi", printable(pixi.get("pixi_version", ""), 50) or None
    history = read_history(prefix)
    if history.tool is None and history.empty:
        return "rattler", None
    return history.tool, history.version


def _python_manager(base_prefix: Path) -> str | None:
    """Return the tool that installed this Python, recognised by the folder."""
    for above, inside, tool in (
        (".pyenv", "versions", "pyenv"),
        ("pyenv", "versions", "pyenv"),
        ("uv", "python", "uv"),
        ("mise", "installs", "mise"),
        (".asdf", "installs", "asdf"),
    ):
        if (above, inside) in pairwise(base_prefix.parts):
            return tool
    return None
