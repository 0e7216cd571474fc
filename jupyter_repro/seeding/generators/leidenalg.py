"""leidenalg: its optimiser seeds itself by the clock. igraph draws from Python's `random`."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "leidenalg"

_WHAT = "An optimiser of leidenalg"


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed optimisers; return how to undo it, and no notes.

    A seed that the user passes is set afterwards, and wins.
    """

    def make(original: Call) -> Call:
        def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401, N807
            original(self, *args, **options)
            if entropy.derives(calling_frame(1), _WHAT):
                self.set_rng_seed(entropy.streams.next(31))

        return __init__

    optimiser = getattr(module, "Optimiser", None)
    return (replace(optimiser, "__init__", make) if optimiser is not None else []), []
