"""What seeding costs a training loop of ten seconds, and what deterministic algorithms cost it.

``python -m benchmarks training``; CPU time, since the machine may be busy with other things.
"""

from __future__ import annotations

from benchmarks.bench_seeding import run_python
from benchmarks.table import Row, print_table

ROUNDS = 3
STEPS = 5_000
"""Some ten seconds on one core."""

TRAIN = """
import json, time
{seed}
import numpy as np, torch
from torch import nn
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
for _ in range(200):
    step()
start = time.process_time()
for _ in range({steps}):
    step()
print(json.dumps([time.process_time() - start]))
"""
NOTHING = "import random"
HOOKED = "from jupyter_repro.seeding import seed_all; seed_all(42, {level!r})"


def main() -> None:
    codes = {
        "nothing": TRAIN.format(seed=NOTHING, steps=STEPS),
        **{
            level: TRAIN.format(seed=HOOKED.format(level=level), steps=STEPS)
            for level in ("off", "warn")
        },
    }
    # In turns, so that a busy minute hits all of them; the least disturbed run of each counts
    rounds = [{name: run_python(code)[0] for name, code in codes.items()} for _ in range(ROUNDS)]
    best = {name: min(one[name] for one in rounds) for name in codes}
    plain = best["nothing"]
    spread = max(one["nothing"] for one in rounds) / plain * 100 - 100
    print_table(
        "A training loop with an unseeded generator in each step",
        [
            Row("without", plain, "s", note=f"the slowest of {ROUNDS}: {spread:.1f} % more"),
            Row("everything on, determinism=off", best["off"] / plain * 100 - 100, "%", 1.0),
            Row(
                "and deterministic algorithms",
                best["warn"] / plain * 100 - 100,
                "%",
                note="on a processor; determinism=warn",
            ),
        ],
    )


if __name__ == "__main__":
    main()
