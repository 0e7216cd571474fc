"""Workers of a DataLoader in fresh processes: distinct, the same in the next run, given back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fresh_process import run_python
from tests.kernel.live import live_kernel

pytestmark = pytest.mark.torch
pytest.importorskip("torch")

DATASET = """
import random
import numpy as np
import torch
from torch.utils.data import Dataset

class Draws(Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return [
            random.random(),
            np.random.rand(),
            torch.rand(1).item(),
            np.random.default_rng().random(),
            random.Random().random(),
        ]

def numbers(items):
    return [item for item in items]

def constant(worker_id):
    random.seed(5)
"""
SEED = "from jupyter_repro import seed_all, unseed; seed_all(42, determinism='off')"
LOAD = """
import json, sys, torch
from torch.utils.data import DataLoader
from draws import Draws, numbers, constant
def load(epochs=2, **options):
    loader = DataLoader(Draws(), batch_size=2, collate_fn=numbers, **options)
    return [[row for batch in loader for row in batch] for _ in range(epochs)]
"""


def draw(tmp_path: Path, code: str) -> Any:
    (tmp_path / "draws.py").write_text(DATASET)
    answer = run_python(code, env={"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"})
    return json.loads(answer)


def columns(epochs: Any) -> list[tuple[float, ...]]:
    rows = [row for epoch in epochs for row in epoch]
    return list(zip(*rows, strict=True))


@pytest.mark.parametrize(
    ("method", "persistent"),
    [("fork", False), ("fork", True), ("spawn", True), ("forkserver", False)],
)
def test_each_worker_has_numbers_that_come_again(
    tmp_path: Path,
    method: str,
    persistent: bool,  # noqa: FBT001 - a parameter of a case
) -> None:
    options = f"num_workers=2, multiprocessing_context={method!r}, persistent_workers={persistent}"
    code = f"{SEED}\n{LOAD}\nprint(json.dumps(load({options})))"
    first, second = draw(tmp_path, code), draw(tmp_path, code)
    assert first == second
    for column in columns(first):
        assert len({*column}) == 16


def test_forked_and_spawned_workers_draw_the_same(tmp_path: Path) -> None:
    code = f"{SEED}\n{LOAD}\nprint(json.dumps(load(num_workers=2, multiprocessing_context={{!r}})))"
    assert draw(tmp_path, code.format("fork")) == draw(tmp_path, code.format("spawn"))


def test_without_workers_the_main_process_draws(tmp_path: Path) -> None:
    code = f"{SEED}\n{LOAD}\nprint(json.dumps(load(num_workers=0)))"
    first = draw(tmp_path, code)
    assert first == draw(tmp_path, code)
    assert all(len({*column}) == 16 for column in columns(first))


def test_pytorch_seeds_its_three_as_it_would_without_us(tmp_path: Path) -> None:
    by_hand = (
        "import random, numpy, torch; random.seed(42); numpy.random.seed(42); torch.manual_seed(42)"
    )
    ours, theirs = (
        draw(tmp_path, f"{seed}\n{LOAD}\nprint(json.dumps(load(num_workers=2)))")
        for seed in (SEED, by_hand)
    )
    assert columns(ours)[:3] == columns(theirs)[:3]


def test_the_users_own_init_has_the_last_word(tmp_path: Path) -> None:
    code = f"{SEED}\n{LOAD}\nprint(json.dumps(load(1, num_workers=2, worker_init_fn=constant)))"
    drawn = columns(draw(tmp_path, code))
    assert len({*drawn[0]}) == 4  # each worker takes four of the eight, from the seed 5
    assert len({*drawn[3]}) == 8


def test_off_gives_the_loop_back(tmp_path: Path) -> None:
    code = f"""
import torch.utils.data._utils.worker as worker
before = worker._worker_loop
{SEED}
{LOAD}
assert worker._worker_loop is not before
unseed()
assert worker._worker_loop is before
torch.manual_seed(1)
print(json.dumps(load(1, num_workers=2)))
"""
    first, second = draw(tmp_path, code), draw(tmp_path, code)
    assert columns(first)[2] == columns(second)[2]
    assert columns(first)[3] != columns(second)[3]


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("seed", ["import torch; torch.manual_seed(42)", SEED])
def test_the_helper_does_it_where_nothing_is_hooked(tmp_path: Path, method: str, seed: str) -> None:
    unhook = (
        "import torch.utils.data._utils.worker as w\n"
        "w._worker_loop = getattr(w._worker_loop, '_original', w._worker_loop)"
    )
    code = f"""
{seed}
{unhook}
{LOAD}
import jupyter_repro
print(json.dumps(load(num_workers=2, multiprocessing_context={method!r},
    worker_init_fn=jupyter_repro.worker_init_fn)))
"""
    first, second = columns(draw(tmp_path, code)), columns(draw(tmp_path, code))
    assert first[1:] == second[1:]
    assert all(len({*column}) == 16 for column in first)
    if method == "spawn":
        assert first == second


def test_the_helper_outside_of_a_worker_is_one_sentence() -> None:
    code = """
import torch.utils.data, jupyter_repro
try: jupyter_repro.worker_init_fn(0)
except jupyter_repro.ReproError as error: print(error)
"""
    assert "is for the workers of a DataLoader" in run_python(code)


@pytest.mark.parametrize("library", ["numba", "polars"])
def test_other_libraries_in_workers(tmp_path: Path, library: str) -> None:
    pytest.importorskip(library)
    dataset = {
        "numba": """
import numba, numpy as np
@numba.njit
def number(): return np.random.rand()
""",
        "polars": """
import polars as pl
def number(): return pl.Series(range(10**6)).sample(1).item()
""",
    }[library]
    (tmp_path / "other.py").write_text(
        f"{dataset}\nclass Draws:\n"
        "    def __len__(self): return 8\n"
        "    def __getitem__(self, index): return number()\n"
    )
    for method in ("fork", "spawn"):
        code = f"""
{SEED}
{LOAD}
import other
print(json.dumps([float(x) for b in DataLoader(other.Draws(), num_workers=2,
    collate_fn=numbers, multiprocessing_context={method!r}) for x in b]))
"""
        first, second = draw(tmp_path, code), draw(tmp_path, code)
        assert first == second
        assert len({*first}) == 8


def test_in_a_notebook(tmp_path: Path) -> None:
    (tmp_path / "draws.py").write_text(DATASET)
    answers = set()
    for _ in range(2):
        with live_kernel(
            cwd=tmp_path, env={"PYTHONPATH": str(Path(__file__).parents[2])}
        ) as kernel:
            kernel.run("%load_ext jupyter_repro\n%repro seed=42 determinism=off")
            run = kernel.run(
                f"{LOAD}\nclass Mine(Draws): pass\n"
                "for context in ('fork', 'spawn'):\n"
                "    print(load(num_workers=2, multiprocessing_context=context))"
            )
            assert run.error is None
            answers.add(run.stdout)
            kinds = "import jupyter_repro; print({f['kind'] for f in jupyter_repro.findings()})"
            assert "unseeded-worker" not in kernel.run(kinds).stdout
    assert len(answers) == 1
