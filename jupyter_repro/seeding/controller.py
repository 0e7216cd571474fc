"""Seed what is loaded, and the rest directly after its import; undo it all.

Only this module records what is seeded. It never imports a library to seed it. Undoing removes
hooks, flags and variables; the generators keep their current state, because restoring it would also
undo your own draws.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import SupportsIndex

from jupyter_repro.capturing.sources.python.hash_seed import hash_seed_in_force
from jupyter_repro.model.options import Mode
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.world import Seeding, current_world
from jupyter_repro.seeding import scope
from jupyter_repro.seeding.findings import HASH_RANDOMIZATION, RunFindings
from jupyter_repro.seeding.generators import forks
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.kept import Kept
from jupyter_repro.seeding.hooks.import_guard import ImportGuard
from jupyter_repro.seeding.hooks.switches import undo
from jupyter_repro.seeding.interceptions import Interceptions
from jupyter_repro.seeding.libraries import SeededLibraries
from jupyter_repro.seeding.numbers import Numbers
from jupyter_repro.seeding.options import RANK_VARIABLES, SeedOptions, parse_seed
from jupyter_repro.seeding.seeders.registry import State
from jupyter_repro.seeding.states import RngState, find_drawn
from jupyter_repro.seeding.watch.watch import Ledger

_HASH_NOTE = (
    "PYTHONHASHSEED was not set when this process started, so sets of strings are ordered "
    "differently in each run. It can only be set before the kernel starts: "
    "`jupyter repro kernel install NAME --seed {seed}` writes a kernel that does so."
)
_NO_RANK = (
    "ranks=distinct changes nothing here: no launcher has given this process a number "
    f"({', '.join(RANK_VARIABLES)})."
)
_SEEDED_BY_TORCH = ("python", "numpy", "torch")


class SeedController:
    """What this process has seeded, and how to undo it.

    Attributes
    ----------
    findings : RunFindings
        What was seen since `start`.
    entropy : Entropy
        Seeds for generators that are made without a seed.
    ledger : Ledger
        What else was seen while cells ran.
    """

    def __init__(self) -> None:
        self.findings = RunFindings()
        self.entropy = Entropy(self.findings)
        streams = self.entropy.streams
        guard = ImportGuard(streams.enter_import, streams.leave_import)
        self.ledger = Ledger(self.findings, guard.restores)
        self._libraries = SeededLibraries(self.entropy, self.ledger, guard)
        self._made = Interceptions()
        self._numbers: Numbers | None = None
        self._notes: list[str] = []
        self._scope: scope.Scope | None = None
        self._kept = Kept()
        self._python_at_load: object = None
        self._drawn_before: list[str] | None = None

    def remember_load(self, state: object) -> None:
        """Keep the state that Python's generator had when the extension was loaded.

        Parameters
        ----------
        state
            As `random.getstate` returns it; None if `random` was not imported.
        """
        self._python_at_load = state

    def start(self, options: SeedOptions) -> None:
        """Seed every library that is loaded, and the others directly after their import.

        A second call seeds again, so you get the same numbers again.
        """
        if self._drawn_before is None:  # from then on it is known what was seeded
            self._drawn_before = find_drawn(self._libraries.loaded(), self._python_at_load)
        kept = self._kept
        self.stop()
        self._kept = kept  # the generators of the notebook are still there
        self._numbers = numbers = Numbers.of(options)
        self.entropy.start(numbers.root, options.generators)
        if options.ranks == "distinct" and numbers.rank is None:
            self._notes.append(_NO_RANK)
        self._made = made = Interceptions()
        self._notes += self._libraries.start(self._seed_for, made.changes)
        hook = self._libraries.hook
        made.watch_torch(hook, options.determinism)
        forks.watch(self.entropy, self._reseed_child)
        made.watch_workers(hook, begin_worker, lambda: self.options)
        made.watch_generators(hook, self.entropy)
        self.ledger.start(hook)
        if hash_seed_in_force(os.environ.get("PYTHONHASHSEED")) is False:
            self.findings.add(HASH_RANDOMIZATION)
        self.ledger.drawn_before(self._drawn_before)
        self._drawn_before = []

    def stop(self) -> list[str]:
        """Remove the hook and put flags and variables back.

        Returns
        -------
        list of str
            A sentence for each thing that was not put back, because the user has changed it since.
        """
        self._libraries.stop()
        self.entropy.stop()
        notes = self.ledger.stop()
        notes += undo(self._made.changes)
        self._made, self._notes = Interceptions(), []
        self._numbers = self._scope = None
        self._kept = Kept()
        self.findings.clear()
        return notes

    def follow(self, cell_of: Callable[[str], str | None], is_cell: Callable[[str], bool]) -> None:
        """Identify cells in findings from now on; see `recorder.Recorder`."""
        self.entropy.cell_of = cell_of
        self.ledger.follow(cell_of, is_cell)

    def poll(self) -> None:
        """Catch up with imports that the hook could not see; called before and after a cell."""
        self._libraries.hook.poll()

    def state(self) -> Seeding | None:
        """Return what is seeded and how, or None before `start` and after `stop`."""
        if self._numbers is None:
            return None
        return Seeding(
            seed=self._numbers.options.seed,
            determinism=self._numbers.options.determinism,
            rank=self._numbers.rank,
            seeded=tuple(sorted(self._libraries.seeded)),
            waiting=tuple(sorted(self._libraries.waiting)),
        )

    def notes(self) -> list[str]:
        """Return what does not work and why, as sentences; empty if nothing is seeded."""
        if self._numbers is None:
            return []
        hook = self._libraries.hook
        # None: this Python hashes in a way that cannot be checked
        fixed = hash_seed_in_force(os.environ.get("PYTHONHASHSEED"))
        notes = [_HASH_NOTE.format(seed=self._numbers.options.seed)] if fixed is False else []
        notes += [
            f"{name} is not the library but a file of this folder ({file}): it was left alone."
            for name, file in hook.shadowed()
        ]
        notes += [f"{purpose}: {reason}" for purpose, reason in hook.failures.items()]
        context = current_world()
        all_of = [*notes, *self._notes, *self._made.notes]
        return [redact_text(note, context) for note in all_of]

    def remarks(self) -> list[str]:
        """Return remarks on loaded libraries that are not seeded, as sentences."""
        return self._libraries.remarks()

    @property
    def numbers(self) -> Numbers | None:
        """The numbers that are derived from the seed at present; None if nothing is seeded."""
        return self._numbers

    @property
    def options(self) -> SeedOptions | None:
        """The options that the user chose; None if nothing is seeded."""
        return self._numbers.options if self._numbers else None

    @property
    def mode(self) -> Mode | None:
        """``sequential`` or ``cell``; None if nothing is seeded."""
        return self._numbers.options.mode if self._numbers else None

    def begin_cell(
        self, key: str, source: str = "", namespace: Mapping[str, object] | None = None
    ) -> None:
        """Go to the numbers of a cell; do nothing unless the mode is ``cell``.

        Parameters
        ----------
        key
            The same for the same cell, whatever ran before it.
        source, namespace
            The text of the cell and the notebook's variables; see `kept.Kept`.
        """
        if self._numbers is None or self.mode != "cell":
            return
        self._numbers = self._numbers.below("cell", key)
        self.entropy.streams.restart(*self._numbers.path)
        self._libraries.reseed()
        with self.entropy.muted(), self.ledger.muted():
            self._kept.begin_cell(key, source, namespace or {}, self._numbers.seed_for)

    def begin_worker(self, options: SeedOptions, *key: int) -> None:
        """Give this process, a worker of a DataLoader, its own numbers.

        Python, NumPy and PyTorch are left out: PyTorch itself seeds them in its workers.

        Parameters
        ----------
        options
            The options of the parent. A worker that was not forked begins with them.
        key
            The same for the same worker in the next run.
        """
        forked = self._numbers is not None
        before, _ = self.save_state()
        if self._numbers is None:
            self.start(options)
        self._numbers = (self._numbers or Numbers.of(options)).below("worker", *key)
        self.entropy.streams.restart(*self._numbers.path)
        if forked:
            self._libraries.reseed_forked()
        else:
            self._libraries.reseed()
        self.load_state({name: before[name] for name in _SEEDED_BY_TORCH if name in before})

    def save_state(self) -> tuple[RngState, list[str]]:
        """Return the states of all generators of loaded libraries; see `scope.save_state`."""
        return scope.save_state(self._libraries.loaded(), self.entropy)

    def load_state(self, states: Mapping[str, State]) -> list[str]:
        """Go back to what `save_state` returned; see `scope.load_state`."""
        return scope.load_state(self._libraries.loaded(), self.entropy, states)

    def begin_scope(self, seed: SupportsIndex | str) -> None:
        """Seed for a while; `end_scope` goes back to the states before.

        Raises
        ------
        UsageError
            If the seed is not valid; then nothing has changed.
        """
        number = parse_seed(seed)
        self.end_scope()
        states, _ = self.save_state()
        before = scope.Scope(self._numbers, states, self._libraries.seeded)
        if self._numbers is None:
            self.start(SeedOptions(number, determinism="off"))
        else:
            self._numbers = Numbers.of(self._numbers.options._replace(seed=number))
            self.entropy.streams.restart(*self._numbers.root)
            self._libraries.reseed()
        self._scope = before

    def end_scope(self) -> None:
        """Go back to the states before `begin_scope`; do nothing after `start` or `stop`."""
        before, self._scope = self._scope, None
        if before is None:
            return
        self._numbers = before.numbers
        if before.numbers is None:
            self.stop()
        else:
            self._libraries.reseed(before.lost(self._libraries.seeded))
        self.load_state(before.states)

    def loaded(self) -> frozenset[str]:
        """Return the loaded libraries that have a seeder."""
        return frozenset(self._libraries.loaded())

    def seed_again(self, names: Collection[str]) -> None:
        """Seed some libraries as directly after their import; leave the others alone."""
        self._libraries.reseed(names)

    def _seed_for(self, name: str) -> int:
        assert self._numbers is not None
        return self._numbers.seed_for(name)

    def _reseed_child(self) -> None:
        """Give a forked child its own numbers."""
        assert self._numbers is not None
        path = (*self.entropy.streams.path(), "global")
        self._numbers = self._numbers._replace(path=path)
        self._libraries.reseed_forked()


@cache
def current_controller() -> SeedController:
    """Return the controller of this process: generators and flags belong to all of it."""
    return SeedController()


def begin_worker(options: SeedOptions, base_seed: int, worker_id: int) -> None:
    """Begin a worker of a DataLoader; see `dataloader.Begin`.

    It is a function of this module, because a worker that is not forked gets it by name.
    """
    current_controller().begin_worker(options, base_seed, worker_id)
