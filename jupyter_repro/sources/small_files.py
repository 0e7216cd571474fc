"""Read small files that a stranger may have put there: bounded, and never waiting.

Stands under the scan of the distributions and the state of git. Nothing is interpreted here.
"""

from __future__ import annotations

import os

# Opening a pipe that nobody writes to would wait for ever; Windows has no such flag
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_PAGES = 16_384


def read_head(path: str | os.PathLike[str], limit: int, *, start: int = 0) -> bytes | None:
    """Return the first `limit` bytes of a file, or None where there is none to read.

    Parameters
    ----------
    path
        Rather text than a `Path` where hundreds of files are read within milliseconds.
    limit
        More than this is never read, whatever the file is.
    start
        Where to begin, in bytes.
    """
    try:
        file = os.open(path, _FLAGS)
    except (OSError, ValueError):  # ValueError: a null character in the path
        return None
    try:
        if start:
            os.lseek(file, start, os.SEEK_SET)
        return _read(file, limit)
    except (OSError, OverflowError):  # a folder, a pipe, a disk error
        return None
    finally:
        os.close(file)


def _read(file: int, limit: int) -> bytes:
    # A buffer of the limit's size would be cleared first: slow for a hundred lists of files
    size = limit if limit <= _PAGES else min(limit, max(_PAGES, os.fstat(file).st_size + 1))
    data = os.read(file, size)
    if len(data) in {0, limit}:
        return data
    parts = [data]
    left = limit - len(data)
    # A short read is the end of a regular file, but not of one in /proc or on a network
    while left and (data := os.read(file, min(left, _PAGES))):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


def read_whole(path: str | os.PathLike[str], limit: int) -> bytes | None:
    """Return a file of at most `limit` bytes, or None if it is larger or cannot be read."""
    data = read_head(path, limit + 1)
    return data if data is not None and len(data) <= limit else None
