"""Draws that no seed precedes: which are found, and which may well be seeded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.lint.finding import LintFinding
from jupyter_repro.lint.run import lint
from tests.fixtures.notebooks.samples import code_cell, make_notebook


def look(*cells: dict[str, Any]) -> list[LintFinding]:
    return lint(Path("a.ipynb"), json.dumps(make_notebook(*cells)).encode())


def kinds(*cells: dict[str, Any]) -> list[str]:
    return [found.kind for found in look(*cells) if found.kind != "not-recorded"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy as np\nnp.random.rand()", ["never-seeded"]),
        ("import numpy.random\nnumpy.random.rand()", ["never-seeded"]),
        ("from numpy.random import rand as draw\ndraw()", ["never-seeded"]),
        ("import random\nif True:\n    [random.choice('ab') for _ in 'ab']", ["never-seeded"]),
        ("import random\nclass A:\n    x = random.random()", ["never-seeded"]),
        ("import random\nrandom.Random()", ["never-seeded"]),
        ("import random\nrandom.seed()\nrandom.random()", []),  # it says that it wants no seed
        ("import random\nrandom.Random(1).random()", []),
        ("import random\nrandom = 1\nrandom.random()", []),
        ("from . import random\nrandom.random()", []),
        ("random.random()", []),
        ("import random\nrandom.SystemRandom().random()", []),
        ("import random\nrandom.random()\nrandom.seed(1)", ["drawn-before-seed"]),
        ("import random\nrandom.seed(1)\nrandom.random()", []),
        ("import random, numpy as np\nnp.random.seed(1)\nrandom.random()", ["never-seeded"]),
        ("import random\nseed_everything(1)\nrandom.random()", []),
        ("import random\n%repro seed=1\nrandom.random()\nrandom.seed(1)", []),
        ("import numpy as np\n(" + "-" * 50_000 + "np.random.rand())", []),  # too deep to be parsed
        ("import random; random.random()\n\x00", []),
    ],
)
def test_what_draws_before_a_seed(source: str, expected: list[str]) -> None:
    assert kinds(code_cell(source, count=1)) == expected


OWN = "import torch\ng = torch.Generator().manual_seed(1)\n"
MODEL = """
from torch import nn
class Block(nn.Module):
    def __init__(self):
        self.layer = nn.Linear(2, 2)
class Net(nn.Module):
    def __init__(self):
        self.block = Block()
    def sample(self):
        return torch.randn(2, generator=self.g)
"""


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (OWN + "torch.randn(2, generator=g)", []),
        (OWN + "torch.randn(2, generator=g)\ntorch.randn(2)", ["never-seeded"]),
        (OWN + "g.manual_seed(2)\ntorch.randn(2)", ["never-seeded"]),
        (OWN + "torch.manual_seed(1)\ntorch.randn(2)", []),
        (OWN + "torch.randn(2)\ntorch.manual_seed(1)", ["drawn-before-seed"]),
        (
            "import torch\nself.g = torch.Generator()\nself.g.manual_seed(1)\ntorch.rand(1)",
            ["never-seeded"],
        ),
        (
            "import torch\nSEED = 1\ntorch.Generator().manual_seed(SEED)\ntorch.rand(1)",
            ["never-seeded"],
        ),
        ("import torch\ntorch.cuda.manual_seed_all(1)\ntorch.rand(1)", []),
        ("import torch, tensorflow as tf\ntf.random.set_seed(1)\ntorch.rand(1)", ["never-seeded"]),
        ("import numpy as np\nnp.random.seed(1)\nnp.random.default_rng()", ["never-seeded"]),
        ("import numpy as np\nnp.random.seed(1)\nnp.random.default_rng(2)", []),
        ("import torch\nfrom torch import nn\nnn.Linear(2, 2)", ["never-seeded"]),
        ("import torch\nfrom torch import nn\ntorch.manual_seed(1)\nnn.Linear(2, 2)", []),
        ("import torch\nw = 1\ntorch.nn.init.normal_(w)", ["never-seeded"]),
        ("import torch\nw = 1\ntorch.nn.init.normal_(w, generator=g)", []),
        ("import torch" + MODEL, []),
        (OWN + MODEL + "net = Net()", ["never-seeded"]),
        (OWN + MODEL + "torch.manual_seed(1)\nnet = Net()", []),
        (OWN + MODEL + "net = Net()\ntorch.manual_seed(1)", ["drawn-before-seed"]),
        # What may seed is no proof
        (OWN + "setup(SEED)\ntorch.rand(1)", []),
        (OWN + "run(seed=1)\ntorch.rand(1)", []),
        (OWN + "def f():\n    torch.manual_seed(1)\nf()\ntorch.rand(1)", []),
        (OWN + "from functools import partial\npartial(torch.manual_seed, 1)()\ntorch.rand(1)", []),
        (OWN + "import seeding\ntorch.rand(1)", []),
        (OWN + "%run seed.py\ntorch.rand(1)", []),
        (OWN + "env.seed(1)\ntorch.rand(1)", []),
        (OWN + "fit(random_state=SEED)\nprint(SEED)\ntorch.rand(1)", ["never-seeded"]),
    ],
)
def test_a_seed_counts_for_the_generator_that_it_seeds(source: str, expected: list[str]) -> None:
    assert kinds(code_cell(source, count=1)) == expected


def test_a_model_is_named_by_its_class() -> None:
    cells = [code_cell(OWN + MODEL, count=1), code_cell("net = Net()", count=2)]
    (found,) = [one for one in look(*cells) if one.kind == "never-seeded"]
    assert (found.cell, found.line) == (2, 1)
    assert found.what == "Net() draws, and nothing in this notebook seeds PyTorch."
