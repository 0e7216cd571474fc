"""MLX's default generator. Its state cannot be set from outside."""

from __future__ import annotations

from types import ModuleType

MODULE = "mlx.core"


def seed(module: ModuleType, seed: int) -> None:
    """Seed as ``mx.random.seed(seed)`` does.

    Parameters
    ----------
    module
        The module `mlx.core`, which makes `mlx.core.random` itself.
    seed
        From 0 to 2**64 - 1.
    """
    module.random.seed(seed)
