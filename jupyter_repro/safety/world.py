"""What the probes may look at, handed to them as one value.

A probe reads nothing that is not reachable from its `World`, so a test can hand it a recorded
`/proc`, another prefix or another environment and see what it makes of them.

Facts that several probes of one capture need are shared through ``World.memo`` and discarded with
it. Only three things live longer: NVML's answer, the owners of modules (files of installed
distributions) and the list of third-party probes.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple


class Interpreter(NamedTuple):
    """A Python, as it describes itself by `platform` and `sys`."""

    version: str
    implementation: str
    compiler: str
    free_threaded: bool


def this_interpreter() -> Interpreter:
    """Return the Python that runs this process."""
    return Interpreter(
        platform.python_version(),
        platform.python_implementation(),
        platform.python_compiler(),
        # https://docs.python.org/3/howto/free-threading-python.html#identifying-free-threaded-python
        "free-threading" in sys.version,
    )


@dataclass(frozen=True, kw_only=True)
class Seeding:
    """What the running process has seeded: input of the determinism probe."""

    seed: int
    determinism: str
    rank: int | None = None
    seeded: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    from_outside: bool = False


@dataclass(frozen=True, kw_only=True)
class World:
    """The process and the machine as the probes see them.

    Parameters
    ----------
    prefix, base_prefix
        `sys.prefix` and `sys.base_prefix`; never ``CONDA_PREFIX``, which belongs to the shell.
    root
        Where ``/proc`` and ``/sys`` are looked for.
    home, cwd
        Folders whose paths are personal and never stored.
    environ
        Environment variables. Probes pick single names from it and never copy it.
    sys_path
        Where Python looks for modules, in its order.
    modules
        The modules that are loaded.
    interpreter
        The Python whose environment it is: this process's, unless another one is looked at from
        outside.
    kernel_name
        Name of the kernel specification, where it is known.
    seeding
        What has been seeded, or None.
    memo
        What the probes of one capture share, so that it is read once.
    """

    prefix: Path
    base_prefix: Path
    root: Path = Path("/")
    home: Path
    cwd: Path
    environ: Mapping[str, str] = field(repr=False)
    sys_path: Sequence[str]
    modules: Mapping[str, ModuleType] = field(repr=False)
    interpreter: Interpreter = field(default_factory=this_interpreter)
    kernel_name: str | None = None
    seeding: Seeding | None = None
    memo: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def current_world(*, kernel_name: str | None = None, seeding: Seeding | None = None) -> World:
    """Return the world of this process."""
    return World(
        prefix=Path(sys.prefix),
        base_prefix=Path(sys.base_prefix),
        home=Path(os.path.expanduser("~")),  # noqa: PTH111 - Path.home() raises without a home
        cwd=Path(os.curdir).absolute(),
        environ=dict(os.environ),
        sys_path=tuple(sys.path),
        modules=sys.modules,
        kernel_name=kernel_name,
        seeding=seeding,
    )
