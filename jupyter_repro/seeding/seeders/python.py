"""Python's own `random`.

`secrets`, `uuid.uuid4`, `os.urandom`, `random.SystemRandom` and the names of temporary files do
not come from its global generator, so they stay unpredictable.
"""

from __future__ import annotations

import struct
import zlib
from types import ModuleType
from typing import cast

from jupyter_repro.seeding.seeders.registry import State

MODULE = "random"

_WORDS = struct.Struct("<625I")
_UNTOUCHED = 624
"""The position in the Mersenne Twister's words while none has been taken."""


def seed(module: ModuleType, seed: int) -> None:
    """Seed the hidden global generator, as ``random.seed(seed)`` does.

    Parameters
    ----------
    module
        The module `random`.
    seed
        Any integer; all its bits count.
    """
    module.seed(seed)


reseed_after_fork = seed


def get_state(module: ModuleType) -> State:
    """Return the state of the Mersenne Twister, and the second normal number if one waits."""
    version, words, gauss = module.getstate()
    return {"version": version, "words": _WORDS.pack(*words), "gauss": gauss}


def set_state(module: ModuleType, state: State) -> None:
    """Go back to a state."""
    words = _WORDS.unpack(cast("bytes", state["words"]))
    module.setstate((state["version"], words, state["gauss"]))


def has_drawn(module: ModuleType) -> bool:
    """Return whether anything was drawn since it was seeded, or since Python started."""
    _, words, gauss = module.getstate()
    return bool(words[-1] != _UNTOUCHED or gauss is not None)


def fingerprint(module: ModuleType) -> int:
    """Return a number that changes when something is drawn."""
    _, words, gauss = module.getstate()
    return zlib.crc32(repr(gauss).encode(), zlib.crc32(_WORDS.pack(*words)))
