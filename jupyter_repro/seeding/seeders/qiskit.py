"""Qiskit: its transpiler takes its seed from a variable where the code gives none.

Simulations of Qiskit Aer are seeded one by one; see `generators.qiskit_aer`.
"""

from __future__ import annotations

from types import ModuleType

from jupyter_repro.seeding.hooks.switches import Change, set_variable

MODULE = "qiskit"


def seed(_module: ModuleType, _seed: int) -> None:
    """Do nothing: each call of the transpiler begins with the seed of the variable."""


def settings(_module: ModuleType, seed: int) -> list[Change]:
    """Set ``QISKIT_TRANSPILER_SEED``, unless the user has set it."""
    return set_variable("QISKIT_TRANSPILER_SEED", str(seed & 0x7FFFFFFF))
