"""SQLite: ``random()`` and ``randomblob(n)``, which it seeds from the system and never otherwise.

A connection gets functions of the same names, so nothing changes for one that does not draw. A
connection that code made through a name bound before, or with ``sqlite3.Connection``, has its own.
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "sqlite3"

_WHAT = "A random number of SQLite"
_LARGEST_BLOB = 1_000_000_000


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed these functions; return how to undo it, and no notes."""

    def number() -> int:
        derived = entropy.derives(calling_frame(1), _WHAT)
        drawn = entropy.streams.next(64) if derived else random.SystemRandom().getrandbits(64)
        return drawn - 2**63

    def blob(size: object) -> bytes:
        derived = entropy.derives(calling_frame(1), _WHAT)
        source = random.Random(entropy.streams.next(64)) if derived else random.SystemRandom()  # noqa: S311
        length = size if isinstance(size, int) else 1
        return source.randbytes(min(max(length, 1), _LARGEST_BLOB))

    def make(original: Call) -> Call:
        def connect(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
            connection = original(*args, **options)
            if entropy.mode is not None:
                with suppress(Exception):  # a class of the user's
                    connection.create_function("random", 0, number)
                    connection.create_function("randomblob", 1, blob)
            return connection

        return connect

    changes = replace(module, "connect", make)
    inner = sys.modules.get("sqlite3.dbapi2")
    return changes + (replace(inner, "connect", make) if inner is not None else []), []
