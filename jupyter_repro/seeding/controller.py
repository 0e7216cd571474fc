"""Seed what is loaded, and the rest directly after its import; undo it all.

The one place that keeps what is seeded. It never imports a library to seed it. Undoing takes
away hooks, flags and variables; the random streams stay where they are, since nobody can say
where they would be without the seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from importlib.util import find_spec
from types import ModuleType
from typing import SupportsIndex, cast

import msgspec

from jupyter_repro.capturing.plugins import Broken
from jupyter_repro.capturing.sources.python.hash_seed import hash_seed_in_force
from jupyter_repro.capturing.sources.torch_flags import INDUCTOR_CONFIG, values_at
from jupyter_repro.errors import UsageError
from jupyter_repro.model.snapshot import Determinism
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.world import Seeding, current_world
from jupyter_repro.seeding import dataloader as torch_workers
from jupyter_repro.seeding import determinism as torch_determinism
from jupyter_repro.seeding.findings import HASH_RANDOMIZATION, RunFindings
from jupyter_repro.seeding.generators import forks, processes
from jupyter_repro.seeding.generators import numpy as numpy_generators
from jupyter_repro.seeding.generators import python as python_generators
from jupyter_repro.seeding.generators import tensorflow as tensorflow_generators
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.hooks.import_guard import ImportGuard
from jupyter_repro.seeding.hooks.imports import ImportHook
from jupyter_repro.seeding.hooks.switches import Change, undo
from jupyter_repro.seeding.options import (
    RANK_VARIABLES,
    Mode,
    SeedOptions,
    current_rank,
    parse_options,
    parse_seed,
)
from jupyter_repro.seeding.seeders import registry
from jupyter_repro.seeding.seeders.registry import State
from jupyter_repro.seeding.states import RngState, find_drawn, read_states, write_states
from jupyter_repro.seeding.streams import derive
from jupyter_repro.seeding.watch.watch import Ledger

_HASH_NOTE = (
    "PYTHONHASHSEED was not in force when this process started, so the order of sets of strings "
    "differs from run to run; it can only be set before the kernel starts: "
    "`jupyter repro kernel install NAME --seed {seed}` writes a kernel that does."
)
_INTERCEPTIONS = (python_generators, numpy_generators, tensorflow_generators, processes)


_NO_RANK = (
    "ranks=distinct changes nothing here: no launcher has told this process its number "
    f"({', '.join(RANK_VARIABLES)})."
)
_SEEDED_BY_TORCH = ("python", "numpy", "torch")

GENERATORS = "generators"
"""Name in a saved state of where the seeds for generators without one are."""


@dataclass(frozen=True)
class _Scope:
    """What was in force before `SeedController.begin_scope`."""

    options: SeedOptions | None
    path: tuple[int | str, ...]
    states: RngState
    seeded: frozenset[str]


class SeedController:
    """What this process has seeded, and how to undo it.

    Parameters
    ----------
    begin_worker
        What each worker of a DataLoader calls before it begins; it is to call `begin_worker`
        there.

    Attributes
    ----------
    findings : RunFindings
        What was seen since `start`.
    entropy : Entropy
        The answer to generators that are made without a seed.
    ledger : Ledger
        What else is seen while cells run.
    python_at_load : object
        Where Python's generator was when the extension was loaded; None where it was not.
    """

    def __init__(self, begin_worker: torch_workers.Begin) -> None:
        self._begin_worker = begin_worker
        self.findings = RunFindings()
        self.entropy = Entropy(self.findings)
        streams = self.entropy.streams
        self._guard = ImportGuard(streams.enter_import, streams.leave_import)
        self.ledger = Ledger(self.findings, self._guard.restores)
        self.python_at_load: object = None
        self._drawn_before: list[str] | None = None
        self._hook = ImportHook()
        self._options: SeedOptions | None = None
        self._path: tuple[int | str, ...] = ()
        self._waiting: dict[str, str] = {}
        self._seeded: dict[str, tuple[registry.Seeder, ModuleType]] = {}
        self._changes: list[Change] = []
        self._notes: list[str] = []
        self._scope: _Scope | None = None

    def start(
        self,
        seed: SupportsIndex | str,
        determinism: str = "warn",
        generators: str = "derive",
        mode: str = "sequential",
        ranks: str = "same",
    ) -> None:
        """Seed every library that is loaded, and the others directly after their import.

        Calling it again seeds again: the same numbers come once more.

        Parameters
        ----------
        seed, determinism, generators, mode, ranks
            See `options.SeedOptions`.

        Raises
        ------
        UsageError
            If one of them is not valid; then nothing has changed.
        """
        options = parse_options(seed, determinism, generators, mode, ranks)
        if self._drawn_before is None:  # from then on it is known what was seeded
            self._drawn_before = find_drawn(self._libraries(), self.python_at_load)
        self.stop()
        self._options = options
        self._path = self._root() if self._rank() else ()
        self.entropy.start(self._root(), options.generators)
        if options.ranks == "distinct" and self._rank() is None:
            self._notes.append(_NO_RANK)
        self._hook = ImportHook(self._guard)
        self._hook.install()
        for name, module in registry.SEEDERS.items():
            self._watch(name, module, partial(registry.builtin_seeder, name), anywhere=False)
        for name, found in _third_party().items():
            if isinstance(found, Broken):
                self._notes.append(f"The seeder {found.name} is left out: {found.reason}.")
            elif not isinstance(cast("object", found.MODULE), str):
                self._notes.append(f"The seeder {name} is left out: its MODULE is no name.")
            else:
                self._watch(name, found.MODULE, partial(_same, found), anywhere=True)
        self._watch_torch(options.determinism)
        self._watch_generators()
        self.ledger.start(self._hook)
        if hash_seed_in_force(os.environ.get("PYTHONHASHSEED")) is False:
            self.findings.add(HASH_RANDOMIZATION)
        self.ledger.drawn_before(self._drawn_before)
        self._drawn_before = []

    def stop(self) -> list[str]:
        """Remove the hook and put flags and variables back.

        Returns
        -------
        list of str
            What was left because the user has changed it since, as sentences.
        """
        self._hook.remove()
        self._hook = ImportHook()
        self.entropy.stop()
        notes = self.ledger.stop()
        notes += undo(self._changes)
        self._changes, self._notes = [], []
        self._waiting, self._seeded = {}, {}
        self._options, self._path, self._scope = None, (), None
        self.findings.clear()
        return notes

    def follow(self, cell_of: Callable[[str], str | None], is_cell: Callable[[str], bool]) -> None:
        """Name cells in findings from now on; see `recorder.Recorder`."""
        self.entropy.cell_of = cell_of
        self.ledger.follow(cell_of, is_cell)

    def poll(self) -> None:
        """Catch up with imports that the hook could not see; called before and after a cell."""
        self._hook.poll()

    def state(self) -> Seeding | None:
        """Return what is in force, or None before `start` and after `stop`."""
        if self._options is None:
            return None
        failed = self._hook.failures
        return Seeding(
            seed=self._options.seed,
            determinism=self._options.determinism,
            rank=self._rank(),
            seeded=tuple(sorted(self._seeded)),
            waiting=tuple(
                sorted(
                    name
                    for name, purpose in self._waiting.items()
                    if name not in self._seeded and purpose not in failed and _is_installed(name)
                )
            ),
        )

    def notes(self) -> list[str]:
        """Return what is not in force and why, as sentences; empty where nothing is seeded."""
        if self._options is None:
            return []
        # None: this Python hashes in a way that cannot be checked
        fixed = hash_seed_in_force(os.environ.get("PYTHONHASHSEED"))
        notes = [_HASH_NOTE.format(seed=self._options.seed)] if fixed is False else []
        notes += [
            f"{name} is not the library but a file of this folder ({file}): it was left alone."
            for name, file in self._hook.shadowed()
        ]
        notes += [f"{purpose}: {reason}" for purpose, reason in self._hook.failures.items()]
        world = current_world()
        return [redact_text(note, world) for note in [*notes, *self._notes]]

    @property
    def options(self) -> SeedOptions | None:
        """What was asked for; None where nothing is seeded."""
        return self._options

    @property
    def mode(self) -> Mode | None:
        """``sequential`` or ``cell``; None where nothing is seeded."""
        return self._options.mode if self._options else None

    def begin_cell(self, key: str) -> None:
        """Go to the numbers of a cell; does nothing unless the mode is ``cell``.

        Parameters
        ----------
        key
            The same for the same cell, whatever ran before it.
        """
        if self._options is None or self.mode != "cell":
            return
        self._path = (*self._root(), "cell", key)
        self.entropy.streams.restart(*self._path)
        self._reseed()

    def begin_worker(self, options: SeedOptions, *key: int) -> None:
        """Give this process, a worker of a DataLoader, numbers of its own.

        Python, NumPy and PyTorch stay as they are: PyTorch seeds them in its workers itself.

        Parameters
        ----------
        options
            What is in force in the parent. A worker that was not forked begins with them.
        key
            The same for the same worker in the next run.
        """
        forked = self._options is not None
        before, _ = self.save_state()
        if not forked:
            self.start(**asdict(options))
        self._path = (*self._root(), "worker", *key)
        self.entropy.streams.restart(*self._path)
        if forked:
            self._reseed_forked()
        else:
            self._reseed()
        self.load_state({name: before[name] for name in _SEEDED_BY_TORCH if name in before})

    def draw(self, bits: int, purpose: str) -> int:
        """Return the next number of the calling thread's stream of seeds.

        Raises
        ------
        UsageError
            If nothing is seeded.
        """
        self._require_seed(purpose)
        return self.entropy.streams.next(bits)

    def number_of(self, bits: int, purpose: str, *key: str) -> int:
        """Return the number that belongs to a purpose and a key, the same each time.

        Raises
        ------
        UsageError
            If nothing is seeded.
        """
        self._require_seed(purpose)
        return derive(bits, *self._root(), purpose, *key)

    def _require_seed(self, purpose: str) -> None:
        if self._options is None:
            reason = f"{purpose} needs a seed first: %repro seed=42, or jupyter_repro.seed_all(42)."
            raise UsageError(reason)

    def save_state(self) -> tuple[RngState, list[str]]:
        """Return the states of all generators of loaded libraries, see `get_rng_state`.

        Returns
        -------
        RngState
            With the position of the seeds for generators without one as `GENERATORS`.
        list of str
            What does not tell its state, as sentences.
        """
        states, notes = read_states(self._libraries())
        if self.entropy.mode is not None:
            states[GENERATORS] = {"position": self.entropy.streams.position()}
        return states, notes

    def load_state(self, states: Mapping[str, State]) -> list[str]:
        """Go back to what `save_state` returned; return what is left out, as sentences.

        Raises
        ------
        UsageError
            If it is no such state; then nothing has changed.
        """
        rest = {name: state for name, state in states.items() if name != GENERATORS}
        before = self.entropy.streams.position()
        if GENERATORS in states:
            try:
                self.entropy.streams.move_to(cast("bytes", states[GENERATORS]["position"]))
            except (KeyError, TypeError, msgspec.MsgspecError):
                reason = f"The state of {GENERATORS} is damaged."
                raise UsageError(reason) from None
        try:
            return write_states(self._libraries(), rest)
        except UsageError:
            self.entropy.streams.move_to(before)
            raise

    def begin_scope(self, seed: SupportsIndex | str) -> None:
        """Seed for a while; `end_scope` goes back to the states before.

        Raises
        ------
        UsageError
            If it is no valid seed; then nothing has changed.
        """
        number = parse_seed(seed)
        self.end_scope()
        states, _ = self.save_state()
        scope = _Scope(self._options, self._path, states, frozenset(self._seeded))
        if self._options is None:
            self.start(number, "off")
        else:
            self._options = replace(self._options, seed=number)
            self._path = self._root() if self._rank() else ()
            self.entropy.streams.restart(*self._root())
            self._reseed()
        self._scope = scope

    def end_scope(self) -> None:
        """Go back to what `begin_scope` found; does nothing after `start` or `stop`."""
        scope, self._scope = self._scope, None
        if scope is None:
            return
        self._options, self._path = scope.options, scope.path
        # What does not tell its state, or came in meanwhile, starts anew
        lost = {*self._seeded} - ({*scope.states} & scope.seeded)
        if scope.options is None:
            self.stop()
        else:
            self._reseed(lost)
        self.load_state(scope.states)

    def loaded(self) -> frozenset[str]:
        """Return the loaded libraries that there is a seeder for."""
        return frozenset(self._libraries())

    def seed_again(self, names: Collection[str]) -> None:
        """Seed some libraries as they were directly after their import; others stay."""
        self._reseed(names)

    def _libraries(self) -> dict[str, tuple[registry.Seeder, ModuleType]]:
        """Return the loaded libraries that there is a seeder for, seeded or not."""
        found = dict(self._seeded)
        for name, module_name in registry.SEEDERS.items():
            module = None if name in found else self._hook.library(module_name)
            if module is not None:
                found[name] = registry.builtin_seeder(name), module
        return found

    def remarks(self) -> list[str]:
        """Return what there is to know of loaded libraries that are not seeded, as sentences."""
        return [text for name, text in registry.UNSEEDED.items() if self._hook.library(name)]

    def _watch(
        self, name: str, module: str, load: Callable[[], registry.Seeder], *, anywhere: bool
    ) -> None:
        purpose = f"{name} could not be seeded"
        self._waiting[name] = purpose

        def seed_library(module: ModuleType) -> None:
            if self._options is not None:
                seeder = load()
                number = self._seed_for(name)
                # Dask makes the generator that it then seeds
                with self.entropy.muted(), self.ledger.muted():
                    seeder.seed(module, number)
                settings = getattr(seeder, "settings", None)
                if settings is not None:
                    self._changes += settings(module, number)
                self._seeded[name] = (seeder, module)
                self.ledger.draws.mark(name, seeder, module)
                self._guard.seeded(module)

        self._hook.watch(module, purpose, seed_library, anywhere=anywhere)

    def _reseed(self, names: Collection[str] | None = None) -> None:
        """Seed again what is seeded, or those of it."""
        for name, (seeder, module) in tuple(self._seeded.items()):
            if names is not None and name not in names:
                continue
            reseed = getattr(seeder, "reseed", seeder.seed)
            try:
                with self.ledger.muted():
                    reseed(module, self._seed_for(name))
            except Exception as error:  # noqa: BLE001 - the user's cell must run all the same
                self._hook.failures[self._waiting[name]] = f"{type(error).__name__}: {error}"

    def _watch_torch(self, level: Determinism) -> None:
        def apply_level(torch: ModuleType) -> None:
            changes, notes = torch_determinism.apply_level(torch, level)
            self._changes += changes
            self._notes += notes

        def apply_to_inductor(config: ModuleType) -> None:
            self._changes += torch_determinism.apply_to_inductor(config)

        if level == "off":
            return
        purpose = "PyTorch could not be made deterministic"
        self._hook.watch("torch", purpose, apply_level)
        if "inductor.deterministic" in values_at(level):
            purpose = "torch.compile could not be made deterministic"
            self._hook.watch(INDUCTOR_CONFIG, purpose, apply_to_inductor)

    def _watch_generators(self) -> None:
        forks.watch(self.entropy, self._reseed_child)
        purpose = "Workers of PyTorch's DataLoader could not be seeded"
        self._hook.watch(torch_workers.MODULE, purpose, self._watch_torch_workers)
        for interception in _INTERCEPTIONS:
            purpose = f"Generators of {interception.MODULE} without a seed keep their own entropy"
            self._hook.watch(
                interception.MODULE, purpose, self._interceptor(interception.intercept)
            )

    def _watch_torch_workers(self, module: ModuleType) -> None:
        changes, notes = torch_workers.intercept(module, self._begin_worker, lambda: self._options)
        self._changes += changes
        self._notes += notes

    def _interceptor(
        self, intercept: Callable[[ModuleType, Entropy], tuple[list[Change], list[str]]]
    ) -> Callable[[ModuleType], None]:
        def run(module: ModuleType) -> None:
            changes, notes = intercept(module, self.entropy)
            self._changes += changes
            self._notes += [note for note in notes if note not in self._notes]

        return run

    def _rank(self) -> int | None:
        """Return the number that sets this process apart from others; None if nothing does."""
        distinct = self._options is not None and self._options.ranks == "distinct"
        return current_rank() if distinct else None

    def _root(self) -> tuple[int | str, ...]:
        """Return what all derived numbers of this process begin with."""
        assert self._options is not None
        rank = self._rank()
        return (self._options.seed, "rank", rank) if rank else (self._options.seed,)

    def _seed_for(self, name: str) -> int:
        """Return the seed that a library gets at present.

        The user's own at first, so that the numbers are those of the usual recipe. A derived one
        is another for each library: the same would give Python and NumPy the same numbers.
        """
        assert self._options is not None
        return derive(64, *self._path, name) if self._path else self._options.seed

    def _reseed_child(self) -> None:
        """Give a forked child its own numbers."""
        self._path = (*self.entropy.streams.path(), "global")
        self._reseed_forked()

    def _reseed_forked(self) -> None:
        """Seed again, in a forked child, those libraries that may be seeded there."""
        for name, (seeder, module) in tuple(self._seeded.items()):
            reseed = getattr(seeder, "reseed_after_fork", None)
            if reseed is not None:
                with suppress(Exception), self.ledger.muted():
                    reseed(module, self._seed_for(name))


def _is_installed(name: str) -> bool:
    """Tell whether the library of a seeder can be imported; a third party's counts always."""
    module = registry.SEEDERS.get(name)
    if module is None:
        return True
    try:
        return find_spec(module.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _same(seeder: registry.Seeder) -> registry.Seeder:
    return seeder


@cache
def _third_party() -> dict[str, registry.Seeder | Broken]:
    # Reading all entry points costs 11 to 25 ms: once a process, and not at import
    return registry.third_party_seeders()
