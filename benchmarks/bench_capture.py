"""What capturing a large conda environment costs, beside reading its records with other means.

The measure is the CPU time of reading all bytes of the records once: no tool that looks into all
of them can be below it. Run it with ``python -m benchmarks.bench_capture``.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from benchmarks.synthetic_prefix import SITE, write_prefix
from benchmarks.table import Row, print_table
from jupyter_repro.capturing.capture import capture
from jupyter_repro.capturing.plugins import builtin_probe
from jupyter_repro.capturing.sources.conda.order import install_order
from jupyter_repro.capturing.sources.conda.records import read_records
from jupyter_repro.safety.world import World, current_world

DISTS = 300
TARGETS = {500: 1.0, 2_000: 0.7}
"""Number of records → CPU time of a whole capture, as a multiple of reading all their bytes."""

TOOLS = {
    "pip list --format json": ("pip", ["-m", "pip", "list", "--format", "json"]),
    "pip inspect": ("pip", ["-m", "pip", "inspect"]),
    "watermark": (
        "watermark",
        ["-c", "from watermark import watermark; print(watermark(packages='numpy,torch'))"],
    ),
    "torch collect_env": ("torch", ["-m", "torch.utils.collect_env"]),
}
"""What is compared for context → module that it needs, arguments of the interpreter."""


def main() -> None:
    """Print a table for each size, and one of other tools."""
    for records, target in TARGETS.items():
        with tempfile.TemporaryDirectory() as folder:
            prefix = Path(folder) / "envs" / "bench"
            size = write_prefix(prefix, records, DISTS)
            title = f"Capturing {records} conda records ({size / 1e6:.0f} MB) and {DISTS} dists"
            print_table(title, measure_prefix(prefix, target))
    print_table("Other tools, in this environment, as processes", list(measure_tools()))


def measure_prefix(prefix: Path, target: float) -> list[Row]:
    """Return the rows of one prefix."""
    world = world_of(prefix)
    meta = prefix / "conda-meta"
    needs = {record.name: record.depends for record in read_records(meta).records}
    times = cpu_ms_side_by_side(
        {
            "all bytes": lambda: read_bytes(meta),
            # A memo of its own for each call, as each capture has one
            "conda": lambda: builtin_probe("conda").collect(replace(world, memo={})),
            "order": lambda: install_order(needs),
            "packages": lambda: builtin_probe("packages").collect(replace(world, memo={})),
            "notebook": lambda: builtin_probe("notebook").collect(replace(world, memo={})),
            "capture": lambda: capture(world),
        }
    )
    slow = cpu_ms_side_by_side(
        {
            "json": lambda: [json.loads(path.read_bytes()) for path in meta.glob("*.json")],
            "metadata": lambda: [
                (one.metadata["Name"], one.version)
                for one in distributions(path=[str(prefix / SITE)])
            ],
        },
        rounds=3,
    )
    limit = times["all bytes"]
    standard = slow["json"] + slow["metadata"]
    order = times["order"] / times["capture"]
    share = {name: f"{taken / limit:.2f} x" for name, taken in (times | slow).items()}
    return [
        Row("capture / reading all bytes", times["capture"] / limit, "x", target),
        Row(
            "json.loads + importlib.metadata / capture",
            standard / times["capture"],
            "x",
            15,
            at_least=True,
        ),
        Row("capture, the whole", times["capture"], "ms"),
        Row("  of which the conda layer", times["conda"], "ms", note=share["conda"]),
        Row("    of which the order", times["order"], "ms", note=f"{order:.0%} of the capture"),
        Row("  of which the packages layer", times["packages"], "ms", note="with the scan"),
        Row("  of which the notebook layer", times["notebook"], "ms", note="with the scan, git"),
        Row("reading all bytes of the records", limit, "ms", note="the measure"),
        Row("json.loads of the records", slow["json"], "ms", note=share["json"]),
        Row("importlib.metadata, name and version", slow["metadata"], "ms"),
    ]


def world_of(prefix: Path) -> World:
    """Return the world of a kernel that would run in the prefix."""
    return replace(
        current_world(), prefix=prefix, base_prefix=prefix, sys_path=(str(prefix / SITE),)
    )


def read_bytes(meta: Path) -> None:
    """Read every record once, into a buffer of its size."""
    for name in os.listdir(meta):  # noqa: PTH208 - the cheapest way there is
        file = os.open(f"{meta}/{name}", os.O_RDONLY)
        os.read(file, os.fstat(file).st_size)
        os.close(file)


def cpu_ms_side_by_side(
    calls: Mapping[str, Callable[[], object]], rounds: int = 21
) -> dict[str, float]:
    """Return the median CPU milliseconds of each call, warm.

    They take turns, so that what else the machine does hits all of them alike. Each is called
    twice in its turn and only the second call counts, so that none pays for the caches that the
    one before it has emptied.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            call()
            start = time.process_time()
            call()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(taken) * 1e3 for name, taken in times.items()}


def measure_tools() -> list[Row]:
    """Return CPU and wall time of other tools, as far as they are installed."""
    rows = []
    for what, (module, arguments) in TOOLS.items():
        if find_spec(module) is None:
            continue
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
        wall = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        rows.append(Row(what, cpu * 1e3, "ms", note=f"{wall * 1e3:.0f} ms wall"))
    return rows


if __name__ == "__main__":
    main()
