"""What comparing two large environments costs: 2000 conda packages, 300 distributions, 20 changes.

Run it with ``python -m benchmarks.bench_compare``.
"""

from __future__ import annotations

import random

import msgspec

from benchmarks.table import Row, cpu_ms, print_table
from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.comparing.environments.policy import RESEARCH
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.show.card import render_card
from jupyter_repro.show.report_text import render_report
from tests.unit.support.factories import FORGE, NOARCH, snapshot_with

CONDA, DISTS, CHANGES = 2_000, 300, 20


def make_environment(changes: int) -> Snapshot:
    """Return a large environment of which the first `changes` packages are other ones."""
    rng = random.Random(0)
    groups: dict[str, list[str]] = {FORGE: [], NOARCH: []}
    for number in range(CONDA):
        version = f"{number % 30}.{number % 7}.{1 + (number < changes // 2)}"
        name = f"package-{number:04}-{version}-py311h{rng.getrandbits(28):07x}_0.conda"
        groups[FORGE if number % 3 else NOARCH].append(f"{name}#{rng.getrandbits(256):064x}")
    lines = [
        f"dist-{number:03}==1.{number}.{int(number < changes // 2)} [pip]"
        for number in range(DISTS)
    ]
    used = [f"dist-{number:03}" for number in range(0, DISTS, 3)]
    return snapshot_with(
        conda={"packages": groups}, packages={"packages": lines}, notebook={"used": used}
    )


def main() -> None:
    """Print the table."""
    before, after = make_environment(0), make_environment(CHANGES)
    # Decoded, as in real use: no string of one is the very object of the other
    before, after = (
        msgspec.json.decode(msgspec.json.encode(side), type=Snapshot) for side in (before, after)
    )
    report = compare(before, after, RESEARCH)
    verdicts = of_environment(report)
    if len(report.findings) != CHANGES:
        reason = f"found {len(report.findings)} differences, not {CHANGES}"
        raise AssertionError(reason)
    other = before.layers.conda.packages[FORGE]
    elsewhere = snapshot_with(
        conda={"packages": {FORGE.replace("linux-64", "osx-arm64"): other}},
        system={"platform": "osx-arm64"},
    )
    print_table(
        f"Comparing {CONDA} conda packages and {DISTS} distributions",
        [
            Row("compare, 20 differ", cpu_ms(lambda: compare(before, after, RESEARCH)), "ms", 5),
            Row(
                "compare, nothing differs", cpu_ms(lambda: compare(before, before, RESEARCH)), "ms"
            ),
            Row(
                "compare, a different platform",
                cpu_ms(lambda: compare(before, elsewhere, RESEARCH)),
                "ms",
                note="everything is parsed",
            ),
            Row("report as text", cpu_ms(lambda: render_report(report)), "ms"),
            Row(
                "report as a card",
                cpu_ms(lambda: render_card(after, verdicts, [])),
                "ms",
            ),
        ],
    )


if __name__ == "__main__":
    main()
