"""Which channels the user's own configuration of conda names, with their addresses.

The files and their order are conda's:
https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/use-condarc.html
Of their YAML the plain forms are read: a text, a list, and a table of texts; anything else counts
as not being there, so it allows nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from jupyter_repro.capturing.sources.conda.channels import read_list
from jupyter_repro.capturing.sources.conda.prefix import read_config
from jupyter_repro.install.places.places import UNCONFIGURED, Place, make_place
from jupyter_repro.safety.world import World

ALIAS = "https://conda.anaconda.org"
"""Where the channel of a bare name lies, unless ``channel_alias`` says otherwise."""

DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
"""What ``defaults`` stands for; on Windows also `MSYS2`."""

MSYS2 = "https://repo.anaconda.com/pkgs/msys2"
CHANNELS = ("conda-forge", "defaults")
"""What conda (``defaults``) and the installers of conda-forge use where nobody configures them."""

_NAMES = (".condarc", "condarc", "condarc.d")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_SCALAR = re.compile(r"""(?P<quote>["']?)(?P<text>[^"'\s#]+)(?P=quote)\s*(?:#.*)?""")
_ENTRY = re.compile(r"""\s+["']?(?P<key>[A-Za-z0-9_./-]+)["']?\s*:\s+(?P<value>\S.*)""")


class _Config(NamedTuple):
    """What one file says; keys that it does not name are empty."""

    name: str
    lists: Mapping[str, list[str]]
    alias: str
    custom: Mapping[str, str]


_LISTS = ("channels", "default_channels", "allowlist_channels", "denylist_channels")


def configured_channels(world: World) -> tuple[list[Place], bool]:
    """Return the channels by priority, and whether the user has named any.

    Where nobody has, `CHANNELS` are returned. ``denylist_channels`` and
    ``allowlist_channels`` of any file are obeyed.
    """
    configs = [_read(path, world) for path in _files(world)]
    configs.append(_of_variables(world))
    configs.reverse()  # the last of conda's files is the strongest, its variables still stronger
    alias = next((one.alias for one in configs if one.alias), ALIAS)
    custom: dict[str, str] = {}
    for one in reversed(configs):
        custom.update(one.custom)
    defaults = next(
        (found for one in configs if (found := one.lists["default_channels"])), _defaults()
    )
    named = [(name, one.name) for one in configs for name in one.lists["channels"]]
    is_named = bool(named)
    if not is_named:
        named = [(name, UNCONFIGURED) for name in CHANNELS]
    resolve = _Resolver(world, alias, custom, defaults)
    places = [place for name, origin in named for place in resolve.places(name, origin)]
    allowed = {one.address for one in resolve.all(configs, "allowlist_channels")}
    denied = {one.address for one in resolve.all(configs, "denylist_channels")}
    kept = [
        place
        for place in {place.address: place for place in reversed(places)}.values()
        if place.address not in denied and (not allowed or place.address in allowed)
    ]
    return kept[::-1], is_named


class _Resolver(NamedTuple):
    world: World
    alias: str
    custom: Mapping[str, str]
    defaults: list[str]

    def places(self, name: str, origin: str) -> Iterator[Place]:
        if name == "nodefaults":
            return
        for one in self.defaults if name == "defaults" else [name]:
            place = make_place("channel", self._address(one), origin)
            if place is not None:
                yield place

    def all(self, configs: list[_Config], key: str) -> Iterator[Place]:
        for config in configs:
            for name in config.lists[key]:
                yield from self.places(name, config.name)

    def _address(self, name: str) -> str:
        name = _expand(name, self.world)
        if "://" in name:
            return name
        if name.startswith(("/", "./", "../", "~")):
            return Path(name).expanduser().absolute().as_uri()
        name = name.strip("/")
        parts = name.split("/")
        for length in range(len(parts), 0, -1):
            base = self.custom.get("/".join(parts[:length]))
            if base:
                return f"{_expand(base, self.world).rstrip('/')}/{name}"
        return f"{_expand(self.alias, self.world).rstrip('/')}/{name}"


def _defaults() -> list[str]:
    return [*DEFAULTS, MSYS2] if os.name == "nt" else [*DEFAULTS]


def _files(world: World) -> Iterator[Path]:
    """Yield the files that are there, the weakest first."""
    home, environ = world.home, world.environ
    roots = [Path("C:/ProgramData/conda")] if os.name == "nt" else [Path("/etc/conda")]
    if os.name != "nt":
        roots.append(Path("/var/lib/conda"))
    roots += [Path(value) for name in ("CONDA_ROOT",) if (value := environ.get(name))]
    if executable := environ.get("CONDA_EXE"):
        roots.append(Path(executable).parent.parent)
    roots.append(Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "conda")
    roots.append(home / ".conda")
    places = [root / name for root in roots for name in _NAMES]
    places.append(home / ".condarc")
    if prefix := environ.get("CONDA_PREFIX"):
        places += [Path(prefix) / name for name in _NAMES]
    if told := environ.get("CONDARC"):
        places.append(Path(told))
    for place in places:
        if place.is_dir():
            yield from sorted(place.glob("*.y*ml"))
        elif place.is_file():
            yield place


def _read(path: Path, world: World) -> _Config:
    text = read_config(path)
    name = str(path)
    home = str(world.home)
    if name.startswith(home + os.sep):
        name = f"~{name[len(home) :]}"
    return _Config(
        name,
        {key: read_list(text, key) or [] for key in _LISTS},
        _scalar(text, "channel_alias"),
        dict(_table(text, "custom_channels")),
    )


def _of_variables(world: World) -> _Config:
    environ = world.environ
    lists = {
        key: [one.strip() for one in environ.get(f"CONDA_{key.upper()}", "").split(",") if one]
        for key in _LISTS
    }
    return _Config("CONDA_CHANNELS", lists, environ.get("CONDA_CHANNEL_ALIAS", ""), {})


def _scalar(text: str, key: str) -> str:
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if name == key and colon:
            match = _SCALAR.fullmatch(value.strip())
            return match["text"] if match else ""
    return ""


def _table(text: str, key: str) -> Iterator[tuple[str, str]]:
    lines = iter(text.splitlines())
    for line in lines:
        if re.fullmatch(rf"{key}\s*:\s*(?:#.*)?", line):
            break
    for line in lines:
        if line.strip() and not line.startswith((" ", "\t", "#")):
            break
        entry = _ENTRY.fullmatch(line)
        value = _SCALAR.fullmatch(entry["value"].strip()) if entry else None
        if entry and value:
            yield entry["key"], value["text"]


def _expand(text: str, world: World) -> str:
    """Return a text with its environment variables put in, as conda does."""
    return _VARIABLE.sub(lambda one: world.environ.get(one[1] or one[2], ""), text)
