"""Read the small files with which an operating system describes itself, below `World.root`.

Used by the probes. Nothing here interprets the contents.
"""

from __future__ import annotations

from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.world import World

MAX_BYTES = 16_384
"""The first block of ``/proc/cpuinfo`` fits many times; all of it costs milliseconds on a
machine with hundreds of processors."""


def read_system_file(world: World, path: str, limit: int = MAX_BYTES) -> str | None:
    """Return the beginning of a file below the root, or None if it cannot be read.

    To a process in a container, a missing and a forbidden file are the same: the host's driver may
    exist, but not for this process.

    Parameters
    ----------
    world
        `path` is relative to its `root`.
    path
        Such as ``proc/cpuinfo``.
    limit
        Maximum number of bytes.

    Returns
    -------
    str or None
        Undecodable bytes are replaced.
    """
    data = read_head(str(world.root / path), limit)
    return None if data is None else data.decode("utf-8", "replace")


def read_line(world: World, path: str) -> str | None:
    """Return the first line of a file without white space around it, or None."""
    text = read_system_file(world, path)
    return text.split("\n", 1)[0].strip() or None if text else None


def list_folder(world: World, path: str) -> list[str]:
    """Return the sorted names in a folder below the root; none if it cannot be read."""
    try:
        return sorted(entry.name for entry in (world.root / path).iterdir())
    except (OSError, ValueError):
        return []
