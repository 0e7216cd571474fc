"""Which probes, seeders and exporters there are: built-in ones by name, others by entry points.

A third party's object that does not load or has not the right form is left out with a reason;
it never keeps the others from working.
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
from types import ModuleType
from typing import Any, Protocol, cast

from jupyter_repro.capturing.sources.python.distributions import installed_world, scan
from jupyter_repro.model.snapshot import Layer, ThirdPartyLayer
from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.redact import describe_error
from jupyter_repro.safety.world import World, current_world
from jupyter_repro.seeding.hooks.switches import Change

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
"""Modules of `jupyter_repro.capturing.probes`; each fills the layer of its name."""

SEEDERS = {
    "python": "random",
    "numpy": "numpy.random",
    "torch": "torch",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "numba": "numba",
    "polars": "polars",
    "paddle": "paddle",
    "cupy": "cupy.random",
    "dask": "dask.array.random",
    "mlx": "mlx.core",
    "tinygrad": "tinygrad.tensor",
    "lightning": "lightning",
    "pytorch_lightning": "pytorch_lightning",
}
"""Modules of `jupyter_repro.seeding.seeders` and the library's module that each waits for.

They stand here as well, so that a seeder is only loaded when its library is.
"""

UNSEEDED = {
    "jax": "JAX has no global generator: its numbers follow from the keys that the code makes.",
    "gymnasium": (
        "Environments and spaces of Gymnasium take their seeds from NumPy's entropy, which is "
        "derived; reset(seed=…) gives one its own."
    ),
    "xgboost": "XGBoost has a fixed seed of its own, random_state=0; %repro does not change it.",
    "lightgbm": "LightGBM has fixed seeds of its own; %repro does not change them.",
    "faiss": "Faiss has fixed seeds of its own; %repro does not change them.",
    "mxnet": "MXNet starts from a fixed seed; mx.random.seed(…) gives it another.",
}
"""Libraries that draw and have nothing to seed from outside: module → why."""

PROBE_GROUP = "jupyter_repro.probes_v1"
SEEDER_GROUP = "jupyter_repro.seeders_v1"
EXPORTER_GROUP = "jupyter_repro.exporters_v1"

MAX_ENTRY_POINTS = 65_536

# As in `snapshot.Name`: the name becomes a key of the stored document
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}")


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
            0 to 2**64 - 1.
        """


class SettingSeeder(Seeder, Protocol):
    """A seeder that sets more than a seed."""

    def settings(self, module: ModuleType, seed: int) -> list[Change]:
        """Set it; ``%repro off`` puts back what was there before."""


class CheapSeeder(Seeder, Protocol):
    """A seeder that has a shorter way for each cell, when `seed` was called once."""

    def reseed(self, module: ModuleType, seed: int) -> None:
        """Seed as `seed` does."""


class ForkSeeder(Seeder, Protocol):
    """A seeder whose library may be seeded in a forked child."""

    def reseed_after_fork(self, module: ModuleType, seed: int) -> None:
        """Seed in the child. It must not wait for a lock that another thread may have held."""


class StatefulSeeder(Seeder, Protocol):
    """A seeder whose library tells its state."""

    def get_state(self, module: ModuleType) -> State:
        """Return the state of the library's global generators."""

    def set_state(self, module: ModuleType, state: State) -> None:
        """Go back to a state.

        Raises
        ------
        Exception
            If it is no state of this library; then nothing has changed.
        """

    def fingerprint(self, module: ModuleType) -> int:
        """Return a number that changes when something is drawn, in some microseconds.

        The same state gives the same number in every process, so Python's own `hash` will not do.
        The last 32 bits of it are stored.
        """

    def has_drawn(self, module: ModuleType) -> bool:
        """Tell whether anything was drawn since it was last seeded; may be left out."""


State = dict[str, bytes | int | float | None]
"""Plain data, so that it can be written to a file and read back without running anything."""


@dataclass(frozen=True)
class Broken:
    """A third party's object that could not be used, and why."""

    name: str
    reason: str


def builtin_probe(name: str) -> Probe:
    """Return the probe of one of the layers in `PROBES`."""
    return cast("Probe", import_module(f"jupyter_repro.capturing.probes.{name}"))


def builtin_seeder(name: str) -> Seeder:
    """Return the seeder of one of `SEEDERS`. Importing it imports no library."""
    return cast("Seeder", import_module(f"jupyter_repro.seeding.seeders.{name}"))


def third_party_probes() -> dict[str, ThirdPartyProbe | Broken]:
    """Return the probes of other distributions, by entry-point name."""
    return dict(_load(PROBE_GROUP, ("collect",), PROBES))


def third_party_seeders() -> dict[str, Seeder | Broken]:
    """Return the seeders of other distributions, by entry-point name."""
    return dict(_load(SEEDER_GROUP, ("seed", "MODULE"), SEEDERS))


def third_party_exporters(taken: Collection[str]) -> dict[str, Any]:
    """Return the exporters of other distributions, by entry-point name.

    Parameters
    ----------
    taken
        The formats that are built in. `exporters.formats` has them, and says what an exporter is.
    """
    return dict(_load(EXPORTER_GROUP, ("export", "FILES", "TITLE"), taken))


def _load(group: str, wanted: tuple[str, ...], taken: Collection[str]) -> Iterator[tuple[str, Any]]:
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

    Those that lie in the present folder or below it are passed over: what an entry point names is
    imported, and a notebook is often opened in a folder that somebody sent.

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
