"""The seeder of dicebox: `MODULE` and `seed` are required, the rest is welcome.

It does not import dicebox: `%repro` hands the module over when the user has imported it.
"""

from types import ModuleType

MODULE = "dicebox"


def seed(module: ModuleType, seed: int) -> None:
    """Seed the hidden generator; `seed` is 0 to 2**64 - 1."""
    module.seed(seed)


def get_state(module: ModuleType) -> dict[str, int]:
    """Return the state as plain data, for checkpoints."""
    return {"state": module.state}


def set_state(module: ModuleType, state: dict[str, int]) -> None:
    """Go back to a state."""
    module.state = state["state"]


def fingerprint(module: ModuleType) -> int:
    """Return a number that changes when something is drawn."""
    return module.state
