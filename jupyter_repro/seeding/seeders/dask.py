"""Dask's older random functions, ``dask.array.random.random`` and its like.

They share one generator. All newer functions take fresh entropy, which `generators` derives.
Workers of a cluster are separate processes and are not seeded.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.seeders import numpy
from jupyter_repro.seeding.seeders.registry import State

MODULE = "dask.array.random"

_WORD = 2**32


def seed(module: ModuleType, seed: int) -> None:
    """Seed as ``dask.array.random.seed(seed)`` does.

    Parameters
    ----------
    module
        The module `dask.array.random`.
    seed
        Above 32 bits as its 32-bit words, as for NumPy.
    """
    module.seed(seed if seed < _WORD else [seed % _WORD, seed // _WORD])


def get_state(module: ModuleType) -> State:
    """Return the state of the generator for NumPy's arrays."""
    return numpy.get_state(_generator(module))


def set_state(module: ModuleType, state: State) -> None:
    """Go back to a state; see `seeders.numpy.set_state`."""
    numpy.set_state(_generator(module), state)


def fingerprint(module: ModuleType) -> int:
    """Return a number that changes when something is drawn."""
    return numpy.fingerprint(_generator(module))


def _generator(module: ModuleType) -> Any:  # noqa: ANN401 - a numpy.random.RandomState
    return module._cached_states["numpy"]._numpy_state  # noqa: SLF001 - there is no other way
