"""What an engine is told: checked records and requirements, and nothing else of a notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_repro.install.places.places import Place
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.safety.world import World

OnProgress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""

OnLinked = Callable[[int], None]
"""Called with the number of packages that are linked."""


@dataclass(frozen=True, kw_only=True)
class CondaJob:
    """Conda packages for a new prefix.

    Parameters
    ----------
    records
        Of local files that `archives` has looked at, in an order in which they can be installed.
    requested
        Specifications that the environment was made with.
    keeps
        Whether what is unpacked may stay in our cache: nothing of a private channel does.
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
        Lines of a requirements file for what lies in that folder, each with its hashes.
    hashed
        Such lines for what an index or an address has.
    unhashed
        Commits of repositories, which no hash can be had of: only with `allow_source`.
    allow_source
        Let sources be built: that runs their code.
    """

    world: World
    prefix: Path
    places: Sequence[Place]
    wheels: Path
    local: Sequence[str]
    hashed: Sequence[str] = ()
    unhashed: Sequence[str] = ()
    allow_source: bool = False
