"""Write all files of an export or none, into one folder, without overwriting by accident."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from jupyter_repro.errors import ReproError
from jupyter_repro.formats.exporters.request import Exported
from jupyter_repro.formats.exporters.text import plain
from jupyter_repro.notebook.file import require_writable
from jupyter_repro.safety.files import MAX_BYTES, load, name_of, write_atomically

# The file names come from an exporter, which may be a third party's
_NAME = re.compile(r"\.?[A-Za-z0-9_][A-Za-z0-9_.-]*")


def write_files(path: Path, exported: Exported, *, overwrite: bool = False) -> list[Path]:
    """Write the files of an export.

    Parameters
    ----------
    path
        The file that the user named; the others are written beside it. If the format makes a
        folder (``.binder``), the folder keeps its name.
    overwrite
        Overwrite existing files.

    Returns
    -------
    list of Path
        The written files.

    Raises
    ------
    ReproError
        If a file already exists, a name leads out of the folder, or a file cannot be written. All
        files are then unchanged.
    """
    targets = named_files(path, exported)
    for target in targets:
        _check(target, path.parent, overwrite=overwrite)
    old: dict[Path, bytes | None] = {}
    folders: list[Path] = []
    try:
        for target, text in targets.items():
            folders += _make_folder(target.parent)
            require_writable(target)
            old[target] = load(target, MAX_BYTES) if target.exists() else None
            write_atomically(target, text.encode())
    except (ReproError, OSError) as error:
        _put_back(old, folders)
        if isinstance(error, ReproError):
            raise
        reason = f"{name_of(path)} could not be written ({error.strerror or error})."
        raise ReproError(reason) from error
    return [*targets]


def named_files(path: Path, exported: Exported) -> dict[Path, str]:
    """Return the files of an export with their paths: the first has the requested name.

    Raises
    ------
    ReproError
        If a name leads out of the folder.
    """
    names = [*exported.files]
    for name in names:
        if not all(map(_NAME.fullmatch, name.split("/"))):
            reason = (
                f"An exporter wanted to write {plain(name)!r}, which is no name of a file here."
            )
            raise ReproError(reason)
    first = path.parent / names[0] if "/" in names[0] else path
    return {
        (first if name == names[0] else path.parent / name): text
        for name, text in exported.files.items()
    }


def _check(target: Path, folder: Path, *, overwrite: bool) -> None:
    shown = name_of(target)
    if os.path.lexists(target) and not overwrite:
        reason = (
            f"{shown} is there already; nothing was written. "
            "--replace (replace=yes) writes over it."
        )
        raise ReproError(reason)
    inside = Path(os.path.realpath(folder))
    if not Path(os.path.realpath(target)).is_relative_to(inside):
        reason = f"{shown} is a link that leads out of its folder; nothing was written."
        raise ReproError(reason)
    if target.parent.exists():
        require_writable(target)


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder, and return the folders that did not exist, the innermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _put_back(old: dict[Path, bytes | None], folders: list[Path]) -> None:
    for target, data in old.items():
        with suppress(OSError, ReproError):
            if data is None:
                target.unlink(missing_ok=True)
            else:
                write_atomically(target, data)
    for folder in sorted(folders, key=lambda place: len(place.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()
