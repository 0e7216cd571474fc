"""tinygrad's generator, kept in its class Tensor."""

from __future__ import annotations

from types import ModuleType

MODULE = "tinygrad.tensor"


def seed(module: ModuleType, seed: int) -> None:
    """Seed as ``Tensor.manual_seed(seed)`` does.

    Parameters
    ----------
    module
        The module `tinygrad.tensor`.
    seed
        From 0 to 2**64 - 1; tinygrad uses its lower 32 bits.
    """
    module.Tensor.manual_seed(seed)
