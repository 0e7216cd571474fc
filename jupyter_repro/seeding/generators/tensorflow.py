"""TensorFlow's generators from entropy: ``Generator.from_non_deterministic_state`` and the global.

Both call one function, which its module looks up in its own namespace.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame, first_outside
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "tensorflow.python.ops.stateful_random_ops"

_POINT = "non_deterministic_ints"
_WHAT = "A generator of TensorFlow"
_BITS = 63


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed these generators; return how to undo it, and no notes."""
    point: Any = module
    original = getattr(point, _POINT, None)
    if original is None:
        return [], []
    own_file = original.__code__.co_filename

    def non_deterministic_ints(shape: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        drawn = original(shape, *args, **options)
        tensorflow: Any = sys.modules.get("tensorflow")
        if entropy.mode is None or tensorflow is None or not drawn.shape.is_fully_defined():
            return drawn
        frame = first_outside(calling_frame(1), own_file)
        if not entropy.derives(frame, _WHAT):
            return drawn
        numbers = [entropy.streams.next(_BITS) for _ in range(drawn.shape.num_elements())]
        derived = tensorflow.constant(numbers, dtype=tensorflow.int64, shape=drawn.shape)
        return tensorflow.cast(derived, drawn.dtype)

    def write(function: object) -> None:
        setattr(point, _POINT, function)

    write(non_deterministic_ints)
    name = f"{MODULE}.{_POINT}"
    return [
        Change(name, original, non_deterministic_ints, lambda: getattr(point, _POINT), write)
    ], []
