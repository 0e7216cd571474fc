"""Which generators a cell has drawn from or seeded: fingerprints before and after it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

MAX_CELLS = 1_000
"""Cells that are kept; the oldest goes when there are more."""


class Draws:
    """The generators that each cell has drawn from, or seeded.

    Only libraries whose seeder has a fingerprint count: a number that changes with each draw. What
    threads of earlier cells draw while a cell runs counts for that cell.

    Attributes
    ----------
    cells : dict
        Cell → names of the libraries in its last run, in the order in which the cells first ran.
    """

    def __init__(self) -> None:
        self.cells: dict[str, tuple[str, ...]] = {}
        self._libraries: dict[str, tuple[Any, ModuleType]] = {}
        self._marks: dict[str, object] = {}

    def clear(self) -> None:
        """Forget everything."""
        self.cells.clear()
        self._libraries.clear()
        self._marks.clear()

    def mark(self, name: str, seeder: object, module: ModuleType) -> None:
        """Compare with the state of a library's generators from now on: it was just seeded."""
        if hasattr(seeder, "fingerprint"):
            self._libraries[name] = seeder, module
            self._mark(name)

    def begin_cell(self) -> None:
        """Compare with the present state of all generators from now on."""
        for name in tuple(self._libraries):
            self._mark(name)

    def end_cell(self, cell: str) -> None:
        """Record the libraries whose generators have changed since `begin_cell`, or `mark`."""
        moved = []
        for name in tuple(self._libraries):
            before = self._marks.get(name)
            self._mark(name)
            if before != self._marks.get(name):
                moved.append(name)
        if cell not in self.cells and len(self.cells) >= MAX_CELLS:
            del self.cells[next(iter(self.cells))]
        self.cells[cell] = tuple(sorted(moved))

    def fingerprints(self) -> dict[str, str]:
        """Return the latest fingerprints: library → 8 hexadecimal digits."""
        return {
            name: f"{mark & 0xFFFF_FFFF:08x}"
            for name, mark in sorted(self._marks.items())
            if isinstance(mark, int)
        }

    def _mark(self, name: str) -> None:
        seeder, module = self._libraries[name]
        try:
            self._marks[name] = seeder.fingerprint(module)
        except Exception:  # noqa: BLE001 - the user has put something else in its place
            self._marks.pop(name, None)
