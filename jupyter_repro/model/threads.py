"""Make msgspec's Structs fit for several threads.

Two threads that decode a class for the first time crash the process in msgspec. So the Structs are
completed before threads start.
"""

from __future__ import annotations

import msgspec


def complete_structs() -> None:
    """Let msgspec find out now what the fields of our Structs are.

    It does so when a class is first decoded, and two threads that are the first at the same time
    crash the process. To be called before threads are started, once all modules are imported.
    """
    waiting = list(msgspec.Struct.__subclasses__())
    while waiting:
        struct = waiting.pop()
        waiting += struct.__subclasses__()
        if struct.__module__.startswith("jupyter_repro"):
            msgspec.json.Decoder(struct)
