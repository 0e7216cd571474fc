"""The standard library's generators: `random.Random()`, its subclasses, and `random.seed()`.

`random.SystemRandom` is never changed.
"""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame, first_foreign, first_outside
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.hooks.switches import Change, StandIn

MODULE = "random"

_BITS = 128
_WHAT = "A random.Random"


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed these generators; return how to undo it, and no notes."""
    cls: Any = module.Random
    original_seed, original_setstate = cls.seed, cls.__setstate__
    own_file = original_seed.__code__.co_filename if hasattr(original_seed, "__code__") else ""

    @wraps(original_seed)
    def seed(self: Any, a: Any = None, version: int = 2) -> None:  # noqa: ANN401 - as the original
        if a is None and entropy.mode is not None:
            frame = first_outside(first_foreign(calling_frame(1)), own_file)
            if entropy.derives(frame, _WHAT, owner=self):
                a = entropy.streams.next(_BITS)
        original_seed(self, a, version)

    # The unpickler, written in C, makes a generator and sets its state at once
    @wraps(original_setstate)
    def __setstate__(self: Any, state: Any) -> None:  # noqa: ANN401, N807 - as the original
        entropy.take_back(self)
        original_setstate(self, state)

    changes = [_replace(cls, "seed", seed), _replace(cls, "__setstate__", __setstate__)]
    # The module's function is bound to the original method of the hidden generator
    hidden = getattr(module.seed, "__self__", None)
    if isinstance(hidden, cls):
        changes.append(_replace(module, "seed", StandIn(hidden.seed, module.seed, MODULE, "seed")))
    return changes, []


def _replace(owner: Any, name: str, ours: object) -> Change:  # noqa: ANN401 - a class or a module
    before = vars(owner)[name]

    def write(function: object) -> None:
        setattr(owner, name, function)

    write(ours)
    full = f"{MODULE}.{name}" if isinstance(owner, ModuleType) else f"{MODULE}.Random.{name}"
    return Change(full, before, ours, lambda: vars(owner)[name], write)
