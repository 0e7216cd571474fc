"""What seeding costs beside the function that people write by hand.

``python -m benchmarks.bench_seeding`` prints the medians of several fresh processes.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.table import Row, print_table

ROOT = Path(__file__).resolve().parents[1]
PROCESSES = 5
IMPORTS = ("sklearn.ensemble", "torch", "pandas")

SEED_AGAIN = """
import json, random, time
import numpy as np, torch
from jupyter_repro.seeding.api import seed_all

def setup_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False

def time_us(call, repeats=200):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeats // 2] * 1e6

start = time.perf_counter()
seed_all(42)
first = time.perf_counter() - start
setup_seed(42)
print(json.dumps([first * 1e6, time_us(lambda: setup_seed(42)), time_us(lambda: seed_all(42))]))
"""

PER_IMPORT = """
import json, time
from jupyter_repro.seeding.api import current_controller, seed_all
seed_all(42)
hook, poll = current_controller()._libraries.hook, current_controller().poll

def time_us(call, repeats=200_000):
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats * 1e6

empty = time_us(lambda: None)
found = time_us(poll) - empty
controller = current_controller()
controller._libraries._guard._inside = True  # as for all but the outermost import
print(json.dumps([time_us(lambda: hook.find_spec("some.module", None)) - empty, found]))
"""

CELLS = """
import json, time
import numpy as np, torch
from jupyter_repro.seeding.api import current_controller
from jupyter_repro.seeding.options import SeedOptions

def time_us(call, repeats):
    start = time.process_time()
    for number in range(repeats):
        call()
    return (time.process_time() - start) / repeats * 1e6

plain = time_us(np.random.default_rng, 5_000)
controller = current_controller()
controller.start(SeedOptions(42, "off", mode="cell"))
derived = time_us(np.random.default_rng, 5_000)
print(json.dumps([plain, derived, time_us(lambda: controller.begin_cell("a cell"), 1_000),
                  time_us(controller.save_state, 500)]))
"""

ALL_IMPORTS = """
import json, random, sys, time
import numpy.random
from jupyter_repro.seeding.api import current_controller, seed_all
seed_all(42, "off")
guard = current_controller()._libraries._guard
run, asked, outermost = guard.run, [], []

class Counter:
    def find_spec(self, name, path=None, target=None):
        asked.append(name)

def counted(name, load):
    outermost.append(name)
    run(name, load)

sys.meta_path.insert(0, Counter())
guard.run = counted
import {names}
start = time.perf_counter()
for _ in range(1000):
    run("nothing", lambda: None)
print(json.dumps([len(asked), len(outermost), (time.perf_counter() - start) * 1e3]))
"""

ONE_IMPORT = """
import importlib, sys, time
{seed}
count = len(sys.modules)
start = time.perf_counter()
importlib.import_module("{name}")
print([time.perf_counter() - start, len(sys.modules) - count])
"""
SEED = "from jupyter_repro.seeding.api import seed_all; seed_all(42, 'off')"
IMPORTED_ONLY = "import jupyter_repro.seeding.api; jupyter_repro.seeding.libraries.third_party()"
"""The modules that `SEED` loads as well, so that both sides import the same ones."""


def run_python(code: str) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    numbers: list[float] = json.loads(done.stdout)
    return numbers


def medians(*codes: str) -> list[list[float]]:
    """Run each code several times, in turns, so that a busy minute hits all of them."""
    rounds = [[run_python(code) for code in codes] for _ in range(PROCESSES)]
    return [
        [statistics.median(values) for values in zip(*of_code, strict=True)]
        for of_code in zip(*rounds, strict=True)
    ]


def print_row(what: str, base: float, ours: float, unit: str) -> None:
    print(f"{what:<44}{base:>11.1f} {unit}{ours:>11.1f} {unit}{ours / base:>8.2f}")


def main() -> None:
    print(f"Medians of {PROCESSES} fresh processes each\n")
    print(f"{'':<44}{'by hand':>14}{'jupyter_repro':>15}{'ratio':>7}")
    ((first, by_hand, ours),) = medians(SEED_AGAIN)
    print_row("seed again, numpy and torch loaded", by_hand, ours, "us")
    ((plain, derived, cell, state),) = medians(CELLS)
    print_row("default_rng()", plain, derived, "us")
    ((miss, poll),) = medians(PER_IMPORT)
    print(f"\n{'':<44}{'without':>14}{'with hook':>15}{'ratio':>7}")
    for name in IMPORTS:
        without, with_hook = medians(
            ONE_IMPORT.format(seed=IMPORTED_ONLY, name=name),
            ONE_IMPORT.format(seed=SEED, name=name),
        )
        print_row(
            f"import {name} ({without[1]:.0f} modules)",
            without[0] * 1e3,
            with_hook[0] * 1e3,
            "ms",
        )
    print(f"\nfirst seed_all, numpy and torch loaded   {first / 1e3:8.1f} ms")
    ((asked, outermost, guarded),) = medians(ALL_IMPORTS.format(names=", ".join(IMPORTS)))
    total = (asked * miss + outermost * guarded) / 1e3
    rows = [
        Row("hook, each uncached import", miss, "us", 2),
        Row("hook, an outermost import: states kept", guarded, "us"),
        Row(
            f"{', '.join(IMPORTS)} in all",
            total,
            "ms",
            1,
            note=f"{asked:.0f} imports, {outermost:.0f} of them outermost",
        ),
        Row("default_rng(), against its own", derived / plain, "", 1.5),
    ]
    print_table("Import hooks and generators", rows)
    print(f"poll, each cell, nothing to do           {poll:8.2f} us")
    print(f"mode=cell, each cell, numpy and torch    {cell:8.2f} us")
    print(f"get_rng_state, numpy and torch           {state:8.2f} us")


if __name__ == "__main__":
    main()
