"""The folder of a new environment: where it may be, and its removal after a failure."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.places.folders import environments_folder
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

TERMINATED = 128 + signal.SIGTERM
"""Exit code after SIGTERM, as in shells."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")


def require_new_prefix(prefix: Path) -> Path:
    """Return the absolute path of an environment that can be made there.

    Raises
    ------
    UsageError
        If the path exists already, or its parent folder does not exist or is write-protected.
    """
    path = prefix.expanduser().absolute()
    if ".." in path.parts:  # through links, as the system goes
        path = path.resolve() if path.name == ".." else path.parent.resolve() / path.name
    shown = printable(str(path), 500)
    if shown != str(path):
        reason = f"{shown!r} cannot be the folder of an environment: write its path as plain text."
        raise UsageError(reason)
    if os.path.lexists(path):
        reason = (
            f"{shown} is there already: an environment is restored into a new folder only, so "
            "that nothing is overwritten. Choose a different folder."
        )
        raise UsageError(reason)
    if not path.parent.is_dir():
        reason = f"{shown} cannot be made: the folder {path.parent} is not there."
        raise UsageError(reason)
    if not os.access(path.parent, os.W_OK):
        reason = f"{shown} cannot be made: the folder {path.parent} is write-protected."
        raise UsageError(reason)
    return path


def require_name(name: str) -> str:
    """Return a name, if an environment can have it.

    Raises
    ------
    UsageError
        If it is a path, or contains what conda does not accept.
    """
    if not _NAME.fullmatch(name) or name in {"base", "root"}:
        reason = (
            f'"{printable(name, 100)}" cannot be the name of an environment: use letters, digits, '
            "dot, dash and underscore, and neither base nor root. A path goes with --prefix."
        )
        raise UsageError(reason)
    return name


def named_prefix(name: str, world: World, folder: Path | None = None) -> Path:
    """Return the path of a new environment with a name.

    Parameters
    ----------
    folder
        Where the tool that makes it keeps its environments; None for our own folder.

    Raises
    ------
    UsageError
        If the name is not valid or is taken.
    ReproError
        If the folder cannot be made.
    """
    folder = folder or environments_folder(world)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{folder} cannot be made ({error.strerror}): name a folder with --prefix."
        raise ReproError(reason) from None
    return require_new_prefix(folder / require_name(name))


def python_in(prefix: Path) -> Path:
    """Return the interpreter of an environment."""
    if os.name != "nt":
        return prefix / "bin" / "python"
    scripts = prefix / "Scripts" / "python.exe"
    return scripts if scripts.exists() else prefix / "python.exe"


@contextmanager
def removed_on_failure(prefix: Path) -> Iterator[None]:
    """Remove an environment if making it fails, is interrupted or terminated."""
    with _terminated_as_exit():
        try:
            yield
        except BaseException:
            remove(prefix)
            raise


def remove(prefix: Path) -> None:
    """Remove a folder with all its content; no signal stops that halfway.

    Raises
    ------
    ReproError
        If a part of it is left.
    """
    with _handled({signal.SIGINT: signal.SIG_IGN, signal.SIGTERM: signal.SIG_IGN}):
        if os.path.lexists(prefix):
            with suppress(OSError):
                if sys.version_info >= (3, 12):
                    shutil.rmtree(prefix, onexc=_make_writable)
                else:
                    shutil.rmtree(prefix, onerror=_make_writable)
        if os.path.lexists(prefix):
            reason = f"{printable(str(prefix), 500)} could not be removed: delete it by hand."
            raise ReproError(reason)


def _make_writable(again: Callable[[str], Any], path: str, _error: object) -> None:
    """Remove what is write-protected: packages may contain such folders."""
    for one in (Path(path).parent, Path(path)):
        with suppress(OSError):
            if not one.is_symlink():
                one.chmod(one.stat().st_mode | stat.S_IRWXU)
    with suppress(OSError):
        again(path)


@contextmanager
def _terminated_as_exit() -> Iterator[None]:
    """Turn SIGTERM into an exit through the blocks that clean up."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(TERMINATED)

    with _handled({signal.SIGTERM: leave}):
        yield


@contextmanager
def _handled(handlers: dict[int, Any]) -> Iterator[None]:
    """Handle signals differently for a while; only the main thread can do that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
