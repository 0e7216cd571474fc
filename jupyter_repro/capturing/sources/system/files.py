"""Read the small files by which an operating system describes itself, below `World.root`.

Stands under the probes. Nothing here interprets what it reads.
"""

from __future__ import annotations

from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.world import World

MAX_BYTES = 16_384
"""The first block of ``/proc/cpuinfo`` fits many times; all of it costs milliseconds on a
machine with hundreds of processors."""


def read_system_file(world: World, path: str, limit: int = MAX_BYTES) -> str | None:
    """Return the beginning of a file below the root, or None where there is none to read.

    A file that is absent and one that is forbidden are the same to a process in a container:
    the host's driver may be there, but not for it.

    Parameters
    ----------
    world
        Its `root` is where `path` begins.
    path
        Relative to the root, such as ``proc/cpuinfo``.
    limit
        Bytes, at most.

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
    """Return the sorted names in a folder below the root; none where it cannot be read."""
    try:
        return sorted(entry.name for entry in (world.root / path).iterdir())
    except (OSError, ValueError):
        return []
