"""DuckDB: the connection that ``duckdb.sql`` and its like share. It does not show its state.

Others are seeded when they are made; see `generators.duckdb`.
"""

from __future__ import annotations

from types import ModuleType

from jupyter_repro.seeding.generators.duckdb import set_seed

MODULE = "duckdb"


def seed(module: ModuleType, seed: int) -> None:
    """Seed as ``SELECT setseed(…)`` does.

    Parameters
    ----------
    module
        The module `duckdb`.
    seed
        From 0 to 2**64 - 1.
    """
    set_seed(module, (seed ^ seed >> 32) & 0xFFFFFFFF)


def reseed(_module: ModuleType, _seed: int) -> None:
    """Leave it as it is: a query between two cells would end one whose rows are still fetched."""
