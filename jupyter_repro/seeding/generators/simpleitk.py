"""SimpleITK: filters that add noise, whose default seed is the clock."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "SimpleITK"

_WHAT = "A filter of SimpleITK that adds noise"
# The function, and how many arguments it has before the seed
_FUNCTIONS = {
    "AdditiveGaussianNoise": 3,
    "SaltAndPepperNoise": 2,
    "ShotNoise": 2,
    "SpeckleNoise": 2,
}


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed these filters; return how to undo it, and no notes."""

    def filter_of(original: Call) -> Call:
        def __init__(self: Any, *args: Any, **options: Any) -> None:  # noqa: ANN401, N807
            original(self, *args, **options)
            if entropy.derives(calling_frame(1), _WHAT):
                self.SetSeed(entropy.streams.next(31) or 1)  # 0 stands for the clock

        return __init__

    def function_of(before: int) -> Any:  # noqa: ANN401 - makes a wrapper
        def make(original: Call) -> Call:
            def add_noise(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
                seeded = len(args) > before or "seed" in options
                if not seeded and entropy.derives(calling_frame(1), _WHAT):
                    options["seed"] = entropy.streams.next(31) or 1
                return original(*args, **options)

            return add_noise

        return make

    changes: list[Change] = []
    for name, before in _FUNCTIONS.items():
        changes += replace(module, name, function_of(before))
        kind = getattr(module, f"{name}ImageFilter", None)
        changes += replace(kind, "__init__", filter_of) if kind is not None else []
    return changes, []
