"""Polars: one generator for the whole process. It does not show its state.

It does not affect the order of groups and unique rows, which depends on the threads unless you pass
``maintain_order=True``.
"""

from __future__ import annotations

from types import ModuleType

MODULE = "polars"


def seed(module: ModuleType, seed: int) -> None:
    """Seed as ``pl.set_random_seed(seed)`` does.

    Parameters
    ----------
    module
        The module `polars`.
    seed
        From 0 to 2**64 - 1.
    """
    module.set_random_seed(seed)


reseed_after_fork = seed
"""Its lock is held only while a number is drawn, never while a table is worked on."""
