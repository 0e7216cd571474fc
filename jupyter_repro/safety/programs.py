"""Find a program on this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def find_program(name: str, environ: Mapping[str, str]) -> Path | None:
    """Return the first program of a name on the ``PATH``.

    Relative entries are skipped, because the current folder may come from a stranger.
    """
    for folder in environ.get("PATH", "").split(os.pathsep):
        found = shutil.which(name, path=folder) if Path(folder).is_absolute() else None
        if found is not None and Path(found).is_absolute():
            return Path(found)
    return None
