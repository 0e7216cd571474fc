"""What recording and comparing a result costs: an array of 100 MB, and a million numbers."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable

import numpy as np

from benchmarks.table import Row, print_table
from jupyter_repro.comparing.results.fingerprint import part_of_array
from jupyter_repro.comparing.results.tolerance import compare_parts
from jupyter_repro.model.results import Tolerance

SIZE = 25_000_000


def main() -> None:
    """Measure and print."""
    random = np.random.default_rng(0)
    large = random.standard_normal(SIZE, dtype=np.float32)
    fingerprint = _seconds(lambda: part_of_array("", large), repeat=7)
    digest = _seconds(lambda: hashlib.sha256(large.data).hexdigest(), repeat=7)
    reference = random.standard_normal(1_000_000) + 10
    recorded = part_of_array("", reference)
    current = reference * (1 + 1e-15)

    def compare() -> None:
        found = compare_parts("x", [recorded], [part_of_array("", current)], Tolerance(rtol=1e-9))
        assert found.outcome == "within tolerance"

    print_table(
        "Results: fingerprints and comparison",
        [
            Row("fingerprint of 100 MB of float32", 0.1 / fingerprint, "GB/s", 1, at_least=True),
            Row("sha256 alone", 0.1 / digest, "GB/s"),
            Row("a million doubles: fingerprint, compare", _seconds(compare) * 1e3, "ms", 20),
            Row(
                "numpy.allclose of them",
                _seconds(lambda: np.allclose(current, reference)) * 1e3,
                "ms",
            ),
        ],
    )


def _seconds(function: Callable[[], object], *, repeat: int = 15) -> float:
    function()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
