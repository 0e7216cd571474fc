"""What ``solve`` costs: 500 recorded packages, a local channel of 100 000 records.

The wall time counts, since most of it is spent in a child process; several runs, the median. Run it
with ``python -m benchmarks.bench_solve``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.table import Row, print_table
from jupyter_repro.install.places.trust import load_trust
from jupyter_repro.install.rattler.parent import Rattler
from jupyter_repro.install.solve.checks import Solution
from jupyter_repro.install.solve.solve import solve
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.safety.world import current_world
from tests.unit.support.factories import snapshot_with

NAMES = 4_000
VERSIONS = 25
PINS = 500
PLATFORM = "linux-64"
RUNS = 7
TARGET = 2.0


def main() -> None:
    """Print how long it takes when all is there, and when some of it is gone."""
    with tempfile.TemporaryDirectory() as folder:
        channel = Path(folder) / "channel"
        write_channel(channel)
        world = dataclasses.replace(
            current_world(),
            home=Path(folder),
            environ={"XDG_CONFIG_DIRS": folder, "PIP_CONFIG_FILE": "/dev/null"},
        )
        trust = load_trust(world, allow_channels=[channel.as_uri()])
        rattler = Rattler(world)
        all_there, some_gone = snapshot_of(PINS, gone=0), snapshot_of(PINS, gone=25)

        def one(*snapshots: Snapshot) -> list[Solution]:
            return solve(snapshots, trust, rattler)

        assert one(all_there)[0].verdict.verdict == "exact"
        assert one(some_gone)[0].verdict.verdict == "rebuilt"
        rows = [
            Row(f"{PINS} pins, all there", seconds(lambda: one(all_there)), "s", TARGET),
            Row(f"{PINS} pins, 25 rebuilt, solved", seconds(lambda: one(some_gone)), "s", TARGET),
            Row("20 notebooks of these", seconds(lambda: one(*[all_there] * 20)), "s"),
            Row(
                "of which py-rattler's query, in its process",
                seconds(lambda: rattler.query(trust.channels[:1], names(PINS), PLATFORM)),
                "s",
            ),
        ]
        size = (channel / PLATFORM / "repodata.json").stat().st_size / 1e6
        print_table(f"solve, {NAMES * VERSIONS} records ({size:.0f} MB), wall time", rows)


def seconds(call: Callable[[], object]) -> float:
    """Return the median wall time of a call, after one that fills the caches."""
    call()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def names(number: int) -> list[str]:
    """Return names of packages, spread over all of them."""
    return [f"package-{index * (NAMES // number):04}" for index in range(number)]


def digest(file_name: str) -> str:
    """Return the sha256 of a file in the index."""
    return hashlib.sha256(file_name.encode()).hexdigest()


def write_channel(folder: Path) -> None:
    """Write the indexes of a channel. There are no packages: nothing is installed."""
    packages = {}
    for index in range(NAMES):
        for version in range(VERSIONS):
            name = f"package-{index:04}"
            file = f"{name}-1.{version}.0-h{index:07x}_0"
            # As many dependencies as packages of conda-forge have on average, on earlier names
            needs = [f"package-{(index * step) // 7:04} >=1.{version % 5}" for step in range(1, 7)]
            packages[f"{file}.conda"] = {
                "name": name,
                "version": f"1.{version}.0",
                "build": f"h{index:07x}_0",
                "build_number": 0,
                "depends": sorted(set(needs)) if index % 8 else [],
                "license": "BSD-3-Clause",
                "md5": digest(file)[:32],
                "sha256": digest(f"{file}.conda"),
                "size": 100_000,
                "subdir": PLATFORM,
                "timestamp": 1_700_000_000_000,
            }
    for subdir, listed in ((PLATFORM, packages), ("noarch", {})):
        (folder / subdir).mkdir(parents=True)
        (folder / subdir / "repodata.json").write_text(
            json.dumps(
                {
                    "info": {"subdir": subdir},
                    "packages": {},
                    "packages.conda": listed,
                    "repodata_version": 1,
                }
            )
        )


def snapshot_of(number: int, *, gone: int) -> Snapshot:
    """Return a snapshot with some packages of the channel, of which a few have a different hash."""
    lines = []
    for place, name in enumerate(names(number)):
        file = f"{name}-1.12.0-h{int(name[-4:]):07x}_0.conda"
        lines.append(f"{file}#{digest(file) if place >= gone else 'f' * 64}")
    return snapshot_with(
        conda={"packages": {f"file://***/{PLATFORM}": lines}, "channels": [], "requested": []},
        packages={"packages": []},
        system={"platform": PLATFORM},
    )


if __name__ == "__main__":
    main()
