"""An export as `%repro export` and ``jupyter repro export`` make it: from wishes to files."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from jupyter_repro.capturing.sources.conda.prefix import find_prefix
from jupyter_repro.errors import ReproError
from jupyter_repro.formats.exporters.formats import Format, export, format_of, make_request
from jupyter_repro.formats.exporters.request import Exported, FilesOf
from jupyter_repro.formats.exporters.writing import write_files
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.pins import Pins
from jupyter_repro.packages.platforms import is_platform
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import current_world

ASKS_INDEX = {
    "requirements.txt",
    "pylock.toml",
    "conda-lock.yml",
    "pixi.lock",
    "dockerfile",
    "apptainer",
    "binder",
}
"""Formats that have a place for digests of Python packages."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a user may say of an export; `formats.make_request` describes the most of it.

    Parameters
    ----------
    ask_index
        Asks the user's package indexes for the files of all pins; None where the network is not
        allowed.
    solve_for
        Returns the environment that another platform would have, with its remarks; None where
        the network is not allowed.
    """

    format: str | None = None
    pins: str | None = None
    platform: str | None = None
    hashes: bool = True
    ask_index: Callable[[Pins], FilesOf] | None = None
    solve_for: Callable[[Snapshot, str], Snapshot] | None = None


class Done(NamedTuple):
    """The files that were written, and what they do not hold."""

    written: list[Path]
    notes: list[str]

    @property
    def sentences(self) -> list[str]:
        """What to tell the user."""
        names = ", ".join(name_of(path) for path in self.written)
        return [f"Written: {names}", *(printable(note, 1_200) for note in self.notes)]


def export_text(
    snapshot: Snapshot, path: Path | None, wishes: Wishes, *, notebook: Path | None
) -> tuple[Format, Exported]:
    """Return a snapshot in the format that is asked for.

    Parameters
    ----------
    path
        The file that it is for.
    notebook
        Where the snapshot comes from, if that is known.

    Raises
    ------
    ReproError
        If there is no such format or platform, or the snapshot cannot be written in it.
    """
    wanted = format_of(path, wishes.format)
    if wishes.platform is not None and not is_platform(wishes.platform):
        reason = f"There is no platform {wishes.platform!r}: linux-64 and osx-arm64 are two."
        raise ReproError(reason)
    folder = path.absolute().parent if path else Path.cwd()
    recorded = snapshot.layers.system.platform
    is_solved = wishes.solve_for and wishes.platform and wishes.platform != recorded
    if wishes.solve_for and wishes.platform and is_solved:
        snapshot = wishes.solve_for(snapshot, wishes.platform)
    request = make_request(
        snapshot,
        folder,
        pins=wishes.pins,
        platform=wishes.platform,
        hashes=wishes.hashes,
        prefix=find_prefix(current_world()),
        notebook=_name_beside(notebook, folder) if notebook else None,
    )
    if wishes.ask_index and wanted.name in ASKS_INDEX:
        request = replace(request, files_of=wishes.ask_index(request.pins))
    made = export(wanted, request, asked=wishes.pins is not None)
    if is_solved:
        told = (
            f"Solved anew for {wishes.platform} from the versions that were recorded on "
            f"{recorded or 'an unknown platform'}: builds belong to one platform."
        )
        made = replace(made, notes=[told, *made.notes])
    return wanted, made


def export_file(
    snapshot: Snapshot, path: Path, wishes: Wishes, *, notebook: Path | None, force: bool = False
) -> Done:
    """Write a snapshot into a file, and those that belong to it beside it.

    Parameters
    ----------
    force
        Write over files that are there.

    Raises
    ------
    ReproError
        As `export_text` and `writing.write_files` say; nothing is written then.
    """
    _, exported = export_text(snapshot, path, wishes, notebook=notebook)
    return Done(write_files(path, exported, force=force), [*exported.notes])


def _name_beside(notebook: Path, folder: Path) -> str:
    """Return how a file in `folder` names the notebook; a workflow, from the repository's top."""
    if folder.parts[-2:] == (".github", "workflows"):
        folder = folder.parent.parent
    found = Path(os.path.relpath(notebook.absolute(), folder)).as_posix()
    return notebook.name if found.startswith("..") else found
