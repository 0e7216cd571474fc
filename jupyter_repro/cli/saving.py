"""Save what a long run has made, whatever became of its file meanwhile.

The file is replaced only if it still is what it was when the run began. If it was edited, deleted
or written by a different run, or if it cannot be written, the result gets a free name, which the
command prints. No existing file is overwritten.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jupyter_repro.cli import complain
from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.safety.files import name_of, read_bytes, write_atomically, write_if_free

MAX_NAMES = 1_000
PATIENCE = 5.0
"""Seconds to wait for a different run that is just saving in the same folder."""


def contents_of(path: Path) -> bytes | None:
    """Return what a file holds before a run, for `save`; None if there is none."""
    try:
        return read_bytes(path)
    except UnreadableError:
        return None


def save(path: Path, before: bytes | None, data: bytes) -> Path:
    """Write the result of a run, and return the file that holds it.

    Parameters
    ----------
    path
        The file that the user has named.
    before
        What it held when the run began.
    data
        What to write.

    Raises
    ------
    ReproError
        If the result cannot be written anywhere.
    """
    with _alone_in(path.absolute().parent):
        found = contents_of(path)
        if found == before:
            try:
                if before is None:
                    write_if_free(path, data)
                else:
                    write_atomically(path, data)
            except (OSError, ReproError):
                why = "cannot be written"
            else:
                return path
        else:
            why = "is gone since the run began" if found is None else "changed while it ran"
    kept = _keep(path, data)
    complain(f"{name_of(path)} {why}; the result is in {name_of(kept)}.")
    return kept


def _keep(path: Path, data: bytes) -> Path:
    """Write under a free name: beside the file, else in the current folder, else in a new one."""
    for folder in (path.parent, Path()):
        for number in range(1, MAX_NAMES):
            mark = "run" if number == 1 else f"run-{number}"
            free = folder / f"{path.stem}.{mark}{path.suffix}"
            try:
                write_if_free(free, data)
            except FileExistsError:
                continue
            except OSError:
                break
            return free
    try:
        free = Path(tempfile.mkdtemp(prefix="jupyter_repro-")) / path.name
        write_if_free(free, data)
    except OSError as error:
        reason = f"The result of {name_of(path)} cannot be written ({error.strerror or error})."
        raise ReproError(reason) from error
    return free


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs from saving in the same folder, where the system can do that."""
    held = None
    with suppress(ImportError, OSError):  # Windows; a folder that is gone
        held = _lock(folder)
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def _lock(folder: Path) -> int:
    """Return a descriptor of a folder that holds a lock; closing it gives the lock back."""
    import fcntl

    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    deadline = time.monotonic() + PATIENCE
    # If something else keeps it longer, the result matters more
    while not _is_locked(fcntl.flock, held, fcntl.LOCK_EX | fcntl.LOCK_NB):
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return held


def _is_locked(flock: Callable[[int, int], None], held: int, how: int) -> bool:
    try:
        flock(held, how)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
