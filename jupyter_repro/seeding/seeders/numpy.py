"""NumPy's global generator, which pandas, SciPy and scikit-learn draw from as well.

It belongs to ``numpy.random``, not to ``numpy``: NumPy 2 imports the submodule when it is first
used, so ``numpy`` can be loaded without it.
"""

from __future__ import annotations

import sys
import zlib
from types import ModuleType

from jupyter_repro.seeding.seeders.registry import State

MODULE = "numpy.random"

_WORD = 2**32
_ALGORITHM = "MT19937"
_KEY_BYTES = 624 * 4
_UNTOUCHED = (623, 624)
"""The position while nothing was drawn: seeded from entropy, and by hand."""


def seed(module: ModuleType, seed: int) -> None:
    """Seed the global generator, as ``np.random.seed(seed)`` does.

    Parameters
    ----------
    module
        The module `numpy.random`. ``numpy`` may not have it as an attribute yet, so nothing is
        imported here.
    seed
        Below 2**32 unchanged; a larger one as its 32-bit words, the lowest first, which is how
        `numpy.random.seed` takes more than 32 bits.
    """
    module.seed(seed if seed < _WORD else [seed % _WORD, seed // _WORD])


def reseed_after_fork(module: ModuleType, number: int) -> None:
    """Seed in a forked child, unless a different thread of the parent was just drawing.

    The lock that such a thread held would stay locked in the child for ever.
    """
    lock = module.mtrand._rand._bit_generator.lock  # noqa: SLF001 - NumPy has no public name
    if lock.acquire(blocking=False):
        lock.release()
        seed(module, number)


def get_state(module: ModuleType) -> State:
    """Return the state, and the second normal number if one waits.

    Raises
    ------
    ValueError
        If the user has replaced the Mersenne Twister.
    """
    state = module.get_state(legacy=False)
    if state["bit_generator"] != _ALGORITHM:
        reason = f"the global generator is a {state['bit_generator']}, not {_ALGORITHM}"
        raise ValueError(reason)
    return {
        "key": state["state"]["key"].astype("<u4").tobytes(),
        "position": int(state["state"]["pos"]),
        "has_gauss": int(state["has_gauss"]),
        "gauss": float(state["gauss"]),
    }


def set_state(module: ModuleType, state: State) -> None:
    """Go back to a state.

    Raises
    ------
    ValueError
        If the sizes or the position are not valid for a Mersenne Twister.
    """
    key, position = state["key"], state["position"]
    if not isinstance(key, bytes) or len(key) != _KEY_BYTES:
        reason = f"the key has not {_KEY_BYTES} bytes"
        raise ValueError(reason)
    # NumPy itself does not check this: a larger position would read beyond the key
    if not isinstance(position, int) or not 0 <= position <= _KEY_BYTES // 4:
        reason = f"the position is not from 0 to {_KEY_BYTES // 4}"
        raise ValueError(reason)
    words = sys.modules["numpy"].frombuffer(key, dtype="<u4")
    module.set_state((_ALGORITHM, words, position, state["has_gauss"], state["gauss"]))


def has_drawn(module: ModuleType) -> bool:
    """Return whether anything was drawn since it was seeded, by hand or from entropy."""
    state = module.get_state(legacy=False)
    inner = state["state"]
    return bool(inner.get("pos", _UNTOUCHED[0]) not in _UNTOUCHED or state["has_gauss"])


def fingerprint(module: ModuleType) -> int:
    """Return a number that changes when something is drawn."""
    state = module.get_state(legacy=False)
    inner = state["state"]
    words = zlib.crc32(inner["key"]) if "key" in inner else inner
    rest = (words, inner.get("pos"), state.get("has_gauss"), state.get("gauss"))
    return zlib.crc32(repr(rest).encode())
