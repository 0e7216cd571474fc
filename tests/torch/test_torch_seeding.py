"""PyTorch's generators: the numbers of `torch.manual_seed`, whenever PyTorch is imported."""

from __future__ import annotations

import json

import pytest

from tests.fresh_process import run_python

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

RECIPE_42 = [0.6394267984578837, 0.3745401188473625, 0.8822692632675171]


@pytest.mark.parametrize(
    "imports",
    [
        "import random, numpy as np, torch; seed_all(42)",
        "seed_all(42); import random, numpy as np, torch",
        "seed_all(42); import_in_thread('torch'); import random, numpy as np, torch",
    ],
)
def test_the_numbers_of_the_usual_recipe(imports: str) -> None:
    code = f"""
import threading
from jupyter_repro.seeding.api import current_controller, seed_all
def import_in_thread(name):
    thread = threading.Thread(target=__import__, args=(name,))
    thread.start()
    thread.join()
{imports}
print([random.random(), np.random.rand(), torch.rand(1).item()])
state = current_controller().state()
assert state.seeded == ("numpy", "python", "torch"), state
assert not current_controller()._libraries.hook.failures
"""
    assert json.loads(run_python(code)) == RECIPE_42


@pytest.mark.parametrize("seed", [0, 5_000_000_000, 2**63 - 1, 2**63, 2**64 - 1])
def test_every_seed_reaches_torch_whole(seed: int) -> None:
    code = f"""
from jupyter_repro.seeding.api import seed_all
seed_all({seed})
import torch
first = torch.rand(3)
print(torch.initial_seed(), torch.equal(first, torch.rand(3, generator=torch.Generator()
      .manual_seed({seed}))))
"""
    assert run_python(code) == f"{seed} True"


def test_a_generator_of_the_users_is_left_alone() -> None:
    code = """
import torch
from jupyter_repro.seeding.api import seed_all
generator = torch.Generator().manual_seed(5)
before = generator.get_state()
seed_all(42)
print(torch.equal(before, generator.get_state()))
"""
    assert run_python(code) == "True"


def test_importing_torch_with_the_hook_leaves_it_as_it_is() -> None:
    code = """
from jupyter_repro.seeding.api import seed_all
seed_all(42)
import copy, inspect, importlib, pkgutil, torch
print(type(torch.__loader__).__name__, type(torch.__spec__.loader).__name__)
print(inspect.getsource(torch.manual_seed).startswith("def manual_seed"))
print(pkgutil.get_data("torch", "version.py")[:20] != b"")
"""
    assert run_python(code).splitlines() == ["SourceFileLoader SourceFileLoader", "True", "True"]


def test_reseeding_for_a_cell_gives_what_seeding_gives() -> None:
    code = """
import torch
from jupyter_repro.seeding.seeders import torch as seeder
def draw():
    return torch.rand(3).tolist(), torch.randn(3).tolist(), torch.randperm(9).tolist()
for seed in (0, 42, 2**40, 2**64 - 1):
    seeder.seed(torch, seed); expected = draw()
    seeder.reseed(torch, seed); assert draw() == expected
"""
    run_python(code)


def test_the_state_comes_back_and_a_damaged_one_changes_nothing() -> None:
    code = """
import torch
from jupyter_repro import get_rng_state, seed_all, set_rng_state
from jupyter_repro.errors import UsageError
from jupyter_repro.seeding.seeders import torch as seeder
seed_all(42)
torch.randn(3)
state, mark = get_rng_state(), seeder.fingerprint(torch)
first = torch.randn(5).tolist()
assert seeder.fingerprint(torch) != mark
assert set_rng_state(state) == [] and torch.randn(5).tolist() == first
before = get_rng_state()
for damaged in (b"", b"x", b"\\xff" * len(state["torch"]["cpu"]), None, 5):
    try:
        set_rng_state({**state, "torch": {"cpu": damaged}})
    except UsageError as error:
        assert "The state of torch cannot be restored" in str(error)
    else:
        raise SystemExit(f"accepted {damaged!r}")
    assert get_rng_state() == before
print(len(state["torch"]["cpu"]))
"""
    assert int(run_python(code)) < 6_000


def test_each_cell_has_its_own_numbers_on_every_library() -> None:
    code = """
import json, random
import numpy as np, torch
from jupyter_repro.seeding.api import current_controller
from jupyter_repro.seeding.options import SeedOptions
controller = current_controller()
controller.start(SeedOptions(42, mode="cell"))
def draw(cell):
    controller.begin_cell(cell)
    return [random.random(), np.random.rand(), torch.rand(1).item(),
            np.random.default_rng().random(), random.Random().random()]
a, b = draw("a"), draw("b")
assert draw("a") == a and draw("b") == b
assert len({*a, *b}) == 10
print(json.dumps([a, b]))
"""
    assert run_python(code) == run_python(code)


def test_workers_of_a_data_loader_have_their_own_numbers() -> None:
    code = """
import json, random
import numpy as np, torch
from torch.utils.data import DataLoader, Dataset
from jupyter_repro.seeding.api import seed_all
class Draws(Dataset):
    def __len__(self):
        return 8
    def __getitem__(self, index):
        return torch.tensor([random.random(), np.random.rand(), torch.rand(1).item(),
                             np.random.default_rng().random(), random.Random().random()],
                            dtype=torch.float64)
seed_all(42)
drawn = torch.cat([*DataLoader(Draws(), batch_size=2, num_workers=2,
                               multiprocessing_context="fork")])
print(json.dumps(drawn.T.tolist()))
"""
    first = json.loads(run_python(code))
    assert json.loads(run_python(code)) == first
    assert [len(set(column)) for column in first] == [8] * 5


@pytest.mark.parametrize(
    ("code", "drawn"),
    [
        ("", False),
        ("torch.manual_seed(3)", False),
        ("torch.rand(1)", True),
        ("torch.rand(1); torch.manual_seed(3)", False),
        ("torch.manual_seed(3); torch.randn(3)", True),
        ("torch.nn.Linear(2, 2)", True),
        ("torch.rand(3, generator=torch.Generator())", False),
    ],
)
def test_whether_anything_was_drawn_before(code: str, *, drawn: bool) -> None:
    lines = f"import torch\n{code}\nfrom jupyter_repro import findings, seed_all\nseed_all(42)"
    said = run_python(f"{lines}\nprint([f['what'] for f in findings() if 'before' in f['kind']])")
    assert ("PyTorch" in said) is drawn
