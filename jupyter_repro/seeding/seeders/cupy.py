"""CuPy: one generator per GPU, made when it is first used.

Written from CuPy's documentation; not tested on a GPU.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.hooks.switches import Change, set_variable

MODULE = "cupy.random"


def seed(module: ModuleType, seed: int) -> None:
    """Seed the generators that exist already, as ``cupy.random.seed(seed)`` does for one.

    Those of GPUs that are not in use yet read the variable of `settings`: making them here would
    start the GPUs.

    Parameters
    ----------
    module
        The module `cupy.random`.
    seed
        From 0 to 2**64 - 1.
    """
    states: dict[int, Any] = getattr(module, "_generator", module).__dict__["_random_states"]
    for device, state in states.items():
        with sys.modules["cupy"].cuda.Device(device):
            state.seed(seed)


def settings(_module: ModuleType, seed: int) -> list[Change]:
    """Set ``CUPY_SEED``, unless the user has set it.

    See https://docs.cupy.dev/en/stable/reference/environment.html
    """
    return set_variable("CUPY_SEED", str(seed))
