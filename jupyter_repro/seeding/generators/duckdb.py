"""DuckDB: each connection has a generator of its own, for ``random()`` and ``USING SAMPLE``.

A new connection is seeded at once, which nothing else notices: there is no finding. The connection
that ``duckdb.sql`` uses is seeded by the seeder of the same name.
"""

from __future__ import annotations

from contextlib import suppress
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "duckdb"

_WHAT = "A connection to DuckDB"
_BITS = 32


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed new connections; return how to undo it, and no notes."""

    def make(original: Call) -> Call:
        def connect(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
            connection = original(*args, **options)
            if entropy.mode == "derive" or entropy.derives(calling_frame(1), _WHAT):
                set_seed(connection, entropy.streams.next(_BITS))
            return connection

        return connect

    kind = getattr(module, "DuckDBPyConnection", None)
    changes = replace(module, "connect", make)
    for method in ("cursor", "duplicate"):
        changes += replace(kind, method, make) if kind is not None else []
    return changes, []


def set_seed(connection: Any, number: int) -> None:  # noqa: ANN401 - DuckDB's
    """Seed a connection, which must not be at work, with a number of 32 bits."""
    place = number / 2 ** (_BITS - 1) - 1  # setseed takes -1 to 1
    with suppress(Exception):  # a database that cannot be queried: the user's own call says so
        connection.execute("SELECT setseed(?)", [place]).fetchall()
