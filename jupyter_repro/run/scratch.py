"""Copy the folder of a notebook, so that running it again leaves no trace there.

Version control, environments and caches are left out, because they are no input of a notebook.
Links to folders outside are left out too: nothing that the notebook does can reach the original
through the copy.

The copy is of the whole repository, because notebooks read ``../data`` and import ``../src``. Files
behind links are copied. A folder that is too large is refused and not copied in part: a missing
file would look like a changed result.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_repro.errors import ReproError
from jupyter_repro.safety.files import name_of

LEFT_OUT = frozenset(
    (".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", ".pixi", "node_modules")
)
"""Names of folders that are never copied."""

CACHES = frozenset(
    ("__pycache__", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache")
)
"""Names of folders that are never copied, and that are not reported."""

MAX_BYTES = 2_000_000_000
MAX_FILES = 50_000
MAX_SECONDS = 120.0


@dataclass
class Copied:
    """The result of copying a folder.

    Parameters
    ----------
    folder
        The folder of the notebook in the copy.
    left_out
        What was not copied: paths relative to the folder that was copied, with the reason.
    """

    folder: Path
    left_out: list[str] = field(default_factory=list)


def copied_root(folder: Path) -> Path:
    """Return the folder to copy for a notebook in `folder`: the repository, else the folder itself.

    Notebooks import from ``../src`` and read ``../data``.
    """
    folder = folder.absolute()
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises without a home
    for place in (folder, *folder.parents):
        if place in {home, place.parent}:
            break
        if (place / ".git").exists():
            return place
    return folder


def copy_folder(folder: Path, into: Path, *, max_bytes: int = MAX_BYTES) -> Copied:
    """Copy the folder of a notebook, or the repository around it.

    Parameters
    ----------
    folder
        The folder of the notebook.
    into
        An empty folder.
    max_bytes
        How much may be copied.

    Raises
    ------
    ReproError
        If there is too much to copy, or a file cannot be copied; the message says what to do.
    """
    root = copied_root(folder)
    copy = _Copy(root, into, max_bytes)
    try:
        copy.folder(root, into)
    except OSError as error:
        reason = f"{name_of(root)} could not be copied ({error.strerror or error}); {_INSTEAD}"
        raise ReproError(reason) from error
    return Copied(into / folder.absolute().relative_to(root), copy.left_out)


_INSTEAD = "use --in-place to run notebooks in their own folders."


class _Copy:
    """The state of a copy: how much was copied, and what was left out."""

    def __init__(self, root: Path, into: Path, max_bytes: int) -> None:
        self.root = root
        self.into = into
        self.max_bytes = max_bytes
        self.left_out: list[str] = []
        self.bytes = 0
        self.files = 0
        self.deadline = time.monotonic() + MAX_SECONDS

    def folder(self, source: Path, target: Path) -> None:
        with os.scandir(source) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                self._entry(entry, target / entry.name)

    def _entry(self, entry: os.DirEntry[str], target: Path) -> None:
        path = Path(entry.path)
        if entry.is_symlink():
            self._link(path, target)
        elif entry.is_dir(follow_symlinks=False):
            if self._is_wanted(path):
                target.mkdir()
                self.folder(path, target)
                shutil.copystat(path, target)
                target.chmod(stat.S_IMODE(target.stat().st_mode) | 0o700)
        elif entry.is_file(follow_symlinks=False):
            self._file(path, target)
        else:
            self._leave_out(path, "no regular file")

    def _is_wanted(self, path: Path) -> bool:
        if path.name in CACHES:
            return False
        if path.name in LEFT_OUT:
            self._leave_out(path)
            return False
        if (path / "conda-meta").is_dir() or (path / "pyvenv.cfg").is_file():
            self._leave_out(path, "an environment")
            return False
        return not self.into.is_relative_to(path)  # the copy itself

    def _link(self, path: Path, target: Path) -> None:
        """Copy a link that stays inside as a link, one to a file outside as a file."""
        real = Path(os.path.realpath(path))
        if not real.exists():
            self._leave_out(path, "a link to nothing")
        elif real.is_relative_to(self.root.resolve()):
            place = self.into / real.relative_to(self.root.resolve())
            target.symlink_to(
                os.path.relpath(place, target.parent), target_is_directory=real.is_dir()
            )
        elif real.is_file():
            self._file(real, target)
        else:
            self._leave_out(path, "a link to a folder outside")

    def _file(self, path: Path, target: Path) -> None:
        self.files += 1
        self.bytes += path.stat().st_size
        shown = name_of(self.root)
        if self.bytes > self.max_bytes:
            reason = f"{shown} holds more than {self.max_bytes / 1e9:g} GB to copy; {_INSTEAD}"
            raise ReproError(reason)
        if self.files > MAX_FILES:
            reason = f"{shown} holds more than {MAX_FILES} files to copy; {_INSTEAD}"
            raise ReproError(reason)
        if time.monotonic() > self.deadline:
            reason = f"copying {shown} takes longer than {MAX_SECONDS:g} s; {_INSTEAD}"
            raise ReproError(reason)
        try:
            shutil.copy2(path, target)
        except PermissionError:
            self._leave_out(path, "not readable")

    def _leave_out(self, path: Path, why: str = "") -> None:
        name = name_of(path.relative_to(self.root)) if path.is_relative_to(self.root) else path.name
        self.left_out.append(f"{name} ({why})" if why else name)
