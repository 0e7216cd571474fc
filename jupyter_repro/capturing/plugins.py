"""Plug-ins: list the probes, and read the entry points of other distributions.

A third party's object that does not load or lacks a required attribute is left out with a reason.
The others still work.

Plug-ins come from installed packages only, never from the notebook's folder. An entry point is a
name that gets imported, so a ``*.dist-info`` in a stranger's folder could import any installed
module. Entries of ``sys.path`` at or below the current folder are skipped, except those inside this
Python's own prefix (a virtual environment may be in the project) and the user's site. Editable
installations stay, because their ``dist-info`` is among the installed packages.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from configparser import ConfigParser
from configparser import Error as ConfigError
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint
from typing import Any, Protocol, cast

from jupyter_repro.capturing.sources.python.distributions import installed_world, scan
from jupyter_repro.model.snapshot import LAYER_TYPES, Layer, ThirdPartyLayer
from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.redact import describe_error
from jupyter_repro.safety.world import World, current_world

PROBES = tuple(LAYER_TYPES)
"""Modules of `jupyter_repro.capturing.probes`; each returns the layer of the same name."""

PROBE_GROUP = "jupyter_repro.probes_v1"

MAX_ENTRY_POINTS = 65_536

# As in `fields.Name`: the name becomes a key of the stored document
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}")


class Probe(Protocol):
    """The interface of a probe module."""

    def collect(self, world: World) -> Layer:
        """Return the layer; an exception becomes a layer with the status ``error``."""


class ThirdPartyProbe(Protocol):
    """The interface of the object behind an entry point of `PROBE_GROUP`."""

    def collect(self, world: World) -> ThirdPartyLayer:
        """Return the layer, with facts that do not change from run to run."""


@dataclass(frozen=True)
class Broken:
    """A third party's object that cannot be used, and the reason."""

    name: str
    reason: str


def builtin_probe(name: str) -> Probe:
    """Return the probe of one of the layers in `PROBES`."""
    return cast("Probe", import_module(f"jupyter_repro.capturing.probes.{name}"))


def third_party_probes() -> dict[str, ThirdPartyProbe | Broken]:
    """Return the probes of other distributions, by entry-point name."""
    return dict(load_plugins(PROBE_GROUP, ("collect",), PROBES))


def load_plugins(
    group: str, wanted: tuple[str, ...], taken: Collection[str]
) -> Iterator[tuple[str, Any]]:
    """Yield the objects behind the entry points of a group, or why one cannot be used.

    Parameters
    ----------
    wanted
        Attributes that an object must have.
    taken
        Names of the built-in objects.
    """
    for entry_point in _entry_points(group):
        name = entry_point.name
        if isinstance(entry_point, Broken):
            yield name, entry_point
            continue
        if name in taken:
            yield f"{name}_", Broken(name, f"{name} is the name of a built-in one")
            continue
        try:
            found = entry_point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's import
            reason = describe_error(error, current_world())
            yield name, Broken(name, f"{entry_point.value} does not load: {reason}")
            continue
        missing = [attribute for attribute in wanted if not hasattr(found, attribute)]
        if missing:
            yield name, Broken(name, f"{entry_point.value} has no {' and no '.join(missing)}")
        else:
            yield name, found


def _entry_points(group: str) -> Iterator[EntryPoint | Broken]:
    """Yield the entry points of a group, by distribution.

    Those in the current folder or below it are skipped: loading an entry point imports code, and
    a notebook is often opened in a folder that came from a stranger.

    `importlib.metadata.entry_points` takes 11 to 25 ms, and one broken file of any distribution
    makes it fail for all.
    """
    for one in scan(installed_world(current_world())):
        data = read_head(f"{one.info}{os.sep}entry_points.txt", MAX_ENTRY_POINTS)
        if data is None or f"[{group}]".encode() not in data or "shadowed" in one.flags:
            continue
        parser = ConfigParser(delimiters="=", interpolation=None, strict=False)
        parser.optionxform = str  # type: ignore[method-assign, assignment] # names keep their case
        try:
            parser.read_string(data.decode())
            items = parser.items(group)
        except (ConfigError, UnicodeError):
            yield Broken(one.name, f"the entry points of {one.name} cannot be read")
            continue
        for name, value in items:
            if _NAME.fullmatch(name):
                yield EntryPoint(name, value, group)
            else:
                yield Broken(one.name, f"an entry point of {one.name} has no usable name")
