"""Find the conda prefix of a world, and what the small files in it say.

Stands under the probes of conda and of Python itself. `records` reads the records.
"""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

MAX_CONFIG_BYTES = 1 << 18


def find_prefix(world: World) -> Path | None:
    """Return the prefix that holds ``conda-meta``: the kernel's own, else that of its venv."""
    for prefix in (world.prefix, world.base_prefix):
        if (prefix / "conda-meta").is_dir():
            return prefix
    return None


def is_base(prefix: Path) -> bool:
    """Return whether a conda prefix is the one that conda or micromamba itself lives in."""
    return prefix.parent.name != "envs" and any(
        (prefix / name).is_dir() for name in ("condabin", "pkgs")
    )


def environment_name(prefix: Path) -> str:
    """Return what the environment is called: ``base``, or the name of its folder."""
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
    """Return the beginning of a small text file, or nothing where there is none to read."""
    return (read_head(str(path), limit) or b"").decode("utf-8", "replace")
