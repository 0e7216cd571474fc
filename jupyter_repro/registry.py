"""Which probes and seeders there are: the built-in ones by name, third parties' by entry points.

A third party's object that does not load or has not the right form is left out with a reason;
it never keeps the others from working.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any, Protocol, cast

from jupyter_repro.snapshot import Layer, ThirdPartyLayer
from jupyter_repro.world import World

PROBES = (
    "notebook",
    "frameworks",
    "packages",
    "conda",
    "core",
    "system",
    "gpu",
    "libraries",
    "determinism",
)
"""Modules of `jupyter_repro.probes`; each fills the layer of its name."""

SEEDERS = ("python", "numpy", "torch")
"""Modules of `jupyter_repro.seeders`."""

PROBE_GROUP = "jupyter_repro.probes_v1"
SEEDER_GROUP = "jupyter_repro.seeders_v1"


class Probe(Protocol):
    """What a probe module, or a third party's object, offers."""

    def collect(self, world: World) -> Layer:
        """Return the layer; an exception becomes a layer with the status ``error``."""


class ThirdPartyProbe(Protocol):
    """What the object behind an entry point of `PROBE_GROUP` offers."""

    def collect(self, world: World) -> ThirdPartyLayer:
        """Return the layer, with facts that do not change from run to run."""


class Seeder(Protocol):
    """What a seeder module, or the object behind an entry point of `SEEDER_GROUP`, offers."""

    MODULE: str
    """Full name of the module that owns the generator. It is seeded at once when this module is
    loaded, else directly after its import; it is never imported for the user."""

    def seed(self, module: ModuleType, seed: int) -> None:
        """Seed the library's global generators.

        Parameters
        ----------
        module
            The module named by `MODULE`. It may have been imported a moment ago, so that its
            parent package does not know it yet: use this object, do not import.
        seed
            0 … 2**64 − 1.
        """


@dataclass(frozen=True)
class Broken:
    """A third party's object that could not be used, and why."""

    name: str
    reason: str


def builtin_probe(name: str) -> Probe:
    """Return the probe of one of the layers in `PROBES`."""
    return cast("Probe", import_module(f"jupyter_repro.probes.{name}"))


def builtin_seeders() -> dict[str, Seeder]:
    """Return the built-in seeders by name. Importing one imports no library that it seeds."""
    return {
        name: cast("Seeder", import_module(f"jupyter_repro.seeders.{name}")) for name in SEEDERS
    }


def third_party_probes() -> dict[str, ThirdPartyProbe | Broken]:
    """Return the probes of other distributions, by entry-point name."""
    return dict(_load(PROBE_GROUP, ("collect",), PROBES))


def third_party_seeders() -> dict[str, Seeder | Broken]:
    """Return the seeders of other distributions, by entry-point name."""
    return dict(_load(SEEDER_GROUP, ("seed", "MODULE"), SEEDERS))


def _load(
    group: str, wanted: tuple[str, ...], taken: tuple[str, ...]
) -> Iterator[tuple[str, Any]]:
    for entry_point in entry_points(group=group):
        name = entry_point.name
        if name in taken:
            yield f"{name}_", Broken(name, f"{name} is the name of a built-in one")
            continue
        try:
            found = entry_point.load()
        except Exception as error:  # noqa: BLE001 - a stranger's import can raise anything
            yield name, Broken(name, f"{entry_point.value} does not load: {error!r}")
            continue
        missing = [attribute for attribute in wanted if not hasattr(found, attribute)]
        if missing:
            yield name, Broken(name, f"{entry_point.value} has no {' and no '.join(missing)}")
        else:
            yield name, found
