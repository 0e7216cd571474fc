"""Keras 3: the global seed generator behind ``keras.random``.

The backend's seeder covers what the backend draws. A layer that draws, such as Dropout, has its own
seed generator, which takes its seed from Python's `random` when it is made and goes on from there.
"""

from __future__ import annotations

import sys
from types import ModuleType

MODULE = "keras"

_STATE = "keras.src.backend.common.global_state"
_NAME = "global_seed_generator"


def seed(_module: ModuleType, _seed: int) -> None:
    """Drop the global seed generator, as ``keras.utils.set_random_seed`` does.

    Keras makes a new one when it needs it, with a seed from Python's `random`, which is seeded.
    The public function would seed Python, NumPy and TensorFlow as well, in the middle of a cell.
    """
    state = sys.modules.get(_STATE)
    if state is not None:  # Keras 2 has none, and draws only from TensorFlow
        state.set_global_attribute(_NAME, None)
