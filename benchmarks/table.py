"""A measured row, its target, and how a table of them is printed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of a table; without a target it is there for context."""

    what: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the target is met, in words."""
        if self.target is None:
            return ""
        met = self.value >= self.target if self.at_least else self.value <= self.target
        sign = ">=" if self.at_least else "<="
        return f"{sign} {self.target:g} {'met' if met else 'MISSED'}"


def print_table(title: str, rows: list[Row]) -> None:
    """Print the rows under a title."""
    print(f"\n## {title}\n")
    width = max(len(row.what) for row in rows)
    for row in rows:
        figure = f"{row.value:10.3g} {row.unit}"
        print(f"{row.what:<{width}}  {figure:<16}  {row.verdict:<14}  {row.note}".rstrip())


def cpu_ms(function: Callable[[], object], *, repeat: int = 9) -> float:
    """Return the median CPU time of a call, in milliseconds, after one warm-up call."""
    function()
    times = []
    for _ in range(repeat):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return statistics.median(times) * 1e3
