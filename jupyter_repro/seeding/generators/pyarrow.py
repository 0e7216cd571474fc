"""PyArrow: ``pyarrow.compute.random``, whose default is the system's entropy."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "pyarrow.compute"

_WHAT = "An array of random numbers of PyArrow"


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed this function; return how to undo it, and no notes."""

    def make(original: Call) -> Call:
        def random(*args: Any, initializer: Any = "system", **options: Any) -> Any:  # noqa: ANN401
            if initializer == "system" and entropy.derives(calling_frame(1), _WHAT):
                initializer = entropy.streams.next(63)
            return original(*args, initializer=initializer, **options)

        return random

    return replace(module, "random", make), []
