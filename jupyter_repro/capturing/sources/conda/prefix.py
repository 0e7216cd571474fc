"""Find the conda prefix of a context, and read the small files in it.

Used by the probes of conda and of Python itself. `records` reads the records.
"""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

MAX_CONFIG_BYTES = 1 << 18


def find_prefix(world: World) -> Path | None:
    """Return the prefix with ``conda-meta``: the kernel's, else the one its venv was made from."""
    for prefix in (world.prefix, world.base_prefix):
        if (prefix / "conda-meta").is_dir():
            return prefix
    return None


def is_base(prefix: Path) -> bool:
    """Return whether a conda prefix is the one that contains conda or micromamba itself."""
    return prefix.parent.name != "envs" and any(
        (prefix / name).is_dir() for name in ("condabin", "pkgs")
    )


def environment_name(prefix: Path) -> str:
    """Return the name of the environment: ``base``, or the name of its folder."""
    return "base" if is_base(prefix) else printable(prefix.name)


def pixi_facts(prefix: Path) -> dict[str, str]:
    """Return the texts in ``conda-meta/pixi``, which pixi writes into its environments."""
    try:
        found = json.loads(read_config(prefix / "conda-meta" / "pixi") or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def read_config(path: Path, limit: int = MAX_CONFIG_BYTES) -> str:
    """Return the beginning of a small text file, or an empty text if it cannot be read."""
    return (read_head(str(path), limit) or b"").decode("utf-8", "replace")
