"""The seeders of Python and NumPy: the numbers of the usual recipe, and every seed counts."""

from __future__ import annotations

import random

import pytest

from jupyter_repro.seeding.seeders import numpy as numpy_seeder
from jupyter_repro.seeding.seeders import python as python_seeder
from jupyter_repro.seeding.seeders import registry
from tests.fresh_process import run_python

numpy_random = pytest.importorskip("numpy.random")

SEEDS = (0, 42, 2**32 - 1, 2**32, 5_000_000_000, 2**63, 2**64 - 1)


def test_every_built_in_seeder_has_the_registrys_form() -> None:
    seeders = {name: registry.builtin_seeder(name) for name in registry.SEEDERS}
    assert {name: seeder.MODULE for name, seeder in seeders.items()} == registry.SEEDERS
    assert all(callable(seeder.seed) for seeder in seeders.values())


def test_loading_the_seeders_imports_no_library() -> None:
    code = """
import sys
from jupyter_repro.seeding.seeders import registry
for name in registry.SEEDERS:
    registry.builtin_seeder(name)
print([name for name in {*registry.SEEDERS} - {"python"} if name in sys.modules])
"""
    assert run_python(code) == "[]"


@pytest.mark.parametrize("seed", SEEDS)
def test_python_gives_the_numbers_of_random_seed(seed: int) -> None:
    state = random.getstate()
    try:
        python_seeder.seed(random, seed)
        assert random.random() == random.Random(seed).random()
    finally:
        random.setstate(state)


@pytest.mark.parametrize("seed", SEEDS)
def test_numpy_takes_more_than_32_bits_as_words(seed: int) -> None:
    words = seed if seed < 2**32 else [seed & 0xFFFFFFFF, seed >> 32]
    state = numpy_random.get_state()
    try:
        numpy_seeder.seed(numpy_random, seed)
        assert numpy_random.random_sample() == numpy_random.RandomState(words).random_sample()
    finally:
        numpy_random.set_state(state)


def test_seeds_with_the_same_lower_word_differ() -> None:
    state = numpy_random.get_state()
    try:
        draws = set()
        for seed in (42, 42 + 2**32, 42 + 2**33):
            numpy_seeder.seed(numpy_random, seed)
            draws.add(float(numpy_random.random_sample()))
        assert len(draws) == 3
    finally:
        numpy_random.set_state(state)


def test_42_gives_the_well_known_numbers() -> None:
    code = """
import random, numpy.random
from jupyter_repro.seeding.seeders.registry import builtin_seeder
builtin_seeder("python").seed(random, 42)
builtin_seeder("numpy").seed(numpy.random, 42)
print(random.random(), numpy.random.rand())
"""
    assert run_python(code) == "0.6394267984578837 0.3745401188473625"


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    code = """
import random, numpy
from jupyter_repro.seeding.seeders import numpy as numpy_seeder, python as python_seeder
def told():
    return python_seeder.fingerprint(random), numpy_seeder.fingerprint(numpy.random)
random.seed(1); numpy.random.seed(1)
print(*told())
random.gauss(0, 1); numpy.random.standard_normal()  # one number is given, another one waits
print(*told())
random.gauss(0, 1); numpy.random.standard_normal()
print(*told())
numpy.random.set_bit_generator(numpy.random.PCG64(1))
print(*told())
"""
    first, second = (run_python(code, env={"PYTHONHASHSEED": seed}) for seed in ("1", "2"))
    assert first == second
    lines = first.splitlines()
    assert len(set(lines)) == len(lines) == 4
