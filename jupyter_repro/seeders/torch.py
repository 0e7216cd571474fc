"""PyTorch's default generators, on the processor and on every accelerator."""

from __future__ import annotations

from types import ModuleType

MODULE = "torch"


def seed(module: ModuleType, seed: int) -> None:
    """Seed every default generator, as ``torch.manual_seed(seed)`` does.

    Parameters
    ----------
    module
        The module `torch`. Accelerators that are not initialised yet are seeded by PyTorch itself
        when they are; seeding starts none of them.
    seed
        From 0 to 2**64 - 1. PyTorch's generator on the processor uses its lower 32 bits alone, so
        there two seeds that differ by a multiple of 2**32 give the same numbers.
    """
    module.manual_seed(seed)


def reseed_after_fork(module: ModuleType, seed: int) -> None:
    """Seed in a forked child, where no accelerator can be used."""
    module.default_generator.manual_seed(seed)
