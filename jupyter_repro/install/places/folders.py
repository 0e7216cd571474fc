"""The user's folders for remembered consent, for caches and for named environments."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from jupyter_repro.safety.world import World

_NAME = "jupyter_repro"


def config_folder(world: World) -> Path:
    """Return the folder of the remembered consent; it need not exist."""
    if os.name == "nt":
        return _from_variable(world, "APPDATA", world.home / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return world.home / "Library" / "Application Support" / _NAME
    # https://specifications.freedesktop.org/basedir-spec/latest/
    return _from_variable(world, "XDG_CONFIG_HOME", world.home / ".config")


def cache_folder(world: World) -> Path:
    """Return the folder that keeps indexes and packages between two calls; it need not exist."""
    if os.name == "nt":
        local = world.home / "AppData" / "Local"
        return _from_variable(world, "LOCALAPPDATA", local) / "Cache"
    if sys.platform == "darwin":
        return world.home / "Library" / "Caches" / _NAME
    return _from_variable(world, "XDG_CACHE_HOME", world.home / ".cache")


def environments_folder(world: World) -> Path:
    """Return the folder of restored environments with a name; it need not exist.

    On macOS it is not below ``Library/Application Support``: the space in that path would be in the
    first line of every script of an environment.
    """
    if os.name == "nt":
        local = world.home / "AppData" / "Local"
        return _from_variable(world, "LOCALAPPDATA", local) / "envs"
    return _from_variable(world, "XDG_DATA_HOME", world.home / ".local" / "share") / "envs"


def _from_variable(world: World, name: str, otherwise: Path) -> Path:
    told = Path(world.environ.get(name, ""))
    return (told if told.is_absolute() else otherwise) / _NAME
