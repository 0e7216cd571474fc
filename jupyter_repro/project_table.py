"""The project's own settings: ``[tool.jupyter_repro]`` in its ``pyproject.toml``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from jupyter_repro.errors import UsageError

KEYS = ("policy", "severity", "tolerance")
"""What the table may hold: `comparison.policy` reads the first two, `outputs.tolerance` its own."""


def find_table(folder: Path) -> tuple[str, dict[str, Any]] | None:
    """Return the nearest ``pyproject.toml`` that has a table of ours, and the table.

    The file is named as seen from `folder`: the full path is personal.
    """
    folder = folder.absolute()
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises without a home
    for place in (folder, *folder.parents):
        file = os.path.relpath(place / "pyproject.toml", folder)
        table = _read_table(place / "pyproject.toml", file)
        if table is not None:
            return file, table
        if place == home or (place / ".git").exists():
            return None
    return None


def _read_table(path: Path, file: str) -> dict[str, Any] | None:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = f"{file} cannot be read ({error.strerror}), and it may hold a policy."
        raise UsageError(reason) from None
    if b"jupyter_repro" not in data:  # the usual case needs no parser
        return None
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table = tomllib.loads(data.decode()).get("tool", {}).get("jupyter_repro")
    except (ValueError, AttributeError) as error:
        reason = f"{file} is not valid TOML: {error}."
        raise UsageError(reason) from None
    if table is not None and not isinstance(table, dict):
        reason = f"{file}: tool.jupyter_repro is not a table."
        raise UsageError(reason)
    return table
