"""Random numbers that are drawn before anything is seeded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jupyter_repro.lint.draws import CUDA_SEEDS, DRAWS, FRESH, SEEDS, TITLES
from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.models import LAYER_WORDS, drawing_classes, is_torch_draw
from jupyter_repro.lint.page import CodeCell, Page
from jupyter_repro.lint.python_code import Names, executed, parse
from jupyter_repro.lint.unclear_seeds import is_own_generator, unclear_seeds

# Cells without these words neither draw nor seed, nor import what does
_WORDS = re.compile(
    r"rand|seed|torch\.(?:normal|bernoulli|multinomial|poisson)"
    r"|^[ \t]*(?:import|from)[ \t][^\n]*(?:numpy|torch)",
    re.MULTILINE,
)
_DRAWING = re.compile(r"rand|torch\.(?:normal|bernoulli|multinomial|poisson)")
_REPRO = re.compile(r"^[ \t]*%repro[ \t][^\n]*\bseed[ \t]*=", re.MULTILINE)
_SEEDED_CELL = re.compile(r"\s*%%repro\b")


class _Draw(NamedTuple):
    library: str
    name: str
    cell: int
    line: int
    fresh: bool = False  # takes fresh entropy, whatever else was seeded


def find(page: Page) -> Iterator[Seen]:
    """Yield draws above the seed, and draws that nothing seeds."""
    sources = [cell.source for cell in page.cells]
    layers = any(map(LAYER_WORDS.search, sources))
    if not page.is_python or not (layers or any(map(_DRAWING.search, sources))):
        return
    repro = next((cell for cell in page.cells if _REPRO.search(cell.source)), None)
    if repro is None and _was_seeded(page):
        return
    draws, seeds = _read(page, repro, drawing_classes(page) if layers else None)
    if repro is not None:
        yield from _before(draws, seeds, f"%repro seeds in cell {repro.number}")
    elif draws:
        yield from _without_repro(page, draws, seeds)


def _without_repro(
    page: Page, draws: list[_Draw], seeds: dict[str, tuple[int, int]]
) -> Iterator[Seen]:
    unclear = unclear_seeds(page)
    for library in dict.fromkeys(draw.library for draw in draws):
        own = [draw for draw in draws if draw.library == library]
        if library in seeds:
            yield from _before(own, seeds, "the first seed of the notebook")
            fresh = [draw for draw in own if draw.fresh and (draw.cell, draw.line) > seeds[library]]
            if fresh:
                what = f"{fresh[0].name} takes no seed, and no other seed counts for it."
                yield Seen("never-seeded", what, fresh[0].cell, fresh[0].line)
        elif library not in unclear:
            what = f"{own[0].name} draws, and nothing in this notebook seeds {TITLES[library]}."
            yield Seen("never-seeded", what, own[0].cell, own[0].line)


def _was_seeded(page: Page) -> bool:
    """Return whether a run was seeded from outside, as by ``jupyter repro run --seed``."""
    return page.document is not None and any(
        one is not None and one.layers.determinism.seed is not None
        for one in (page.document.reference, page.document.latest)
    )


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


def _read(
    page: Page, repro: CodeCell | None, classes: frozenset[str] | None
) -> tuple[list[_Draw], dict[str, tuple[int, int]]]:
    """Return the draws down to where `%repro` seeds, and where each library is first seeded.

    Parameters
    ----------
    classes
        Classes that draw when an object is made; None if no cell makes layers.
    """
    names = Names()
    draws: list[_Draw] = []
    seeds: dict[str, tuple[int, int]] = {}
    for cell in page.cells:
        last = None
        if cell is repro:
            found = _REPRO.search(cell.source)
            assert found is not None
            last = cell.source.count("\n", 0, found.start()) + 1
        relevant = classes is not None or _WORDS.search(cell.source)
        tree = parse(cell.source) if relevant else None
        for node in () if tree is None else executed(tree):
            names.learn(node)
            if isinstance(node, ast.Call) and (last is None or node.lineno < last):
                place = (cell.number, node.lineno)
                for library in _seeded_by(node, names):
                    seeds.setdefault(library, place)
                if not _SEEDED_CELL.match(cell.source):
                    draws += _drawn_by(node, names, classes or frozenset(), place)
        if last is not None:
            for library in TITLES:
                seeds.setdefault(library, (cell.number, last))
            break
    return draws, seeds


def _seeded_by(call: ast.Call, names: Names) -> Iterable[str]:
    """Return the libraries whose global generators a call seeds."""
    meaning = names.meaning_of(call.func)
    if meaning in CUDA_SEEDS or is_own_generator(call, names):
        return ()
    if meaning in SEEDS:
        return SEEDS[meaning] if call.args or call.keywords else ()
    # A function such as seed_everything(42) does it for all
    return TITLES if "seed" in _last_name(call.func) else ()


def _drawn_by(
    call: ast.Call, names: Names, classes: frozenset[str], place: tuple[int, int]
) -> Iterator[_Draw]:
    """Yield what a call draws."""
    meaning = names.meaning_of(call.func)
    if meaning is None:
        if isinstance(call.func, ast.Name) and call.func.id in classes:
            yield _Draw("torch", f"{call.func.id}()", *place)
        return
    module, _, function = meaning.rpartition(".")
    fresh = meaning in FRESH and not (call.args or call.keywords)
    if module.startswith("torch"):
        drawn = is_torch_draw(call, names)
    else:
        drawn = function in DRAWS.get(module, ())
    if drawn or fresh:
        yield _Draw(meaning.partition(".")[0], f"{meaning}()", *place, fresh=fresh)


def _last_name(node: ast.expr) -> str:
    """Return the last part of a dotted name, in small letters."""
    if isinstance(node, ast.Attribute):
        return node.attr.lower()
    return node.id.lower() if isinstance(node, ast.Name) else ""
