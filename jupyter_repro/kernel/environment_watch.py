"""See after each cell, within microseconds, whether packages were installed or imported."""

from __future__ import annotations

import os
import sys


class EnvironmentWatch:
    """Compares the top-level modules, and the times of the folders that packages lie in."""

    def __init__(self) -> None:
        self._names = frozenset[str]()
        self._module_count = 0
        self._stamp: tuple[tuple[str, int], ...] = ()

    def changed(self) -> bool:
        """Tell whether anything has changed since this or `remember` was last called."""
        names, stamp = self._names, self._stamp
        self.remember()
        return self._stamp != stamp or self._names != names

    def remember(self) -> None:
        """Compare with the present state from now on."""
        # Most cells import nothing new: do not walk a thousand names to see that
        if len(sys.modules) != self._module_count:
            self._module_count = len(sys.modules)
            self._names = frozenset(name.partition(".")[0] for name in tuple(sys.modules))
        folders = (*sys.path, os.path.join(sys.prefix, "conda-meta"))  # noqa: PTH118 - each cell
        self._stamp = tuple(
            (folder, time) for folder in folders if folder and (time := _time_of(folder))
        )


def _time_of(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - runs after each cell
    except OSError:
        return 0
