"""The context that the probes read: the process and the machine, as one value.

A probe reads only what it reaches through its `World`. So a test can pass a recorded `/proc`, a
different prefix or different environment variables.

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
    """What `platform` and `sys` of a Python say about it."""

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
    """The context of a capture: the process and the machine as the probes see them.

    Parameters
    ----------
    prefix, base_prefix
        `sys.prefix` and `sys.base_prefix`; never ``CONDA_PREFIX``, which belongs to the shell.
    root
        Folder that holds ``/proc`` and ``/sys``.
    home, cwd
        Folders whose paths are personal and never stored.
    environ
        Environment variables. Probes read single ones and never copy all of them.
    sys_path
        Where Python looks for modules, in its order.
    modules
        The modules that are loaded.
    interpreter
        The Python whose environment is captured: that of this process, unless `restore` or
        `kernel` examines a different one from outside.
    kernel_name
        Name of the kernel specification, if it is known.
    seeding
        What has been seeded, or None.
    memo
        Facts that several probes of one capture share, so that they are read once.
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
    """Return the context of this process."""
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
