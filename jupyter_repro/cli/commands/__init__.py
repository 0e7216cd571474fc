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
        "run", "run notebooks in a fresh kernel, record their environment, and write them"
    ),
    "verify": Command(
        "verify",
        "run notebooks again and compare their outputs with the stored ones; write nothing",
    ),
    "report": Command(
        "report",
        "run notebooks again and write one HTML page: what holds, what does not, and why",
    ),
    "calibrate": Command(
        "calibrate",
        "run notebooks several times and record how much their results vary",
    ),
    "capture": Command("capture", "take a snapshot of the environment that this command runs in"),
    "show": Command("show", "show what notebooks or snapshot files have recorded, layer by layer"),
    "check": Command(
        "check",
        "compare what notebooks have recorded with an environment, without running them",
    ),
    "lint": Command(
        "lint",
        "find stale, impossible and private outputs of notebooks, without running them",
    ),
    "diff": Command(
        "diff",
        "compare two notebooks or other files, or the reference and the latest run of one",
    ),
    "export": Command(
        "export",
        "write the recorded environment as a file for conda, pip, Docker and more",
    ),
    "solve": Command(
        "solve",
        "ask channels and indexes whether the recorded packages can still be installed",
    ),
    "restore": Command(
        "restore", "create the environment that a notebook has recorded, in a new folder"
    ),
    "import": Command("import_", "use an environment file as the reference of an old notebook"),
    "lift": Command("lift", "move snapshots from the outputs of notebooks into their metadata"),
    "kernel": Command(
        "kernel", "install a kernel that starts with PYTHONHASHSEED and thread counts set"
    ),
}
"""In the order in which ``--help`` lists them."""
