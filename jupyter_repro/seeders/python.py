"""Python's own `random`.

`secrets`, `uuid.uuid4`, `os.urandom`, `random.SystemRandom` and the names of temporary files do
not come from its global generator, so they stay as unpredictable as they are.
"""

from __future__ import annotations

from types import ModuleType

MODULE = "random"


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
