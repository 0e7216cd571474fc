"""Which cells follow from a difference, and which draw without a seed, by their code alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_repro.lint.page import read_page
from jupyter_repro.run.following import Following
from jupyter_repro.run.unseeded import unseeded_draws
from tests.fixtures.notebooks.samples import code_cell, make_notebook


@pytest.mark.parametrize(
    ("differs", "between", "cell", "follows"),
    [
        ("x = f()", "", "print(x)", True),
        ("x = f()", "", "print(y)", False),
        ("x = f()", "z = x + 1", "print(z)", True),
        ("x = f()", "z = y + 1", "print(z)", False),
        ("x = f()", "def g():\n    return x", "print(g())", True),
        ("import numpy as np\nprint(np.__version__)", "", "print(np.ones(3))", False),
        ("print(x)", "", "print(x)", False),
        ("model.fit(x)", "", "print(model.score(y))", True),
        ("train(model)", "", "print(model)", True),
        ("x[0] = f()", "", "print(x)", True),
        ("x += f()", "", "x += 1", True),
        ("x = f()", "", "print(y", True),  # no code that can be read
        ("x = f()", "", "%run other.py", True),
        ("x = f()", "", "print(open('a').read())", True),
        ("x = f()", "", "%time print(y)", False),
    ],
)
def test_what_follows(
    differs: str,
    between: str,
    cell: str,
    follows: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    following = Following([differs, between, cell])
    assert not following.follows(2)
    following.reach(0)
    following.pass_on(1)
    assert following.follows(2) == follows


@pytest.mark.parametrize(
    ("sources", "number", "found"),
    [
        (["import numpy as np", "np.random.rand()", "np.random.rand()"], 3, True),
        (["import numpy as np", "np.random.rand()", "print(1)"], 3, False),
        (["import numpy as np\nnp.random.seed(1)", "np.random.rand()"], 2, False),
        (["import numpy as np\nnp.random.rand()", "np.random.seed(1)"], 1, True),
        (["import random", "%repro seed=1", "random.random()"], 3, False),
    ],
)
def test_draws_that_nothing_seeds(
    sources: list[str],
    number: int,
    found: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    raw = json.dumps(make_notebook(*map(code_cell, sources))).encode()
    draws = unseeded_draws(read_page(Path("a.ipynb"), raw), number)
    assert bool(draws) == found
    assert all(draw.cell == number for draw in draws)
