"""The standard library's generators: `random.Random()` and its subclasses.

`random.seed()` and the other functions of the module belong to the hidden global generator, which
is bound to the original methods and not reached. `random.SystemRandom` is never touched.
"""

from __future__ import annotations

from functools import wraps
from types import ModuleType
from typing import Any

from jupyter_repro.generators.entropy import Entropy, calling_frame, first_outside
from jupyter_repro.switches import Change

MODULE = "random"

_BITS = 128
_WHAT = "A random.Random"


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` answer; return how to undo it, and no notes."""
    cls: Any = module.Random
    changes = []
    original_seed, original_setstate = cls.seed, cls.__setstate__
    own_file = original_seed.__code__.co_filename if hasattr(original_seed, "__code__") else ""

    @wraps(original_seed)
    def seed(self: Any, a: Any = None, version: int = 2) -> None:  # noqa: ANN401 - as the original
        if a is None and entropy.mode is not None:
            frame = first_outside(calling_frame(1), own_file)
            if entropy.derives(frame, _WHAT, owner=self):
                a = entropy.streams.next(_BITS)
        original_seed(self, a, version)

    # The unpickler, written in C, makes a generator and sets its state at once
    @wraps(original_setstate)
    def __setstate__(self: Any, state: Any) -> None:  # noqa: ANN401, N807 - as the original
        entropy.take_back(self)
        original_setstate(self, state)

    for name, ours in (("seed", seed), ("__setstate__", __setstate__)):
        changes.append(_replace(cls, name, ours))
    return changes, []


def _replace(cls: Any, name: str, ours: object) -> Change:  # noqa: ANN401 - the class Random
    before = cls.__dict__[name]

    def write(function: object) -> None:
        setattr(cls, name, function)

    write(ours)
    return Change(f"random.Random.{name}", before, ours, lambda: cls.__dict__[name], write)
