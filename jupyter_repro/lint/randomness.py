"""Random numbers that are drawn before anything is seeded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import CodeCell, Page
from jupyter_repro.lint.python_code import Names, executed, parse

TITLES = {"random": "Python", "numpy": "NumPy", "torch": "PyTorch"}

# Cells without these words neither draw nor seed, nor import what does
_WORDS = re.compile(
    r"rand|seed|torch\.(?:normal|bernoulli|multinomial|poisson)"
    r"|^[ \t]*(?:import|from)[ \t][^\n]*(?:numpy|torch)",
    re.MULTILINE,
)
_DRAWING = re.compile(r"rand|torch\.(?:normal|bernoulli|multinomial|poisson)")
_REPRO = re.compile(r"^[ \t]*%repro[ \t][^\n]*\bseed[ \t]*=", re.MULTILINE)
_SEEDED_CELL = re.compile(r"\s*%%repro\b")

_DRAWS = {
    "random": frozenset(
        (
            *("betavariate", "binomialvariate", "choice", "choices", "expovariate", "gammavariate"),
            *("gauss", "getrandbits", "lognormvariate", "normalvariate", "paretovariate"),
            *("randbytes", "randint", "random", "randrange", "sample", "shuffle", "triangular"),
            *("uniform", "vonmisesvariate", "weibullvariate"),
        )
    ),
    "numpy.random": frozenset(
        (
            *("beta", "binomial", "bytes", "chisquare", "choice", "dirichlet", "exponential", "f"),
            *("gamma", "geometric", "gumbel", "hypergeometric", "laplace", "logistic", "lognormal"),
            *("logseries", "multinomial", "multivariate_normal", "negative_binomial"),
            *("noncentral_chisquare", "noncentral_f", "normal", "pareto", "permutation", "poisson"),
            *("power", "rand", "randint", "randn", "random", "random_integers", "random_sample"),
            *("ranf", "rayleigh", "sample", "shuffle", "standard_cauchy", "standard_exponential"),
            *(
                "standard_gamma",
                "standard_normal",
                "standard_t",
                "triangular",
                "uniform",
                "vonmises",
            ),
            *("wald", "weibull", "zipf"),
        )
    ),
    "torch": frozenset(
        (
            *("bernoulli", "multinomial", "normal", "poisson", "rand", "rand_like", "randint"),
            *("randint_like", "randn", "randn_like", "randperm"),
        )
    ),
}
# These take fresh entropy where they get no seed
_GENERATORS = frozenset(
    (
        *("numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.SeedSequence"),
        "random.Random",
    )
)
_SEEDS = {"random.seed": "random", "numpy.random.seed": "numpy", "torch.manual_seed": "torch"}


class _Draw(NamedTuple):
    library: str
    name: str
    cell: int
    line: int


def find(page: Page) -> Iterator[Seen]:
    """Yield draws above the seed, and draws that nothing seeds."""
    if not page.is_python or not any(_DRAWING.search(cell.source) for cell in page.cells):
        return
    repro = next((cell for cell in page.cells if _REPRO.search(cell.source)), None)
    if repro is None and _was_seeded(page):
        return
    draws, seeds = _read(page, repro)
    if repro is not None:
        yield from _before(draws, seeds, f"%repro seeds in cell {repro.number}")
        return
    for library in dict.fromkeys(draw.library for draw in draws):
        own = [draw for draw in draws if draw.library == library]
        if library in seeds:
            yield from _before(own, seeds, "the first seed of the notebook")
        elif not _may_seed(page):
            what = f"{own[0].name} draws, and nothing in this notebook seeds {TITLES[library]}."
            yield Seen("never-seeded", what, own[0].cell, own[0].line)


def _was_seeded(page: Page) -> bool:
    """Return whether a run was seeded from outside, as by ``jupyter repro run --seed``."""
    return page.document is not None and any(
        one is not None and one.layers.determinism.seed is not None
        for one in (page.document.reference, page.document.latest)
    )


def _may_seed(page: Page) -> bool:
    """Return whether anything looks like seeding, in a function for instance."""
    return any("seed" in cell.source for cell in page.cells)


def _before(draws: list[_Draw], seeds: dict[str, tuple[int, int]], what: str) -> Iterator[Seen]:
    """Yield the first draw of each cell and library that stands above the seed."""
    found = set()
    for draw in draws:
        place = (draw.cell, draw.library)
        seeded = seeds.get(draw.library)
        if place not in found and (seeded is None or (draw.cell, draw.line) < seeded):
            found.add(place)
            text = f"{draw.name} draws from {TITLES[draw.library]} above {what}."
            yield Seen("drawn-before-seed", text, draw.cell, draw.line)


def _read(page: Page, repro: CodeCell | None) -> tuple[list[_Draw], dict[str, tuple[int, int]]]:
    """Return the draws down to where `%repro` seeds, and where each library is first seeded."""
    names = Names()
    draws: list[_Draw] = []
    seeds: dict[str, tuple[int, int]] = {}
    for cell in page.cells:
        last = None
        if cell is repro:
            found = _REPRO.search(cell.source)
            assert found is not None
            last = cell.source.count("\n", 0, found.start()) + 1
        tree = parse(cell.source) if _WORDS.search(cell.source) else None
        for node in () if tree is None else executed(tree):
            names.learn(node)
            if isinstance(node, ast.Call) and (last is None or node.lineno < last):
                _take(node, names, cell, draws, seeds)
        if last is not None:
            for library in TITLES:
                seeds.setdefault(library, (cell.number, last))
            break
    return draws, seeds


def _take(
    call: ast.Call,
    names: Names,
    cell: CodeCell,
    draws: list[_Draw],
    seeds: dict[str, tuple[int, int]],
) -> None:
    """Take note of a call that draws or seeds."""
    place = (cell.number, call.lineno)
    meaning = names.meaning_of(call.func)
    has_arguments = bool(call.args or call.keywords)
    if meaning in _SEEDS:
        if has_arguments:
            seeds.setdefault(_SEEDS[meaning], place)
        return
    if "seed" in _last_name(call.func):
        # Somebody's seed_everything(42) does it for all
        for library in TITLES:
            seeds.setdefault(library, place)
        return
    if meaning is None or _SEEDED_CELL.match(cell.source):
        return
    module, _, function = meaning.rpartition(".")
    drawn = function in _DRAWS.get(module, ())
    generator = any(keyword.arg == "generator" for keyword in call.keywords)
    if (drawn and not generator) or (meaning in _GENERATORS and not has_arguments):
        draws.append(_Draw(meaning.partition(".")[0], f"{meaning}()", *place))


def _last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name, in small letters."""
    if isinstance(node, ast.Attribute):
        return node.attr.lower()
    return node.id.lower() if isinstance(node, ast.Name) else ""
