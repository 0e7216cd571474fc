"""Generators that a notebook keeps in variables: each cell gets its own numbers of them.

With ``mode=cell`` the global generators start each cell anew. ``rng = default_rng(5)`` of a cell
above would go on, so a cell that runs again, or in a different order, would give other numbers. So
each generator that a cell can reach starts at a state that follows from two things: the state in
which a cell met the generator first, and the cell.

Putting back what a cell met in its first run would be less of a change, but wrong after an edit:
the cells below would go on with the states of the text before.

A cell that seeds such a generator decides anew: later cells follow from the state that it leaves.
"""

from __future__ import annotations

import random
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from types import BuiltinMethodType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from jupyter_repro.seeding.frames import is_library

MAX_GENERATORS = 1_000
"""Generators whose first state is kept; beyond it the oldest are forgotten."""

MAX_OBJECTS = 5_000
"""Objects that are looked at before a cell."""

MAX_DEPTH = 6

_PLAIN = {int, float, complex, str, bytes, bool, type(None)}
_WORD = re.compile(r"[^\W\d]\w*")
_SEEDS = re.compile(
    r"\.\s*(?:seed|manual_seed|set_state|setstate|__setstate__|__init__)\s*\(|\.state\s*=(?!=)"
)


@dataclass
class _Known:
    """A generator, the state that cells follow from, and that of each cell that seeds it."""

    generator: object
    first: str
    by_cell: dict[str, str] = field(default_factory=dict)


class Kept:
    """The generators of a notebook that cells have met."""

    def __init__(self) -> None:
        # NumPy's generators cannot be referred to weakly
        self._known: dict[int, _Known] = {}
        self._seeded: list[_Known] = []

    def begin_cell(
        self,
        cell: str,
        source: str,
        namespace: Mapping[str, object],
        seed_for: Callable[[str], int],
    ) -> None:
        """Start the generators that a cell can reach.

        Parameters
        ----------
        cell
            The same for the same cell.
        source
            The text of the cell; a name in a comment counts, which does no harm.
        namespace
            The notebook's variables.
        seed_for
            Returns a number of this cell for a text.
        """
        for known in self._seeded:
            with suppress(Exception):
                known.first = _state_of(known.generator)
        self._seeded = []
        seeds = _SEEDS.search(source) is not None
        names = dict.fromkeys(_WORD.findall(source))
        for generator in find_generators([namespace[one] for one in names if one in namespace]):
            with suppress(Exception):  # a class of the user's, a generator on a lost GPU
                known = self._find(generator)
                first = known.first
                if seeds:  # what it leaves must not decide how it starts when it runs again
                    first = known.by_cell.setdefault(cell, first)
                    self._seeded.append(known)
                _restart(generator, seed_for(f"kept {first}"))

    def _find(self, generator: object) -> _Known:
        known = self._known.get(id(generator))
        if known is None:
            known = self._known[id(generator)] = _Known(generator, _state_of(generator))
            if len(self._known) > MAX_GENERATORS:
                del self._known[next(iter(self._known))]
        return known


def find_generators(values: list[object]) -> list[object]:
    """Return the generators that values are or hold, without those that are seeded globally.

    Functions and classes of the user's are followed into what they use. Nothing of the user's is
    run: attributes are read past properties.
    """
    found: dict[int, object] = {}
    left_out = {id(one) for one in _global_generators()}
    seen: set[int] = set()
    kinds = _kinds()
    waiting = deque((value, 0) for value in values)
    while waiting and len(seen) < MAX_OBJECTS:
        value, depth = waiting.popleft()
        if id(value) in seen or type(value) in _PLAIN:
            continue
        seen.add(id(value))
        if issubclass(type(value), kinds):
            if id(value) not in left_out and not issubclass(type(value), random.SystemRandom):
                found[id(value)] = value
        elif depth < MAX_DEPTH:
            waiting += [(part, depth + 1) for part in _parts(value)]
    return [*found.values()]


def _parts(value: Any) -> Iterator[object]:  # noqa: ANN401 - of any class
    kind = type(value)
    numpy = _numpy()
    if issubclass(kind, dict):
        yield from [*dict.values(value)]
    elif issubclass(kind, (list, tuple)):
        base = list if issubclass(kind, list) else tuple
        yield from base.__getitem__(value, slice(MAX_OBJECTS))
    elif issubclass(kind, (MethodType, BuiltinMethodType)):
        yield from () if issubclass(type(value.__self__), ModuleType) else (value.__self__,)
        yield getattr(value, "__func__", None)
    elif issubclass(kind, FunctionType):
        yield from _parts_of_function(value)
    elif issubclass(kind, type):
        if _is_users(type.__getattribute__(value, "__module__")):
            yield from [*type.__getattribute__(value, "__dict__").values()]
    elif issubclass(kind, partial):
        yield from (value.func, value.args, value.keywords)
    elif numpy is not None and issubclass(kind, numpy.Generator):
        yield value.bit_generator
    else:
        yield from _parts_of_object(value)


