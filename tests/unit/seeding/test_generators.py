"""Generators that are made without a seed: derived or only told, exempt, forked, given back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.fresh_process import run_python

pytest.importorskip("numpy")

START = """
import copy, json, os, pickle, random, sys
import numpy as np
from jupyter_repro.seeding.api import current_controller, findings, seed_all, unseed
def found():
    return [f for f in findings() if f["kind"] == "unseeded-generator"]
"""

MAKERS = {
    "default_rng": "np.random.default_rng().random()",
    "default_rng(None)": "np.random.default_rng(None).random()",
    "RandomState": "np.random.RandomState().rand()",
    "SeedSequence": "np.random.SeedSequence().entropy",
    "PCG64": "np.random.Generator(np.random.PCG64()).random()",
    "MT19937": "np.random.Generator(np.random.MT19937()).random()",
    "np.random.seed": "(np.random.seed(), np.random.rand())[1]",
    "random.seed": "(random.seed(), random.random())[1]",
    "Random": "random.Random().random()",
    "Random(None)": "random.Random(None).random()",
    "subclass": "type('Mine', (random.Random,), {})().random()",
    "thread pool": "futures(np.random.default_rng).random()",
}


@pytest.mark.parametrize("expression", MAKERS.values(), ids=MAKERS)
def test_each_is_derived_told_and_given_back(expression: str) -> None:
    code = f"""{START}
from concurrent.futures import ThreadPoolExecutor
def futures(make):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(make).result()
def draw():
    return {expression}
seed_all(42); first, second = draw(), draw()
assert found()[0]["count"] == 2, found()
told = os.path.basename(found()[0]["file"])
assert told == "<string>" or told == "thread.py", told
seed_all(42); assert draw() == first
seed_all(43); other = draw()
seed_all(42, generators="report"); reported = draw()
assert found()[0]["count"] == 1
unseed(); free = draw()
assert findings() == []
assert len({{first, second, other, reported, free}}) == 5
print(first, second)
"""
    assert run_python(code) == run_python(code)


def test_generators_with_a_seed_are_their_own_and_not_told() -> None:
    code = f"""{START}
seed_all(42)
print(np.random.default_rng(5).random(), random.Random(5).random(), found())
"""
    assert run_python(code) == "0.8050029237453802 0.6229016948897019 []"


@pytest.mark.parametrize("mode", ["derive", "report"])
def test_a_random_state_with_a_seed_takes_entropy_and_is_not_told(mode: str) -> None:
    code = f"""{START}
seed_all(42, generators="{mode}")
def draw():
    np.random.RandomState(5); list(map(np.random.RandomState, [1, 2]))
    for _ in range(3): np.random.RandomState(seed=7).rand()
    old = np.random.RandomState(3); old.seed(4)
    return np.random.RandomState(5).rand()
print(draw(), found())
np.random.RandomState().rand(), np.random.RandomState(None)
print([f["count"] for f in found()])
first, second = [(s.seed(None), s.rand())[1] for s in [np.random.RandomState(5)] * 2]
assert first != second
entropy = np.random.SeedSequence().entropy
for copied in (pickle.loads(pickle.dumps(entropy)), copy.deepcopy(entropy)):
    assert type(copied) is int and copied == entropy
print(repr(entropy) == str(int(entropy)), json.dumps(entropy) == repr(entropy))
"""
    assert run_python(code).splitlines() == ["0.22199317108973948 []", "[2]", "True True"]


@pytest.mark.parametrize("make", ["np.random.default_rng()", "random.Random()",
                                  "np.random.RandomState()", "Mine()"])  # fmt: skip
def test_copies_take_nothing_from_the_stream(make: str) -> None:
    code = f"""{START}
import __main__
class Mine(random.Random): pass
seed_all(42)
draw = lambda made: made.random_sample() if hasattr(made, "random_sample") else made.random()
made = {make}
last = {make}
seed_all(42)
again = {make}
for _ in range(3):
    copy.copy(again)  # it may share its state
    copies = [copy.deepcopy(again)]
    copies += [pickle.loads(pickle.dumps(again, protocol)) for protocol in (2, 4, 5)]
    copies += [pickle._loads(pickle.dumps(again))]
assert len({{draw(made), *(draw(other) for other in [*copies, again])}}) == 1
assert draw({make}) == draw(last)
print(sum(f["count"] for f in found()))
"""
    assert run_python(code) == "2"


def test_what_must_not_be_foreseen_is_not_seeded() -> None:
    code = """
import os, random, secrets, tempfile, uuid
from jupyter_repro.seeding.api import findings, seed_all
seed_all(42)
names = [os.path.basename(tempfile.mktemp()), next(tempfile._RandomNameSequence())]
print(*names, uuid.uuid4(), secrets.token_hex(), os.urandom(8).hex(),
      random.SystemRandom().random())
assert [f["kind"] for f in findings()] in ([], ["hash-randomization"])
"""
    first, second = (run_python(code).split() for _ in range(2))
    assert len(first) == 6
    assert not set(first) & set(second)


def test_a_library_that_makes_one_is_told_by_its_line() -> None:
    pytest.importorskip("scipy")
    code = f"""{START}
