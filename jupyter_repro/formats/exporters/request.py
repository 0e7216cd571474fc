"""The request to an exporter, and its answer.

An exporter is one function that contacts no server. It gets a `Request`: the snapshot, its
validated pins, how exact they must be, and what the caller allows (your index as a function, a
conda prefix whose records may add facts about the same files). It returns texts by file name, and
notes on what they leave out. Lock files are written without their tools' libraries, which take
seconds to import; the tests read them back with those libraries. A format that names files or
builds of one platform refuses a different platform, unless your channels may be asked: then it
gets a snapshot that was solved for that platform from the recorded versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from jupyter_repro.capturing.sources.conda.details import CondaDetails
from jupyter_repro.errors import ReproError
from jupyter_repro.formats.importers.text import describe_source
from jupyter_repro.model.options import PINS, PinLevel
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.pins import CondaPin, Pins

Level: TypeAlias = PinLevel
"""How exactly a package is named: build string and digest, version, major.minor, or as the user
requested it."""


class CannotExportError(ReproError):
    """A snapshot cannot be written in a format; the message says why and what to do."""


class IndexFile(Protocol):
    """One file of a project on a Python package index."""

    @property
    def name(self) -> str:
        """The file name in the index."""

    @property
    def url(self) -> str:
        """Its address."""

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits, or empty."""


FilesOf: TypeAlias = Callable[[str], Sequence[IndexFile]]
"""Lists the files of a project in the user's index."""


class AskedDetails(NamedTuple):
    """Facts of the channels on files by name, and why some channels were not asked or silent."""

    details: Mapping[str, CondaDetails]
    problems: Sequence[str] = ()


DetailsOf: TypeAlias = Callable[[Sequence[CondaPin], str], AskedDetails]
"""Asks the channels of conda packages, on a platform, for the facts that their records have."""


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """Your options for an export, from the command line, the magic or the panel.

    Parameters
    ----------
    format
        Name of the format; with None, the file name decides.
    pins
        How exactly every package is named; None uses the project's setting.
    platform
        The target platform; None is the recorded one.
    hashes
        Whether known digests are written.
    ask_index
        Asks your package indexes for the files of all pins; None without the network.
    allows_index
        Whether you allow an address to be searched for packages; None without the network.
    ask_channels
        Asks the channels of conda packages for what a lock file needs; None without the network.
    solve_for
        Returns the environment for a different platform, with remarks; None without the network.
    """

    format: str | None = None
    pins: str | None = None
    platform: str | None = None
    hashes: bool = True
    ask_index: Callable[[Pins], FilesOf] | None = None
    allows_index: Callable[[str], bool] | None = None
    ask_channels: DetailsOf | None = None
    solve_for: Callable[[Snapshot, str], Snapshot] | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to write, and how.

    Parameters
    ----------
    snapshot, pins
        Recorded or current; may come from a stranger. `pins` has passed the grammars.
    conda, packages
        How exactly conda's and Python's packages are named.
    platform
        A platform that differs from the recorded one, if you named one.
    is_level_requested
        Whether you chose the pins, not the project.
    hashes
        Whether known digests are written.
    files_of
        Your index, if you allow the network.
    allows_index
        Whether you allow an address, which an imported file names, to be searched for packages.
    details_of
        The channels, if you allow the network.
    prefix
        A conda prefix whose records may add facts about the pinned files.
    notebook
        Path of the notebook relative to the written file, if it is known.
    """

    snapshot: Snapshot
    pins: Pins
    conda: Level = PINS.default
    packages: Level = PINS.default
    platform: str | None = None
    is_level_requested: bool = False
    hashes: bool = True
    files_of: FilesOf | None = None
    allows_index: Callable[[str], bool] | None = None
    details_of: DetailsOf | None = None
    prefix: Path | None = None
    notebook: str | None = None


@dataclass(frozen=True)
class Exported:
    """The files of one export.

    Parameters
    ----------
    files
        Path below the target folder, with ``/`` → text. The first is the file that the user named.
    notes
        Sentences on what the files do not contain.
    """

    files: Mapping[str, str]
    notes: Sequence[str] = field(default=())

    @property
    def text(self) -> str:
        """The only file."""
        (text,) = self.files.values()
        return text


def require_recorded_platform(request: Request, name: str) -> None:
    """Refuse to name builds of the recorded platform in a file for a different one.

    Parameters
    ----------
    name
        The format that names builds.

    Raises
    ------
    CannotExportError
        If the request is for a different platform.
    """
    if request.platform:
        known = request.pins.platform
        if known is None:
            reason = (
                f"{name} names builds of one platform, and the record does not name which: "
                f"if they are for {request.platform}, import the file with --platform."
            )
            raise CannotExportError(reason)
        reason = (
            f"{name} names builds of {known}, which do not exist "
            f"for {request.platform}. Allow the network (--network; network=yes in a notebook) to "
            "solve again, or export environment.yml with pins version, research or history."
        )
        raise CannotExportError(reason)


def made_by(snapshot: Snapshot) -> str:
    """Return the sentence on the environment that a file describes, and the tool that wrote it."""
    platform = snapshot.layers.system.platform
    origin = f"captured {snapshot.created}{f' on {platform}' if platform else ''}"
    if snapshot.imported is not None:
        made_for = f" for {platform}" if platform else ""
        origin = f"imported {snapshot.created} from {describe_source(snapshot)}{made_for}"
    return (
        f"Environment {snapshot.digest[:12]}, {origin}, written by jupyter_repro {snapshot.tool}."
    )
