"""What seeding costs a training loop of ten seconds, and what deterministic algorithms cost it.

``python -m benchmarks training``. The loop runs in short blocks, without and with in turns, so that
a busy moment of the machine hits all of them; CPU time, medians over the blocks.
"""

from __future__ import annotations

from benchmarks.bench_seeding import run_python
from benchmarks.table import Row, print_table

BLOCKS = 40
STEPS = 250
"""In a block; all blocks of one kind take some ten seconds."""

TRAIN = f"""
import json, statistics, time
import numpy as np, torch
from torch import nn
from jupyter_repro.seeding.api import seed_all, unseed
torch.set_num_threads(1)
model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Dropout(), nn.Linear(256, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
images = torch.randn(512, 64)
def step():
    rows = torch.randint(0, 512, (128,))
    noise = torch.from_numpy(np.random.default_rng().normal(0, 0.1, (128, 64))).float()
    loss = nn.functional.cross_entropy(model(images[rows] + noise), rows % 10)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
def block():
    for _ in range(20):
        step()
    start = time.process_time()
    for _ in range({STEPS}):
        step()
    return time.process_time() - start
times = {{"nothing": [], "again": [], "off": [], "warn": []}}
block()
for _ in range({BLOCKS}):
    for kind, found in times.items():
        if kind in ("off", "warn"):
            seed_all(42, kind)
        found.append(block())
        unseed()
plain = sum(times["nothing"])
def percent(kind):
    ratios = [one / base for one, base in zip(times[kind], times["nothing"])]
    return 100 * (statistics.median(ratios) - 1)
print(json.dumps([plain, percent("again"), percent("off"), percent("warn")]))
"""


def main() -> None:
    plain, again, everything, deterministic = run_python(TRAIN)
    print_table(
        "A training loop with an unseeded generator in each step",
        [
            Row("without", plain, "s"),
            Row("without, once more", again, "%", note="how much of it is chance"),
            Row("everything on, determinism=off", everything, "%", 1),
            Row("and deterministic algorithms", deterministic, "%", note="on a processor"),
        ],
    )


if __name__ == "__main__":
    main()