from scipy.stats import qmc
seed_all(42)
print(qmc.Sobol(2).random(2).tolist())
told = found()[0]
print(os.path.basename(told["file"]), told["line"] > 0, file=sys.stderr)
assert "scipy" in told["file"]
"""
    assert run_python(code) == run_python(code)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("generators", ["derive", "report"])
def test_forked_children_have_their_own_numbers_the_same_in_each_run(generators: str) -> None:
    code = f"""{START}
def child():
    reader, writer = os.pipe()
    if os.fork() == 0:
        numbers = [random.random(), np.random.rand(), np.random.default_rng().random(),
                   random.Random().random()]
        os.write(writer, json.dumps(numbers).encode()); os._exit(0)
    os.wait()
    return json.loads(os.read(reader, 1000))
seed_all(42, generators="{generators}")
children = [child(), child()]
parent = [random.random(), np.random.rand(), np.random.default_rng().random()]
seed_all(42)
assert [random.random(), np.random.rand()] == parent[:2]  # forking takes nothing from it
unseed()
free = child()
print(json.dumps([*children, parent, free]))
"""
    runs = [json.loads(run_python(code)) for _ in range(2)]
    count = 4 if generators == "derive" else 2
    for one, other in zip(runs[0][:2], runs[1][:2], strict=True):
        assert one[:count] == other[:count]
        assert set(one[count:]).isdisjoint(other[count:])
    numbers = [number for drawn in runs[0] for number in drawn]
    assert len(set(numbers)) == len(numbers)
    assert runs[0][3][0] != runs[1][3][0]


def test_a_numpy_that_cannot_be_intercepted_is_told_once() -> None:
    code = f"""{START}
import numpy.random.bit_generator as point
original = point.randbits
del point.randbits
seed_all(42); seed_all(42)
notes = [note for note in current_controller().notes() if "intercepted" in note]
point.randbits = original
print(len(notes), found(), random.Random().random())
unseed()
assert point.randbits is original
"""
    assert run_python(code).startswith("1 [] 0.")


def test_a_point_that_nobody_asks_is_seen_to_be_none() -> None:
    code = f"""{START}
import numpy.random.bit_generator as point
real = point.SeedSequence
point.SeedSequence = lambda: real(1)
original = point.randbits
seed_all(42)
assert point.randbits is original
print(sum("intercepted" in note for note in current_controller().notes()))
"""
    assert run_python(code) == "1"


def test_what_a_user_put_in_the_same_place_is_left() -> None:
    code = f"""{START}
import numpy.random.bit_generator as point
original_seed = random.Random.__dict__["seed"]
seed_all(42)
ours = point.randbits
point.randbits = mine = lambda bits: ours(bits)
notes = unseed()
assert point.randbits is mine and random.Random.__dict__["seed"] is original_seed
print(notes)
print(np.random.default_rng().random())
"""
    first, second = (run_python(code).splitlines() for _ in range(2))
    assert first[0] == (
        "['numpy.random.bit_generator.randbits was not reset: it was changed after %repro.']"
    )
    assert first[1] != second[1]


def test_the_class_keeps_its_form() -> None:
    code = f"""{START}
import inspect
before = inspect.signature(random.Random.seed), random.Random.seed.__doc__
seed_all(42)
assert (inspect.signature(random.Random.seed), random.Random.seed.__doc__) == before
made = random.Random()
made.seed(5); assert made.random() == random.Random(5).random()
made.seed("a", version=1); made.seed(b"a"); made.seed(1.5)
assert type(np.random.default_rng()) is np.random.Generator
try:
    made.seed([])
except TypeError as error:
    print(error)
"""
    assert "seed types" in run_python(code)


def test_a_reloaded_random_is_intercepted_again() -> None:
    code = f"""{START}
import importlib
seed_all(42); first = random.Random().random()
seed_all(42); importlib.reload(random)
print(random.Random().random() == first, len(found()))
unseed()
assert random.Random.seed.__module__ == "random" and not hasattr(random.Random.seed, "__wrapped__")
"""
    assert run_python(code) == "True 1"


def test_a_folder_of_the_users_below_the_standard_library_is_not_exempt(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import random\ndef make(): return random.Random().random()")
    code = f"""{START}
sys.path.insert(0, {str(tmp_path)!r})
import mine
seed_all(42)
print(mine.make(), found()[0]["file"], found()[0]["line"])
"""
    number, file, line = run_python(code).split()
    assert (file, line) == (str(tmp_path / "mine.py"), "2")
    assert run_python(code).split()[0] == number


def test_compiled_code_finds_random_seed_before_after_and_under_another_seed() -> None:
    pytest.importorskip("numba")
    code = f"""{START}
import numba
def compiled():
    @numba.njit
    def draw():
        random.seed(5)
        return random.random()
    return draw()
def other():
    return numba.njit(lambda: random.random())()
before = random.seed
seed_all(42, "off"); other()
assert random.seed == before and hash(random.seed) == hash(before)
seed_all(43, "off"); values = [compiled()]
unseed(); values.append(compiled())
assert random.seed is before
seed_all(42, "off"); values.append(compiled())
assert pickle.loads(pickle.dumps(random.seed)).__name__ == "seed"
print(len(set(values)))
"""
    assert run_python(code) == "1"
