"""The project's own settings: ``[tool.jupyter_repro]`` in its ``pyproject.toml``."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from jupyter_repro.errors import UsageError
from jupyter_repro.safety.files import load
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.toml import MAX_CONFIG, parse_toml

KEYS = ("policy", "severity", "tolerance", "pins", "lint")
"""What the table may hold, by who reads it: the policy, the exporters, lint."""


def find_table(folder: Path) -> tuple[str, dict[str, Any]] | None:
    """Return the nearest ``pyproject.toml`` that has a table of ours, and the table.

    The file is named as seen from `folder`: the full path is personal.

    Raises
    ------
    UsageError
        If one is there and cannot be read; the message says what to do.
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
        data = load(path, MAX_CONFIG)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = (
            f"{file} cannot be read ({error.strerror}), and it may hold a policy: "
            "correct it, or move it away."
        )
        raise UsageError(reason) from None
    if b"jupyter_repro" not in data:  # the usual case needs no parser
        return None
    table = _parse(data)
    if isinstance(table, str):
        reason = f"{file} {table}: correct it, or move it away."
        raise UsageError(reason)
    return table


@lru_cache(maxsize=4)  # a kernel asks for it after each cell
def _parse(data: bytes) -> dict[str, Any] | str | None:
    """Return the table of ours, or what is wrong with the file."""
    try:
        tables = parse_toml(data.decode())
    except ValueError as error:
        return f"is not valid TOML ({printable(str(error), 200)})"
    tool = tables.get("tool", {})
    if not isinstance(tool, dict):
        return "holds a `tool` that is not a table"
    table = tool.get("jupyter_repro")
    if table is not None and not isinstance(table, dict):
        return "holds a `tool.jupyter_repro` that is not a table"
    return table
