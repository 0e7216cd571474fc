"""An export as `%repro export` and ``jupyter repro export`` make it: from wishes to files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from jupyter_repro.errors import ReproError
from jupyter_repro.exporters.formats import Format, export, format_of, make_request
from jupyter_repro.exporters.request import Exported, FilesOf
from jupyter_repro.exporters.writing import write_files
from jupyter_repro.notebook import name_of
from jupyter_repro.pins import is_platform
from jupyter_repro.redact import printable
from jupyter_repro.snapshot import Snapshot
from jupyter_repro.sources.conda_prefix import find_prefix
from jupyter_repro.world import current_world


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a user may say of an export; `formats.make_request` describes it."""

    format: str | None = None
    pins: str | None = None
    platform: str | None = None
    hashes: bool = True
    files_of: FilesOf | None = None


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
    request = make_request(
        snapshot,
        folder,
        pins=wishes.pins,
        platform=wishes.platform,
        hashes=wishes.hashes,
        files_of=wishes.files_of,
        prefix=find_prefix(current_world()),
        notebook=_name_beside(notebook, folder) if notebook else None,
    )
    return wanted, export(wanted, request, asked=wishes.pins is not None)


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
