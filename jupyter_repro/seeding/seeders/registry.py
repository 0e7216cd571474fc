"""The seeders, built-in and by entry points, and the interface of a seeder.

The registry holds the names of modules to wait for, so a dozen libraries that are never imported
cost nothing. No seeder starts a device: if a device is not in use yet, a variable (CuPy), the
library's own queue (PyTorch) or the entropy that it takes (TensorFlow's global generator) holds the
seed until then.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Protocol, cast

from jupyter_repro.capturing.plugins import Broken, load_plugins
from jupyter_repro.seeding.hooks.switches import Change

SEEDERS = {
    "python": "random",
    "numpy": "numpy.random",
    "torch": "torch",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "numba": "numba",
    "polars": "polars",
    "duckdb": "duckdb",
    "qiskit": "qiskit",
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
    "xgboost": "XGBoost always starts with random_state=0; %repro does not change that.",
    "lightgbm": "LightGBM has its own fixed seeds; %repro does not change them.",
    "faiss": "Faiss has its own fixed seeds; %repro does not change them.",
    "mxnet": "MXNet starts from a fixed seed; set a different one with mx.random.seed(…).",
}
"""Libraries that draw and have nothing to seed from outside: module → why."""

SEEDER_GROUP = "jupyter_repro.seeders_v1"


class Seeder(Protocol):
    """The interface of a seeder module, or of the object of an entry point of `SEEDER_GROUP`."""

    MODULE: str
    """Full name of the module that owns the generator. It is seeded at once when this module is
    loaded, else directly after its import; it is never imported for the user."""

    def seed(self, module: ModuleType, seed: int) -> None:
        """Seed the library's global generators.

        Parameters
        ----------
        module
            The module named by `MODULE`. It may have just been imported, so that its parent
            package does not have it as an attribute yet: use this object, do not import.
        seed
            0 to 2**64 - 1.
        """


class SettingSeeder(Seeder, Protocol):
    """A seeder that also sets other things than a seed."""

    def settings(self, module: ModuleType, seed: int) -> list[Change]:
        """Set them; ``%repro off`` puts the earlier values back."""


class CheapSeeder(Seeder, Protocol):
    """A seeder with a faster function for each cell, for use after one call of `seed`."""

    def reseed(self, module: ModuleType, seed: int) -> None:
        """Seed as `seed` does."""


class ForkSeeder(Seeder, Protocol):
    """A seeder whose library may be seeded in a forked child."""

    def reseed_after_fork(self, module: ModuleType, seed: int) -> None:
        """Seed in the child. It must not wait for a lock that a different thread may have held."""


class StatefulSeeder(Seeder, Protocol):
    """A seeder whose library shows its state."""

    def get_state(self, module: ModuleType) -> State:
        """Return the state of the library's global generators."""

    def set_state(self, module: ModuleType, state: State) -> None:
        """Go back to a state.

        Raises
        ------
        Exception
            If it is not a state of this library; then nothing has changed.
        """

    def fingerprint(self, module: ModuleType) -> int:
        """Return a number that changes when something is drawn, in some microseconds.

        The same state gives the same number in every process, so Python's own `hash` is not
        usable. The last 32 bits of the number are stored.
        """

    def has_drawn(self, module: ModuleType) -> bool:
        """Return whether anything was drawn since it was last seeded; may be left out."""


State = dict[str, bytes | int | float | None]
"""Plain data, so that it can be written to a file and read back without running anything."""


def builtin_seeder(name: str) -> Seeder:
    """Return the seeder of one of `SEEDERS`. Importing it imports no library."""
    return cast("Seeder", import_module(f"jupyter_repro.seeding.seeders.{name}"))


def third_party_seeders() -> dict[str, Seeder | Broken]:
    """Return the seeders of other distributions, by entry-point name."""
    return dict(load_plugins(SEEDER_GROUP, ("seed", "MODULE"), SEEDERS))
