"""``jupyter repro verify`` as a whole process, beside plain nbclient on the same notebook.

Run it with ``python -m benchmarks.bench_verify``. The two take turns, and the medians of the pairs
are shown: what else the machine does hits both.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.bench_cli import ROOT, cost_of
from benchmarks.table import Row, print_table

PAIRS = 7
SHARE, SECONDS = 0.03, 0.3
"""What verifying may take more than nbclient alone."""

CELLS = 60

PLAIN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, resources={"metadata": {"path": sys.argv[2]}}).execute()
"""


def main() -> None:
    """Print what verifying costs over running alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = make_notebook(Path(folder))
        ours = ("-m", "jupyter_repro", "verify", str(path))
        theirs = ("-c", PLAIN, str(path), folder)
        pairs = [(cost_of(*ours), cost_of(*theirs)) for _ in range(PAIRS + 1)][1:]
    rows = [
        *_rows("wall", [(mine.wall, other.wall) for mine, other in pairs], limited=True),
        *_rows("cpu", [(mine.cpu, other.cpu) for mine, other in pairs], limited=False),
    ]
    print_table(f"Verifying a notebook of {CELLS} cells, whole process", rows)


def _rows(what: str, pairs: list[tuple[float, float]], *, limited: bool) -> list[Row]:
    alone = statistics.median(other for _, other in pairs)
    more = statistics.median(mine - other for mine, other in pairs)
    limit = SHARE * alone + SECONDS
    note = f"limit: {SHARE:.0%} and {SECONDS} s" if limited else "of the process and its kernel"
    return [
        Row(f"jupyter repro verify, {what}", statistics.median(mine for mine, _ in pairs), "s"),
        Row(f"nbclient, {what}", alone, "s"),
        Row(f"verify takes more, {what}", more, "s", limit if limited else None, note=note),
    ]


def make_notebook(folder: Path) -> Path:
    """Write a notebook that has recorded a run, with numbers, tables and some work."""
    sources = ["import numpy as np\nimport pandas as pd\nrng = np.random.default_rng(0)"]
    for at in range(CELLS // 3):
        sources += [
            f"x = rng.normal(size=(300, 300)); print('norm', np.linalg.norm(x @ x), {at})",
            "pd.DataFrame(x[:8, :5])",
            "import time; time.sleep(0.1); x[:4]",
        ]
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
    }
    notebook = {
        "cells": [{**cell, "source": source} for source in sources],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    path = folder / "a.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    run = [sys.executable, "-m", "jupyter_repro", "run", str(path)]
    subprocess.run(run, check=True, cwd=ROOT, capture_output=True)
    return path


if __name__ == "__main__":
    main()
