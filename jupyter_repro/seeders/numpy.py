"""NumPy's global generator, which pandas, SciPy and scikit-learn draw from as well.

It belongs to ``numpy.random``, not to ``numpy``: NumPy 2 imports the submodule when it is first
used, so a loaded ``numpy`` says nothing about it.
"""

from __future__ import annotations

from types import ModuleType

MODULE = "numpy.random"

_WORD = 2**32


def seed(module: ModuleType, seed: int) -> None:
    """Seed the global generator, as ``np.random.seed(seed)`` does.

    Parameters
    ----------
    module
        The module `numpy.random`. ``numpy`` may not know it yet, so nothing is imported here.
    seed
        Below 2**32 as it is; a larger one as its 32-bit words, the lowest first, which is how
        `numpy.random.seed` takes more than 32 bits.
    """
    module.seed(seed if seed < _WORD else [seed % _WORD, seed // _WORD])


def reseed_after_fork(module: ModuleType, seed: int) -> None:
    """Seed in a forked child, unless another thread of the parent was just drawing.

    The lock that such a thread held would stay locked for ever in the child.
    """
    lock = module.mtrand._rand._bit_generator.lock  # noqa: SLF001 - NumPy has no public name
    if lock.acquire(blocking=False):
        lock.release()
        globals()["seed"](module, seed)
