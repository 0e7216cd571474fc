"""Whether a conda environment is active, and the names of the variables that activation sets.

Without activation libraries do not find their data (``GDAL_DATA``, ``PROJ_LIB``), and the packages
are the same. The values of variables may be secret, and are not read into a record.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import msgspec

from jupyter_repro.capturing.sources.conda.prefix import read_config
from jupyter_repro.safety.world import World

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}", re.ASCII)
_MAX_NAMES = 500


def is_activated(prefix: Path, world: World) -> bool | None:
    """Return whether an environment is active; None if a different Python is looked at."""
    if world.prefix != Path(sys.prefix):
        return None
    told = world.environ.get("CONDA_PREFIX", "")
    return bool(told) and os.path.realpath(told) == os.path.realpath(prefix)


def activation_names(prefix: Path) -> list[str]:
    """Return the names of the variables that the user and the packages have set."""
    folder = prefix / "etc" / "conda" / "env_vars.d"
    found: set[str] = set()
    try:
        files = sorted(folder.iterdir())[:_MAX_NAMES]
    except OSError:
        files = []
    for file in files:
        found |= _names(_decode(read_config(file)))
    state = _decode(read_config(prefix / "conda-meta" / "state"))
    found |= _names(state.get("env_vars") if isinstance(state, dict) else None)
    return sorted(found)[:_MAX_NAMES]


def _decode(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _names(value: object) -> set[str]:
    keys = value if isinstance(value, dict) else ()
    return {str(key) for key in keys if _NAME.fullmatch(str(key))}
