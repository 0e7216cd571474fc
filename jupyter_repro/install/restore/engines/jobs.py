"""The input of an engine: checked records and requirements, and nothing else of a notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_repro.install.places.places import Place
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.safety.world import World

OnProgress = Callable[[int, int], None]
"""Called with how much is done, and the total."""

OnLinked = Callable[[int], None]
"""Called with the number of packages that are linked."""


@dataclass(frozen=True, kw_only=True)
class CondaJob:
    """Conda packages for a new prefix.

    Parameters
    ----------
    records
        Records of local files that `archives` has inspected, in an order for installation.
    requested
        Specifications that the environment was made with.
    keeps
        Whether unpacked packages may stay in our cache; those of a private channel may not.
    """

    world: World
    prefix: Path
    records: Sequence[Record]
    requested: Sequence[str] = ()
    keeps: bool = True
    on_progress: OnLinked = lambda _count: None


@dataclass(frozen=True, kw_only=True)
class PythonJob:
    """Python packages for a prefix that has a Python.

    Parameters
    ----------
    wheels
        A folder of wheels that `restore.wheels` has inspected.
    local
        Lines of a requirements file for the wheels in that folder, each with its hashes.
    hashed
        Such lines for the files of an index or an address.
    unhashed
        Commits of repositories, which have no hash: only with `allow_source`.
    allow_source
        Whether sources may be built, which runs their code.
    """

    world: World
    prefix: Path
    places: Sequence[Place]
    wheels: Path
    local: Sequence[str]
    hashed: Sequence[str] = ()
    unhashed: Sequence[str] = ()
    allow_source: bool = False
