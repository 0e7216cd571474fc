"""The settings of a cell: its tags, its metadata and nbval's comments.

nbval's names have the same effect as in nbval: https://nbval.readthedocs.io
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyter_repro.comparing.outputs.normalise import joined
from jupyter_repro.comparing.outputs.tolerance import Tolerance, tolerance_of_cell
from jupyter_repro.model.message import METADATA_KEY

SKIP_RUN = ("nbval-skip", "repro-skip-run", "skip-execution")
IGNORE = ("nbval-ignore-output", "repro-skip")
CHECK = "nbval-check-output"
RAISES = ("raises-exception", "nbval-raises-exception")

_COMMENTS = {
    "NBVAL_SKIP": "nbval-skip",
    "NBVAL_IGNORE_OUTPUT": "nbval-ignore-output",
    "PYTEST_VALIDATE_IGNORE_OUTPUT": "nbval-ignore-output",
    "NBVAL_CHECK_OUTPUT": CHECK,
    "NBVAL_RAISES_EXCEPTION": "nbval-raises-exception",
}


@dataclass(frozen=True, kw_only=True)
class Marks:
    """The settings of a cell.

    Parameters
    ----------
    not_run, not_compared
        The tag that excludes the cell, or None.
    raises
        Whether it is expected to raise an exception.
    checked
        Whether nbval's lax mode compares it.
    settings
        ``metadata.jupyter_repro``, not trusted.
    """

    not_run: str | None = None
    not_compared: str | None = None
    raises: bool = False
    checked: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def tolerance(self, base: Tolerance) -> tuple[Tolerance, str | None]:
        """Return the tolerance for the cell, and what is wrong with its metadata, if anything."""
        return tolerance_of_cell(self.settings, base)


def marks_of(cell: Mapping[str, Any]) -> Marks:
    """Return the settings of a cell.

    nbval's comments take precedence over tags, and its request to check over that to ignore.
    """
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    tags = metadata.get("tags")
    tags = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    comments = [
        _COMMENTS[comment]
        for line in str(joined(cell.get("source", ""))).splitlines()
        if line.lstrip().startswith("#") and (comment := line.strip(" \t#")) in _COMMENTS
    ]
    settings = metadata.get(METADATA_KEY)
    checked = CHECK in comments or (CHECK in tags and "nbval-ignore-output" not in comments)
    not_compared = _first(IGNORE, [*comments, *tags])
    if checked and not_compared == "nbval-ignore-output":
        not_compared = None
    return Marks(
        not_run=_first(SKIP_RUN, [*comments, *tags]),
        not_compared=not_compared,
        raises=_first(RAISES, [*comments, *tags]) is not None,
        checked=checked,
        settings=settings if isinstance(settings, dict) else {},
    )


def _first(wanted: tuple[str, ...], found: list[str]) -> str | None:
    return next((name for name in found if name in wanted), None)
