"""PaddlePaddle's default generators, on the processor and on every GPU."""

from __future__ import annotations

from types import ModuleType

MODULE = "paddle"


def seed(module: ModuleType, seed: int) -> None:
    """Seed as ``paddle.seed(seed)`` does.

    Parameters
    ----------
    module
        The module `paddle`.
    seed
        From 0 to 2**64 - 1.
    """
    module.seed(seed)
