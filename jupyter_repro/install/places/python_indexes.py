"""The package indexes in the user's own configuration of pip and uv.

https://pip.pypa.io/en/stable/topics/configuration/ and https://docs.astral.sh/uv/concepts/indexes/
list the files and variables.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_repro.capturing.sources.conda.prefix import read_config
from jupyter_repro.install.places.places import Place, make_place
from jupyter_repro.safety.toml import parse_toml
from jupyter_repro.safety.world import World

PYPI = "https://pypi.org/simple"


def configured_indexes(world: World) -> list[Place]:
    """Return the indexes that pip and uv would ask, the default index of each tool first.

    PyPI is among them only if neither configuration replaces it with a different default index.
    """
    first, others = _of_pip(world)
    uv_first, uv_others = _of_uv(world)
    named = [*(first or uv_first or [(PYPI, "pip's own default")]), *uv_first, *others, *uv_others]
    places = [make_place("index", address, origin) for address, origin in named]
    found: dict[str, Place] = {}
    for place in places:
        if place is not None:
            found.setdefault(place.address, place)
    return list(found.values())


_Named = list[tuple[str, str]]


def _of_pip(world: World) -> tuple[_Named, _Named]:
    first: _Named = []
    others: _Named = []
    for path in _pip_files(world):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(read_config(path))
        except configparser.Error:
            continue
        for section in ("global", "install"):
            if parser.has_option(section, "index-url"):
                first = [(parser.get(section, "index-url"), path.name)]
            if parser.has_option(section, "extra-index-url"):
                others = [
                    (one, path.name) for one in parser.get(section, "extra-index-url").split()
                ]
    if told := world.environ.get("PIP_INDEX_URL"):
        first = [(told, "PIP_INDEX_URL")]
    if told := world.environ.get("PIP_EXTRA_INDEX_URL"):
        others = [(one, "PIP_EXTRA_INDEX_URL") for one in told.split()]
    return first, others


def _pip_files(world: World) -> Iterator[Path]:
    """Yield pip's files, the lowest priority first."""
    environ, home = world.environ, world.home
    told = environ.get("PIP_CONFIG_FILE")
    if told == os.devnull:
        return
    if os.name == "nt":
        yield Path("C:/ProgramData/pip/pip.ini")
        yield home / "pip" / "pip.ini"
        yield Path(environ.get("APPDATA") or home / "AppData" / "Roaming") / "pip" / "pip.ini"
        yield world.prefix / "pip.ini"
    else:
        for folder in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
            yield Path(folder) / "pip" / "pip.conf"
        yield Path("/etc/pip.conf")
        yield home / ".pip" / "pip.conf"
        if sys.platform == "darwin":
            yield home / "Library" / "Application Support" / "pip" / "pip.conf"
        yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / "pip.conf"
        yield world.prefix / "pip.conf"
    if told:
        yield Path(told)


def _of_uv(world: World) -> tuple[_Named, _Named]:
    first: _Named = []
    others: _Named = []
    table = _uv_table(world)
    if isinstance(told := table.get("index-url"), str):
        first = [(told, "uv.toml")]
    extra = table.get("extra-index-url")
    others = [(one, "uv.toml") for one in _list(extra) if isinstance(one, str)]
    for entry in _list(table.get("index")):
        url = entry.get("url") if isinstance(entry, dict) else None
        if isinstance(url, str) and entry.get("default") is True:
            first = [(url, "uv.toml")]
        elif isinstance(url, str):
            others.append((url, "uv.toml"))
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        if told := world.environ.get(name):
            first = [(told.partition("=")[2] if _is_named(told) else told, name)]
    for name in ("UV_EXTRA_INDEX_URL", "UV_INDEX"):
        for one in world.environ.get(name, "").split():
            others.append((one.partition("=")[2] if _is_named(one) else one, name))
    return first, others


def _is_named(text: str) -> bool:
    """Return whether this is uv's ``name=address``."""
    return "=" in text.partition("://")[0]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _uv_table(world: World) -> dict[str, Any]:
    environ, home = world.environ, world.home
    if os.name == "nt":
        folder = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    else:
        folder = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    path = Path(environ.get("UV_CONFIG_FILE") or folder / "uv" / "uv.toml")
    try:
        return parse_toml(read_config(path))
    except ValueError:
        return {}
