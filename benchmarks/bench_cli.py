"""``jupyter repro check`` as a whole process, beside a process that only imports nbformat.

Run it with ``python -m benchmarks.bench_cli``. The two take turns, and the medians are shown: what
else the machine does hits both.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks.table import Row, print_table

TARGET = 0.6
"""Seconds of CPU that a check may take; the wall shows what else the machine does."""

PROCESSES = 9

ROOT = Path(__file__).resolve().parents[1]


class Cost(NamedTuple):
    wall: float
    cpu: float


def cost_of(*arguments: str) -> Cost:
    """Return the seconds that a process of this interpreter takes."""
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
    }
    before, started = os.times(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], env=environ, capture_output=True, check=False
    )
    wall, after = time.perf_counter() - started, os.times()
    if done.returncode > 1 or b"Traceback" in done.stderr:
        sys.exit(done.stderr.decode())
    user = after.children_user - before.children_user
    return Cost(wall, user + after.children_system - before.children_system)


def main() -> None:
    """Print what a check costs, and what it is measured against."""
    with tempfile.TemporaryDirectory() as folder:
        path = make_notebook(Path(folder))
        check = ("-m", "jupyter_repro", "check", str(path))
        other = ("-c", "import nbformat")
        pairs = [(cost_of(*check), cost_of(*other)) for _ in range(PROCESSES + 1)][1:]
    ours, theirs = zip(*pairs, strict=True)
    ratio = statistics.median(mine.cpu / other.cpu for mine, other in pairs)
    rows = [
        Row("jupyter repro check, wall", statistics.median(c.wall for c in ours), "s"),
        Row("jupyter repro check, cpu", statistics.median(c.cpu for c in ours), "s", TARGET),
        Row("import nbformat, wall", statistics.median(c.wall for c in theirs), "s"),
        Row("import nbformat, cpu", statistics.median(c.cpu for c in theirs), "s"),
        Row("cpu of check / cpu of import nbformat", ratio, "x", note="median of the pairs"),
    ]
    print_table("A check of a notebook with 20 MB of outputs, whole process", rows)


def make_notebook(folder: Path) -> Path:
    """Write a notebook that has recorded this environment, with 20 MB of outputs."""
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_repro", "capture", "--json"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    image = {"output_type": "display_data", "data": {"image/png": "A" * 1_000_000}, "metadata": {}}
    cell = {"cell_type": "code", "execution_count": 1, "metadata": {}, "source": "plot()"}
    notebook = {
        "cells": [{**cell, "outputs": [image]} for _ in range(20)],
        "metadata": {"jupyter_repro": {"schema_version": 1, "reference": json.loads(done.stdout)}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    path = folder / "a.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
