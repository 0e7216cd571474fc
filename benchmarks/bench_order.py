"""How the time grows that the order of installation takes: with the packages, not their square.

Run it with ``python -m benchmarks.bench_order``.
"""

from __future__ import annotations

import random
from functools import partial

from benchmarks.bench_capture import cpu_ms_side_by_side
from benchmarks.table import Row, print_table
from jupyter_repro.capturing.sources.conda.order import install_order

SIZES = (500, 2_000, 8_000)
CIRCLE = {
    "python": ["pip", "package-00000"],
    "pip": ["python", "setuptools", "wheel"],
    "setuptools": ["python"],
    "wheel": ["python"],
}
"""As conda writes it."""


def main() -> None:
    """Print the table."""
    needs = {size: make_needs(size) for size in SIZES}
    times = cpu_ms_side_by_side({str(size): partial(install_order, needs[size]) for size in SIZES})
    growth = times["8000"] / times["2000"]
    rows = [Row("8000 packages / 2000 packages", growth, "x", 6, note="4 is linear, 16 quadratic")]
    rows += [Row(f"{size} packages", times[str(size)], "ms") for size in SIZES]
    print_table("The order in which conda packages can be installed", rows)


def make_needs(count: int, seed: int = 0) -> dict[str, list[str]]:
    """Return name → dependencies of an environment: two thirds of it need Python."""
    rng = random.Random(seed)
    needs = {name: [*others] for name, others in CIRCLE.items()}
    for number in range(count - len(CIRCLE)):
        others = {
            f"package-{rng.randrange(number):05}" for _ in range(rng.randint(0, 12)) if number
        }
        needs[f"package-{number:05}"] = [*sorted(others), *["python"] * (number % 3 > 0)]
    return needs


if __name__ == "__main__":
    main()
