"""The channels in the user's own configuration of conda and mamba, with their addresses.

`capturing.sources.conda.condarc` reads the files; here a name becomes an address. A file that
cannot be read allows nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jupyter_repro.capturing.sources.conda.condarc import Configuration, Item, read_configuration
from jupyter_repro.install.places.places import UNCONFIGURED, Place, make_place
from jupyter_repro.safety.world import World

ALIAS = "https://conda.anaconda.org"
"""The address below which a channel given by name lies, unless ``channel_alias`` is set."""

DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
"""What ``defaults`` stands for; on Windows also `MSYS2`."""

MSYS2 = "https://repo.anaconda.com/pkgs/msys2"
CHANNELS = ("conda-forge", "defaults")
"""Channels of conda (``defaults``) and of conda-forge's installers without any configuration."""

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def configured_channels(world: World) -> tuple[list[Place], bool]:
    """Return the channels by priority, and whether the user has named any.

    Those in conda's configuration come first, then those in mamba's alone. If there are none,
    `CHANNELS` are returned. ``denylist_channels`` and ``allowlist_channels`` of both are obeyed.
    """
    both = [read_configuration(world, None, program) for program in ("conda", "mamba")]
    is_named = any(one.channels for one in both)
    if not is_named:
        unnamed = [Item(name, UNCONFIGURED) for name in CHANNELS]
        both = [one._replace(channels=unnamed) for one in both]
    places: dict[str, Place] = {}
    allowed: set[str] = set()
    denied: set[str] = set()
    for one in both:
        resolve = _Resolver(world, one)
        for place in resolve.places(one.channels):
            places.setdefault(place.address, place)
        allowed |= {place.address for place in resolve.places(one.allowlist_channels)}
        denied |= {place.address for place in resolve.places(one.denylist_channels)}
    kept = [
        place
        for place in places.values()
        if place.address not in denied and (not allowed or place.address in allowed)
    ]
    return kept, is_named


class _Resolver(NamedTuple):
    world: World
    configuration: Configuration

    def places(self, items: list[Item]) -> Iterator[Place]:
        for item in items:
            for name in self._names(item.text):
                place = make_place("channel", self._address(name), item.origin)
                if place is not None:
                    yield place

    def _names(self, name: str) -> list[str]:
        if name == "nodefaults":
            return []
        if name != "defaults":
            return [name]
        return [item.text for item in self.configuration.default_channels] or _defaults()

    def _address(self, name: str) -> str:
        name = _expand(name, self.world)
        if "://" in name:
            return name
        if name.startswith(("/", "./", "../", "~")):
            return Path(name).expanduser().absolute().as_uri()
        name = name.strip("/")
        parts = name.split("/")
        for length in range(len(parts), 0, -1):
            base = self.configuration.custom_channels.get("/".join(parts[:length]))
            if base:
                return f"{_expand(base, self.world).rstrip('/')}/{name}"
        alias = self.configuration.channel_alias or ALIAS
        return f"{_expand(alias, self.world).rstrip('/')}/{name}"


def _defaults() -> list[str]:
    return [*DEFAULTS, MSYS2] if os.name == "nt" else [*DEFAULTS]


def _expand(text: str, world: World) -> str:
    """Return a text with its environment variables expanded, as conda does."""
    return _VARIABLE.sub(lambda one: world.environ.get(one[1] or one[2], ""), text)
