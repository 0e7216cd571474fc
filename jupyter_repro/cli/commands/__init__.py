"""The commands of ``jupyter repro``, one a file.

Each file holds ``add_arguments(parser)`` and ``run(args)``. The table below feeds ``--help``, so
that the files themselves, and all that they import, are imported only when they are called.
"""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A command: the module that holds it, and what it does, in words."""

    module: str
    summary: str


COMMANDS = {
    "run": Command(
        "run", "run notebooks from top to bottom in a fresh kernel, record, and write them"
    ),
    "verify": Command(
        "verify",
        "run notebooks again and compare what they show with what is stored; write nothing",
    ),
    "report": Command(
        "report",
        "run notebooks again and write one HTML page on what holds, what does not, and why",
    ),
    "calibrate": Command(
        "calibrate",
        "run notebooks several times and record how much their results move by themselves",
    ),
    "capture": Command("capture", "take a snapshot of the environment that this command runs in"),
    "show": Command("show", "show what notebooks or snapshot files have recorded, layer by layer"),
    "check": Command(
        "check",
        "compare what notebooks have recorded with an environment, without running anything",
    ),
    "lint": Command(
        "lint",
        "find stale, impossible and private outputs of notebooks, without running anything",
    ),
    "diff": Command(
        "diff",
        "compare two notebooks or other files; of one notebook, its reference and its latest",
    ),
    "export": Command(
        "export",
        "write the recorded environment for another tool: conda, pip, Docker and more",
    ),
    "solve": Command(
        "solve",
        "ask channels and indexes whether what notebooks have recorded can still be installed",
    ),
    "restore": Command(
        "restore", "make the environment that a notebook has recorded, in a new folder"
    ),
    "import": Command(
        "import_", "make what a file of another tool tells the reference of an old notebook"
    ),
    "lift": Command("lift", "move snapshots from the outputs of notebooks into their metadata"),
    "kernel": Command("kernel", "install kernels that start with what cannot be set later"),
}
"""In the order in which ``--help`` lists them."""
