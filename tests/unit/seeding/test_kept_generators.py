"""With ``mode=cell``: generators that an earlier cell keeps in a variable."""

from __future__ import annotations

import json

import pytest

from tests.fresh_process import run_python

NOTEBOOK = """
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
def run(source, cell):
    result = shell.run_cell(source, store_history=True, cell_id=cell)
    assert result.success, result
    return result.result
run("%load_ext jupyter_repro", "load")
run("%repro seed=42 mode=cell determinism=off", "seed")
"""

IDIOMS = {
    "default_rng()": ("rng = np.random.default_rng()", "rng.random()"),
    "default_rng(5)": ("rng = np.random.default_rng(5)", "rng.random()"),
    "a bound method": ("draw = np.random.default_rng(5).random", "draw()"),
    "RandomState(5)": ("rs = np.random.RandomState(5)", "rs.normal()"),
    "RandomState()": ("rs = np.random.RandomState()", "rs.normal()"),
    "Random(5)": ("r = random.Random(5)", "r.random()"),
    "Random()": ("r = random.Random()", "r.gauss(0, 1)"),
    "a list": ("rngs = [np.random.default_rng(i) for i in range(3)]", "rngs[2].random()"),
    "a dict": ("kept = {'a': random.Random(5)}", "kept['a'].random()"),
    "an attribute": (
        "class Model:\\n    def __init__(self): self.rng = np.random.default_rng(5)\\nm = Model()",
        "m.rng.random()",
    ),
    "a global of a function": (
        "rng = np.random.default_rng(5)\\ndef draw():\\n    return rng.random()",
        "draw()",
    ),
    "a global of a method": (
        "rng = random.Random(5)\\nclass A:\\n    def draw(self): return rng.random()\\na = A()",
        "a.draw()",
    ),
    "a default": ("def draw(r=random.Random(5)):\\n    return r.random()", "draw()"),
    "a closure": (
        "def make():\\n    r = random.Random(5)\\n    return lambda: r.random()\\ndraw = make()",
        "draw()",
    ),
    "a partial": (
        "import functools\\ndraw = functools.partial(random.Random.random, random.Random(5))",
        "draw()",
    ),
    "a module of the user's": (
        (
            "import types, sys\\nhelpers = types.ModuleType('helpers')\\n"
            "helpers.__file__ = '/home/me/helpers.py'\\nsys.modules['helpers'] = helpers\\n"
            "helpers.rng = random.Random(5)"
        ),
        "helpers.rng.random()",
    ),
    "SeedSequence.spawn": (
        "ss = np.random.SeedSequence(5)",
        "np.random.default_rng(ss.spawn(1)[0]).random()",
    ),
    "Generator.spawn": ("rng = np.random.default_rng(5)", "rng.spawn(1)[0].random()"),
    "a magic": ("rng = random.Random(5)", "%time rng.random()"),
    "torch.Generator": (
        "import torch\\ng = torch.Generator().manual_seed(5)",
        "torch.rand(1, generator=g).item()",
    ),
}


@pytest.mark.parametrize(("makes", "draws"), IDIOMS.values(), ids=IDIOMS)
def test_a_cell_that_runs_again_or_in_a_different_order(makes: str, draws: str) -> None:
    if "np." in makes or "np." in draws:
        pytest.importorskip("numpy")
        makes = f"import numpy as np\\n{makes}"
    if "torch" in makes:
        pytest.importorskip("torch")
    code = f"""{NOTEBOOK}
def made():
    run("import random\\n{makes}", "make")
    return lambda cell: run("{draws}", cell)
draw = made()
one, two, again = draw("b"), draw("c"), draw("b")
draw = made()
two_first, one_second = draw("c"), draw("b")
print(json.dumps([one, two, again, two_first, one_second]))
"""
    lines = run_python(code).splitlines()
    one, two, again, two_first, one_second = json.loads(lines[-1])
    assert one == again == one_second
    assert two == two_first
    assert one != two


def told(code: str) -> list[object]:
    pytest.importorskip("numpy")
    found: list[object] = json.loads(run_python(NOTEBOOK + code).splitlines()[-1])
    return found


def test_the_cell_that_makes_a_generator_draws_its_own_numbers() -> None:
    code = """
import random
first = run("import random\\nr = random.Random(5)\\nr.random()", "make")
print(json.dumps([first, random.Random(5).random()]))
"""
    drawn, plain = told(code)
    assert drawn == plain


def test_a_different_seed_of_the_generator_gives_different_numbers() -> None:
    code = """
drawn = []
for seed in (5, 6, 5):
    run(f"import random\\nr = random.Random({seed})", "make")
    drawn.append(run("r.random()", "draw"))
print(json.dumps(drawn))
"""
    five, six, again = told(code)
    assert five == again != six


def test_a_cell_that_seeds_a_kept_generator_decides_for_those_below() -> None:
    code = """
import random
drawn = []
run("import random\\nr = random.Random(5)", "make")
for seed in (1, 2, 1):
    before, _ = run(f"r.random(), r.seed({seed})", "again")
    drawn.append([before, run("r.random()", "draw")])
own = run("r.seed(7); r.random()", "own")
print(json.dumps([*drawn, own == random.Random(7).random()]))
"""
    one, two, again, is_plain = told(code)
    assert one == again != two
    assert one[0] == two[0]  # type: ignore[index]
    assert is_plain


def test_global_and_unpredictable_generators_are_left_alone() -> None:
    code = """
import random
run("import random, numpy as np\\nshared = np.random.mtrand._rand; s = random.SystemRandom()", "a")
alone = run("(np.random.rand(), random.random())", "b")
named = run("# shared, random, s\\n(np.random.rand(), random.random())", "b")
print(json.dumps([alone, named]))
"""
    alone, named = told(code)
    assert alone == named


def test_looking_for_generators_runs_nothing_of_the_users() -> None:
    code = """
run('''class Trap:
    def __getattr__(self, name): raise SystemExit(name)
    def __iter__(self): raise SystemExit
    def __hash__(self): raise SystemExit
    def __eq__(self, other): raise SystemExit
    @property
    def rng(self): raise SystemExit
class Listed(list):
    def __iter__(self): raise SystemExit
    def __getitem__(self, key): raise SystemExit
t, l, c = Trap(), Listed([1]), []
c.append(c)''', "a")
print(json.dumps([run("# t l c\\n1", "b")]))
"""
    assert told(code) == [1]


def test_without_the_mode_a_kept_generator_goes_on() -> None:
    code = """
run("%repro seed=42 determinism=off", "seed")
run("import random\\nr = random.Random(5)", "make")
drawn = [run("r.random()", "draw"), run("r.random()", "draw")]
plain = random.Random(5)
print(json.dumps([drawn, [plain.random(), plain.random()]]))
"""
    drawn, plain = told("import random\n" + code)
    assert drawn == plain
