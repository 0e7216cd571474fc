"""What a stranger's folder costs: 20,000 distributions, pipes, gigabytes and a crafted git index.

Run it with ``python -m benchmarks.bench_hostile``. `tests/unit/cli/test_bounded_reading.py` holds
how many files are opened and how many bytes are read.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.bench_cli import cost_of
from benchmarks.table import Row, print_table
from tests.unit.support.command_line import ONE, document
from tests.unit.support.sent_folder import lay_sent_folder

PROCESSES = 5
TARGET = 1.0
"""Seconds of CPU of a whole process."""

COMMANDS = {
    "check": ("check", "a.ipynb"),
    "lint": ("lint", "a.ipynb"),
    "diff": ("diff", "a.ipynb"),
    "export": ("export", "a.ipynb", "-o", "x.yml", "--format", "environment.yml", "--replace"),
    "report": ("report", "a.ipynb", "--recorded", "-o", "report.html"),
}
# Python itself would import what lies in the folder, as `python -m` looks there first
COMMAND = """
import sys
sys.path[:] = [place for place in sys.path if place]
from jupyter_repro.cli import main
sys.exit(main(sys.argv[1:]))
"""
OPENED = """
import sys
sys.path[:] = [place for place in sys.path if place]
from jupyter_repro.kernel import remote
sys.path.insert(0, "")  # as in a kernel
answer = remote.check(sys.argv[1]).content
assert answer["snapshot"]["layers"]["packages"]["packages"], answer
"""
"""The question of a front end when a notebook is opened."""


def main() -> None:
    """Measure and print."""
    here = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        lay_sent_folder(Path(name))
        os.chdir(name)
        try:
            rows = [
                Row(f"jupyter repro {command}", seconds("-c", COMMAND, *words), "s", TARGET)
                for command, words in COMMANDS.items()
            ]
            question = json.dumps({"document": document(reference=ONE), "wrote": False})
            rows.append(Row("the question on open", seconds("-c", OPENED, question), "s", TARGET))
        finally:
            os.chdir(here)
    print_table("Beside 20,000 distributions of a stranger, whole process, CPU", rows)


def seconds(*arguments: str) -> float:
    """Return the median CPU time of some processes, the first of them not counted."""
    return statistics.median([cost_of(*arguments).cpu for _ in range(PROCESSES + 1)][1:])


if __name__ == "__main__":
    main()
