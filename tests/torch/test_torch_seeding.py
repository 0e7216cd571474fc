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
from jupyter_repro.seeding import current_controller, seed_all
def import_in_thread(name):
    thread = threading.Thread(target=__import__, args=(name,))
    thread.start()
    thread.join()
{imports}
print([random.random(), np.random.rand(), torch.rand(1).item()])
state = current_controller().state()
assert state.seeded == ("numpy", "python", "torch"), state
assert not current_controller()._hook.failures
"""
    assert json.loads(run_python(code)) == RECIPE_42


@pytest.mark.parametrize("seed", [0, 5_000_000_000, 2**63 - 1, 2**63, 2**64 - 1])
def test_every_seed_reaches_torch_whole(seed: int) -> None:
    code = f"""
from jupyter_repro.seeding import seed_all
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
from jupyter_repro.seeding import seed_all
generator = torch.Generator().manual_seed(5)
before = generator.get_state()
seed_all(42)
print(torch.equal(before, generator.get_state()))
"""
    assert run_python(code) == "True"


def test_importing_torch_with_the_hook_leaves_it_as_it_is() -> None:
    code = """
from jupyter_repro.seeding import seed_all
seed_all(42)
import copy, inspect, importlib, pkgutil, torch
print(type(torch.__loader__).__name__, type(torch.__spec__.loader).__name__)
print(inspect.getsource(torch.manual_seed).startswith("def manual_seed"))
print(pkgutil.get_data("torch", "version.py")[:20] != b"")
"""
    assert run_python(code).splitlines() == ["SourceFileLoader SourceFileLoader", "True", "True"]
