"""NumPy's generators: `default_rng`, `SeedSequence`, `RandomState` and every bit generator.

All of them, also those made inside SciPy, gymnasium or Dask and through names that were bound
before, take their entropy from one function that ``numpy.random.bit_generator`` looks up in its
own namespace each time. Types and seeded generators do not change.

Replacing `default_rng` would not reach names that were bound before, nor generators made inside
SciPy. NumPy does not guarantee this lookup, so it is tested first. Copying and unpickling create a
generator only to set its state, so they take nothing from the stream.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import OURS, calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "numpy.random"
POINT = "numpy.random.bit_generator"

_WHAT = "A generator of NumPy"
_NOTE = (
    "This NumPy takes the entropy for generators without a seed where it cannot be intercepted: "
    "np.random.default_rng() and its like keep their own and are not listed."
)


def intercept(_module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed NumPy's generators; return how to undo it, and a note if it fails."""
    point: Any = sys.modules.get(POINT)
    original: Callable[[int], int] | None = getattr(point, "randbits", None)
    if original is None:
        return [], [_NOTE]

    def randbits(bits: int) -> int:
        if entropy.mode is None:
            return original(bits)
        frame = calling_frame(1)  # the caller's: what lies between is compiled
        derived = entropy.derives(frame, _WHAT)
        drawn = _Drawn(entropy.streams.next(bits) if derived else original(bits))
        if frame is not None:
            drawn.call = entropy, id(frame), frame.f_lasti
        return drawn

    def write(function: Callable[[int], int]) -> None:
        point.randbits = function

    if not _is_asked(point, original):
        return [], [_NOTE]
    write(randbits)
    return [Change(f"{POINT}.randbits", original, randbits, lambda: point.randbits, write)], []


class _Drawn(int):
    """A seed that detects when it is discarded while the generator is still being made.

    ``RandomState(5)`` takes entropy before it takes its seed. A seed that is discarded within the
    same call was not used, so this is not a generator without a seed. The number in the stream
    stays used: ``RandomState.seed(None)`` discards it too, and must not get the same one twice.
    """

    call: tuple[Entropy, int, int] | None = None

    def __del__(self) -> None:
        frame = calling_frame(1)
        if self.call is None or frame is None:
            return
        entropy, caller, instruction = self.call
        # For `np.random.seed(None)` the caller is our own function
        file = frame.f_code.co_filename
        is_same = instruction == frame.f_lasti and caller == id(frame)
        if is_same and not file.startswith(OURS):
            entropy.take_back_at(file, frame.f_lineno)

    def __reduce__(self) -> tuple[type[int], tuple[int]]:
        return int, (int(self),)


def _is_asked(point: Any, original: Callable[[int], int]) -> bool:  # noqa: ANN401 - NumPy's module
    """Return whether a generator without a seed really calls the function in the namespace."""
    asked = []

    def probe(bits: int) -> int:
        asked.append(bits)
        return 1

    point.randbits = probe
    try:
        point.SeedSequence()
    finally:
        point.randbits = original
    return bool(asked)
