"""The standard library's generators: `random.Random()`, its subclasses, and `random.seed()`.

`random.SystemRandom` is never touched.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper, wraps
from types import ModuleType
from typing import Any

from jupyter_repro.generators.entropy import Entropy, calling_frame, first_outside
from jupyter_repro.switches import Change

MODULE = "random"

_BITS = 128
_OWN_FILE = __file__
_WHAT = "A random.Random"


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` answer; return how to undo it, and no notes."""
    cls: Any = module.Random
    original_seed, original_setstate = cls.seed, cls.__setstate__
    own_file = original_seed.__code__.co_filename if hasattr(original_seed, "__code__") else ""

    @wraps(original_seed)
    def seed(self: Any, a: Any = None, version: int = 2) -> None:  # noqa: ANN401 - as the original
        if a is None and entropy.mode is not None:
            frame = first_outside(calling_frame(1), _OWN_FILE)
            frame = first_outside(frame, own_file)
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
        changes.append(_replace(module, "seed", _HiddenSeed(hidden.seed, module.seed)))
    return changes, []


class _HiddenSeed:
    """`random.seed` in the place of the original, and equal to it.

    Compilers know the function by identity: Numba would not find `random.seed` any more that it
    has seen under another seed, or before.
    """

    def __init__(self, ours: Callable[..., None], original: Callable[..., None]) -> None:
        self._ours = ours
        self._original = original
        update_wrapper(self, original)

    def __call__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as the original
        self._ours(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        theirs = other._original if isinstance(other, _HiddenSeed) else other
        return self._original == theirs

    def __hash__(self) -> int:
        return hash(self._original)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return self._original.__reduce__()


def _replace(owner: Any, name: str, ours: object) -> Change:  # noqa: ANN401 - a class or a module
    before = vars(owner)[name]

    def write(function: object) -> None:
        setattr(owner, name, function)

    write(ours)
    full = f"{MODULE}.{name}" if isinstance(owner, ModuleType) else f"{MODULE}.Random.{name}"
    return Change(full, before, ours, lambda: vars(owner)[name], write)