def _parts_of_object(value: object) -> Iterator[object]:
    try:
        namespace: dict[str, object] = object.__getattribute__(value, "__dict__")
    except AttributeError:
        namespace = {}
    module = namespace.get("__name__") if issubclass(type(value), ModuleType) else None
    if module is None:
        yield from [*namespace.values()]
        if _is_users(type.__getattribute__(type(value), "__module__")):
            yield type(value)
    elif module != "__main__" and _is_users(module):
        yield from [*namespace.values()]


def _parts_of_function(function: FunctionType) -> Iterator[object]:
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        with suppress(ValueError):  # not filled yet
            yield cell.cell_contents
    yield function.__dict__.get("__wrapped__")
    if not is_library(function.__code__.co_filename):
        names = _names_in(function.__code__)
        yield from [function.__globals__[one] for one in names if one in function.__globals__]


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names_in(part)


def _is_users(module: object) -> bool:
    """Return whether a module is the notebook or one that the user wrote."""
    if module == "__main__":
        return True
    loaded = sys.modules.get(module) if isinstance(module, str) else None
    file = getattr(loaded, "__file__", None)
    return isinstance(file, str) and not is_library(file)


def _kinds() -> tuple[type, ...]:
    numpy, torch = _numpy(), sys.modules.get("torch")
    kinds: list[type] = [random.Random]
    if numpy is not None:
        kinds += [numpy.BitGenerator, numpy.RandomState, numpy.SeedSequence]
    if torch is not None and hasattr(torch, "Generator"):
        kinds.append(torch.Generator)
    return tuple(kinds)


def _numpy() -> Any:  # noqa: ANN401 - NumPy's module
    numpy = sys.modules.get("numpy.random")
    return numpy if hasattr(numpy, "SeedSequence") and hasattr(numpy, "RandomState") else None


def _global_generators() -> list[object]:
    numpy, torch = _numpy(), sys.modules.get("torch")
    found: list[object] = [getattr(random, "_inst", None)]
    if numpy is not None:
        shared: Any = getattr(numpy.mtrand, "_rand", None)
        found += [shared, getattr(shared, "_bit_generator", None)]
    if torch is not None:
        found.append(getattr(torch, "default_generator", None))
        found += getattr(getattr(torch, "cuda", None), "default_generators", ())
    return found


def _state_of(generator: Any) -> str:  # noqa: ANN401 - of four kinds
    numpy = _numpy()
    if isinstance(generator, random.Random):
        state: object = generator.getstate()
    elif numpy is not None and isinstance(generator, numpy.SeedSequence):
        state = (generator.entropy, generator.spawn_key, generator.pool_size)
    elif numpy is not None and isinstance(generator, numpy.RandomState):
        state = generator.get_state(legacy=False)
    elif numpy is not None and isinstance(generator, numpy.BitGenerator):
        state = generator.state
    else:
        state = (generator.initial_seed(), generator.get_state().cpu().numpy().tobytes())
    return blake2b(repr(_plain(state)).encode(), digest_size=16).hexdigest()


def _plain(state: Any) -> object:  # noqa: ANN401 - a tree of NumPy's
    if isinstance(state, Mapping):
        return [(key, _plain(value)) for key, value in sorted(state.items())]
    return state.tobytes() if hasattr(state, "tobytes") else state


def _restart(generator: Any, number: int) -> None:  # noqa: ANN401 - of four kinds
    numpy = _numpy()
    if isinstance(generator, random.Random):
        generator.setstate(random.Random(number).getstate())  # noqa: S311 - as it was
    elif numpy is not None and isinstance(generator, numpy.SeedSequence):
        generator.__init__(  # the one way to set what was spawned
            generator.entropy,
            spawn_key=generator.spawn_key,
            pool_size=generator.pool_size,
            n_children_spawned=number & 0x3FFFFFFF,
        )
    elif numpy is not None and isinstance(generator, numpy.RandomState):
        fresh = numpy.RandomState(type(generator._bit_generator)(number))  # noqa: SLF001
        generator.set_state(fresh.get_state(legacy=False))
    elif numpy is not None and isinstance(generator, numpy.BitGenerator):
        generator.state = type(generator)(number).state
        sequence = getattr(generator, "seed_seq", None)
        if isinstance(sequence, numpy.SeedSequence):  # what `spawn` makes
            _restart(sequence, number)
    else:
        generator.manual_seed(number & 0x7FFFFFFFFFFFFFFF)
