"""What the extension costs a kernel: loading, seeding, and after each cell.

Every figure comes from fresh processes with IPython loaded, as in a kernel, in turns.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from benchmarks.table import Row, print_table

PROCESSES = 7

SHELL = """
import json, sys, time
import ipykernel.zmqshell, ipykernel.ipkernel  # what every kernel has loaded
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.display_pub.publish = lambda *args, **kwargs: None
"""

LOAD = (
    SHELL
    + """
start = time.process_time()
shell.run_line_magic("load_ext", {extension!r})
print(json.dumps((time.process_time() - start) * 1e3))
"""
)

SEED = (
    SHELL
    + """
import random, numpy, torch
def setup_seed(seed):
    random.seed(seed); numpy.random.seed(seed); torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True; torch.backends.cudnn.benchmark = False
def ms(function, repeat=11):
    function()
    times = []
    for _ in range(repeat):
        start = time.process_time(); function(); times.append(time.process_time() - start)
    return sorted(times)[repeat // 2] * 1e3
from jupyter_repro import capture
from jupyter_repro.safety.world import current_world
shell.run_line_magic("load_ext", "jupyter_repro")
shell.run_line_magic("repro", "seed=42")
print(json.dumps([
    ms(lambda: shell.run_line_magic("repro", "seed=42")), ms(capture), ms(lambda: setup_seed(42)),
]))
"""
)

CELL = (
    SHELL
    + """
import numpy.random, torch
from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult
info = ExecutionInfo("x = 1", False, False, False, "cell")
result = ExecutionResult(info)
result.execution_count = shell.execution_count
def ms(repeat=1000):
    start = time.process_time()
    for _ in range(repeat):
        shell.events.trigger("pre_run_cell", info)
        shell.events.trigger("post_run_cell", result)
    return (time.process_time() - start) / repeat * 1e3
bare = ms()
shell.run_line_magic("load_ext", "jupyter_repro")
shell.run_line_magic("repro", "seed=42 {mode}")
ms(10)
whole = ms()
from jupyter_repro.kernel.session import current_session
ledger = current_session().seeds.ledger
start = time.process_time()
for _ in range(1000):
    ledger.begin_cell("cell", "x = 1")
    ledger.end_cell("cell")
print(json.dumps([whole - bare, (time.process_time() - start)]))
"""
)


def measure(code: str) -> list[float]:
    """Return what a fresh process printed."""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    printed = json.loads(done.stdout.splitlines()[-1])
    return printed if isinstance(printed, list) else [printed]


def medians(*codes: str) -> list[list[float]]:
    """Return the medians of several programs, run in turns."""
    runs = [[measure(code) for code in codes] for _ in range(PROCESSES)]
    return [
        [statistics.median(values) for values in zip(*results, strict=True)]
        for results in zip(*runs, strict=True)
    ]


def main() -> None:
    """Measure and print."""
    (ours,), (watermark,), (bare,) = medians(
        LOAD.format(extension="jupyter_repro"),
        LOAD.format(extension="watermark"),
        LOAD.format(extension="autoreload"),
    )
    (second, capturing, by_hand), (cell, ledger), (each, _) = medians(
        SEED, CELL.format(mode=""), CELL.format(mode="mode=cell")
    )
    print_table(
        "In the kernel (CPU time)",
        [
            Row("%load_ext jupyter_repro", ours, "ms", 30),
            Row("%load_ext watermark", watermark, "ms"),
            Row("%load_ext autoreload (IPython's own)", bare, "ms"),
            Row("%repro seed=42, second call, less capture", second - capturing, "ms", 30),
            Row("%repro seed=42, second call", second, "ms"),
            Row("capture in this environment", capturing, "ms"),
            Row("setup_seed by hand", by_hand, "ms"),
            Row("ledger and flag check, each cell", ledger, "ms", 0.3),
            Row("all before and after each cell", cell, "ms", 0.4),
            Row("the same with mode=cell", each, "ms", 0.5),
        ],
    )


if __name__ == "__main__":
    main()
