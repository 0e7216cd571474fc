"""Read files that may come from a stranger: regular files only, with a limit, without waiting.

This is the one place where this package opens a file to read it;
`tests/unit/safety/test_reading.py` checks that, and lists the few exceptions. The contents are not
interpreted here.

When you open a notebook in a folder that you received, your kernel reads files of that folder. A
pipe would block it for ever, and a link to a device would fill its memory. So `open_regular` checks
the type of the file, opens it without waiting and checks again, and `load` reads up to a limit.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.safety.text import printable

# If somebody exchanges the file for a pipe after the check, O_NONBLOCK keeps the opening from
# waiting; O_NOCTTY keeps a terminal from becoming this process's controlling one. Windows has
# neither flag
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)

MAX_BYTES = 500_000_000
"""Largest notebook that is read. No front end can open a larger one."""

_PAGES = 16_384


class NotRegularError(OSError):
    """The file is a pipe, a socket or a device, or a link to one."""


class TooLargeError(OSError):
    """The file is larger than the limit."""


def open_regular(path: str | os.PathLike[str]) -> int:
    """Open a regular file, also one behind a link, and return its descriptor.

    Raises
    ------
    NotRegularError
        If it is a pipe, a socket or a device. The type is checked before the file is opened,
        because opening wakes the writer of a pipe and starts some devices, and again afterwards,
        because the file may have been exchanged in between.
    OSError
        If it cannot be opened; `IsADirectoryError` for a folder.
    ValueError
        If there is a null character in its name.
    """
    _require_regular(os.stat(path))  # noqa: PTH116 - hundreds of files within milliseconds
    file = os.open(path, _FLAGS)
    try:
        _require_regular(os.fstat(file))
    except BaseException:
        os.close(file)
        raise
    return file


def _require_regular(found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    raise NotRegularError(errno.EINVAL, "it is not a regular file")


def open_stream(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file as a stream, if it is too large for the memory. See `open_regular`."""
    return os.fdopen(open_regular(path), "rb")


def load(path: str | os.PathLike[str], limit: int) -> bytes:
    """Return the contents of a file.

    Raises
    ------
    TooLargeError
        If it holds more than `limit` bytes.
    OSError
        See `open_regular`. The ``strerror`` of each can follow "cannot be read: ".
    """
    try:
        file = open_regular(path)
    except ValueError:
        raise OSError(errno.EINVAL, "there is a null character in its name") from None
    try:
        if os.fstat(file).st_size <= limit:
            data = _read(file, limit + 1)
            if len(data) <= limit:
                return data
    finally:
        os.close(file)
    raise TooLargeError(errno.EFBIG, f"it is larger than {_shown(limit)}")


def _shown(limit: int) -> str:
    return f"{limit // 1_000_000} MB" if limit >= 1_000_000 else f"{limit // 1_000} kB"


def read_head(path: str | os.PathLike[str], limit: int, *, start: int = 0) -> bytes | None:
    """Return the first `limit` bytes of a file, or None if it cannot be read.

    Parameters
    ----------
    path
        Use `str` instead of `Path` if you read hundreds of files: it is faster.
    limit
        Most bytes to read.
    start
        First byte to read.
    """
    try:
        file = open_regular(path)
    except (OSError, ValueError):
        return None
    try:
        if start:
            os.lseek(file, start, os.SEEK_SET)
        return _read(file, limit)
    except (OSError, OverflowError):  # a disk error; a start that is too large
        return None
    finally:
        os.close(file)


def read_whole(path: str | os.PathLike[str], limit: int) -> bytes | None:
    """Return a file of at most `limit` bytes, or None if it is larger or cannot be read."""
    try:
        return load(path, limit)
    except OSError:
        return None


def _read(file: int, limit: int) -> bytes:
    # Python clears the whole buffer first, so one of the limit's size would be slow
    size = limit if limit <= _PAGES else min(limit, max(_PAGES, os.fstat(file).st_size + 1))
    data = os.read(file, size)
    if len(data) in {0, limit}:
        return data
    parts = [data]
    left = limit - len(data)
    # A short read means the end of a regular file, but not in /proc or on a network
    while left and (data := os.read(file, min(left, _PAGES))):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


def name_of(path: Path) -> str:
    """Return a path that can be shown: a file name can hold control characters."""
    return printable(str(path))


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the contents of a file of at most `limit` bytes.

    Raises
    ------
    UnreadableError
        If it does not exist or cannot be read. The message is one sentence.
    """
    try:
        return load(path, limit)
    except (FileNotFoundError, NotADirectoryError):
        reason = f"{name_of(path)} does not exist."
    except NotRegularError:
        reason = f"{name_of(path)} is not a regular file."
    except OSError as error:
        reason = f"{name_of(path)} cannot be read ({error.strerror or error})."
        if path.is_dir():  # Windows does not say so
            reason = f"{name_of(path)} is a folder, not a notebook."
    raise UnreadableError(reason)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace a file in one step: at any time it is either the whole old or the whole new one.

    Links are followed. Permissions are kept, and so is the owner where that is allowed.

    Raises
    ------
    ReproError
        If it cannot be written (full disk, no permission). The old file is unchanged.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".jupyter_repro-{secrets.token_hex(6)}.tmp")
    try:
        _write_new(temporary, data)
        _keep_permissions(target, temporary)
        os.replace(temporary, target)  # noqa: PTH105 - the tests make this one fail
    except OSError as error:
        message = (
            f"{name_of(path)} could not be written ({error.strerror or error}); it is unchanged."
        )
        raise ReproError(message) from error
    finally:
        temporary.unlink(missing_ok=True)


def write_if_free(path: Path, data: bytes) -> None:
    """Write a new file, as a whole or not at all.

    Raises
    ------
    FileExistsError
        If there is anything of that name; it is unchanged.
    OSError
        If it cannot be written.
    """
    temporary = path.with_name(f".jupyter_repro-{secrets.token_hex(6)}.tmp")
    try:
        _write_new(temporary, data)
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):  # a file system without links
            _write_new(path, data)
    finally:
        temporary.unlink(missing_ok=True)


def _write_new(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - from a descriptor
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _keep_permissions(target: Path, temporary: Path) -> None:
    try:
        old = target.stat()
    except FileNotFoundError:
        return
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(temporary, old.st_uid, old.st_gid)
    temporary.chmod(stat.S_IMODE(old.st_mode))
