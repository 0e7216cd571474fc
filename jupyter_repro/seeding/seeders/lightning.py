"""Lightning, which draws from Python, NumPy and PyTorch and has no generator itself."""

from __future__ import annotations

from types import ModuleType

from jupyter_repro.seeding.hooks.switches import Change, set_variable

MODULE = "lightning"

_MAX_SEED = 2**32 - 1


def seed(_module: ModuleType, _seed: int) -> None:
    """Do nothing: the other seeders seed the generators that it draws from."""


def settings(_module: ModuleType, seed: int) -> list[Change]:
    """Set ``PL_GLOBAL_SEED``, which `seed_everything` reads without an argument.

    Lightning refuses a seed above 32 bits. See
    https://lightning.ai/docs/pytorch/stable/common/trainer.html#reproducibility
    """
    return set_variable("PL_GLOBAL_SEED", str(seed)) if seed <= _MAX_SEED else []
