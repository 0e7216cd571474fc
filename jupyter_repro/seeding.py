"""Seed what is loaded, and the rest directly after its import; undo it all.

The one place that keeps what is seeded. It never imports a library to seed it. Undoing takes
away hooks, flags and variables; the random streams stay where they are, since nobody can say
where they would be without the seed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import ModuleType
from typing import SupportsIndex, cast

import msgspec

from jupyter_repro import registry, torch_determinism
from jupyter_repro.generators import forks
from jupyter_repro.generators import numpy as numpy_generators
from jupyter_repro.generators import python as python_generators
from jupyter_repro.generators.entropy import Entropy
from jupyter_repro.import_hook import ImportHook
from jupyter_repro.redact import redact_text
from jupyter_repro.run_findings import RunFinding, RunFindings
from jupyter_repro.seed_options import SeedOptions, parse_options
from jupyter_repro.snapshot import Determinism
from jupyter_repro.sources.hash_seed import hash_seed_in_force
from jupyter_repro.streams import derive
from jupyter_repro.switches import Change, undo
from jupyter_repro.world import Seeding, current_world

_HASH_NOTE = (
    "PYTHONHASHSEED was not in force when this process started, so the order of sets of strings "
    "differs from run to run; it can only be set before the kernel starts."
)
_HASH_FINDING = RunFinding(
    kind="hash-randomization",
    what="The order of sets of strings, and all that follows from it, differs from run to run.",
    advice="Start the kernel with PYTHONHASHSEED=0 in its environment, or sort such sets.",
)

_INTERCEPTIONS = (python_generators, numpy_generators)


class SeedController:
    """What this process has seeded, and how to undo it.

    Attributes
    ----------
    findings : RunFindings
        What was seen since `start`.
    entropy : Entropy
        The answer to generators that are made without a seed.
    """

    def __init__(self) -> None:
        self.findings = RunFindings()
        self.entropy = Entropy(self.findings)
        self._hook = ImportHook()
        self._options: SeedOptions | None = None
        self._path: tuple[int | str, ...] = ()
        self._waiting: dict[str, str] = {}
        self._seeded: dict[str, tuple[registry.Seeder, ModuleType]] = {}
        self._changes: list[Change] = []
        self._notes: list[str] = []

    def start(
        self,
        seed: SupportsIndex | str,
        determinism: str = "warn",
        generators: str = "derive",
        mode: str = "sequential",
    ) -> None:
        """Seed every library that is loaded, and the others directly after their import.

        Calling it again seeds again: the same numbers come once more.

        Parameters
        ----------
        seed, determinism, generators, mode
            See `seed_options.SeedOptions`.

        Raises
        ------
        UsageError
            If one of them is not valid; then nothing has changed.
        """
        options = parse_options(seed, determinism, generators, mode)
        self.stop()
        self._options = options
        self._hook.install()
        for name, seeder in registry.builtin_seeders().items():
            self._watch(name, seeder, anywhere=False)
        for name, found in _third_party().items():
            if isinstance(found, registry.Broken):
                self._notes.append(f"The seeder {found.name} is left out: {found.reason}.")
            elif not isinstance(cast("object", found.MODULE), str):
                self._notes.append(f"The seeder {name} is left out: its MODULE is no name.")
            else:
                self._watch(name, found, anywhere=True)
        self._watch_torch(options.determinism)
        self._watch_generators(options)
        if hash_seed_in_force(os.environ.get("PYTHONHASHSEED")) is False:
            self.findings.add(_HASH_FINDING)

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
        notes = undo(self._changes)
        self._changes, self._notes = [], []
        self._waiting, self._seeded = {}, {}
        self._options, self._path = None, ()
        self.findings.clear()
        return notes

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
            seeded=tuple(sorted(self._seeded)),
            waiting=tuple(
                sorted(
                    name
                    for name, purpose in self._waiting.items()
                    if name not in self._seeded and purpose not in failed
                )
            ),
        )

    def notes(self) -> list[str]:
        """Return what is not in force and why, as sentences; empty where nothing is seeded."""
        if self._options is None:
            return []
        # None: this Python hashes in a way that cannot be checked
        fixed = hash_seed_in_force(os.environ.get("PYTHONHASHSEED"))
        notes = [_HASH_NOTE] if fixed is False else []
        notes += [
            f"{name} is not the library but a file of this folder ({file}): it was left alone."
            for name, file in self._hook.shadowed()
        ]
        notes += [f"{purpose}: {reason}" for purpose, reason in self._hook.failures.items()]
        world = current_world()
        return [redact_text(note, world) for note in [*notes, *self._notes]]

    def _watch(self, name: str, seeder: registry.Seeder, *, anywhere: bool) -> None:
        purpose = f"{name} could not be seeded"
        self._waiting[name] = purpose

        def seed_library(module: ModuleType) -> None:
            if self._options is not None:
                seeder.seed(module, self._seed_for(name))
                self._seeded[name] = (seeder, module)

        self._hook.watch(seeder.MODULE, purpose, seed_library, anywhere=anywhere)

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
        if level != "cudnn":
            purpose = "torch.compile could not be made deterministic"
            self._hook.watch(torch_determinism.INDUCTOR_CONFIG, purpose, apply_to_inductor)

    def _watch_generators(self, options: SeedOptions) -> None:
        self.entropy.start(options.seed, options.generators)
        forks.watch(self.entropy, self._reseed_child)
        for interception in _INTERCEPTIONS:
            purpose = f"Generators of {interception.MODULE} without a seed keep their own entropy"
            self._hook.watch(
                interception.MODULE, purpose, self._interceptor(interception.intercept)
            )

    def _interceptor(
        self, intercept: Callable[[ModuleType, Entropy], tuple[list[Change], list[str]]]
    ) -> Callable[[ModuleType], None]:
        def run(module: ModuleType) -> None:
            changes, notes = intercept(module, self.entropy)
            self._changes += changes
            self._notes += [note for note in notes if note not in self._notes]

        return run

    def _seed_for(self, name: str) -> int:
        """Return the seed that a library gets at present.

        The user's own at first, so that the numbers are those of the usual recipe. A derived one
        is another for each library: the same would give Python and NumPy the same numbers.
        """
        assert self._options is not None
        return derive(64, *self._path, name) if self._path else self._options.seed

    def _reseed_child(self) -> None:
        """Give a forked child its own numbers, in those libraries that may be seeded there."""
        self._path = (*self.entropy.streams.path(), "global")
        for name, (seeder, module) in tuple(self._seeded.items()):
            reseed = getattr(seeder, "reseed_after_fork", None)
            if reseed is not None:
                with suppress(Exception):
                    reseed(module, self._seed_for(name))


@cache
def current_controller() -> SeedController:
    """Return the controller of this process: generators and flags belong to all of it."""
    return SeedController()


def seed_all(
    seed: SupportsIndex | str, determinism: str = "warn", generators: str = "derive"
) -> Seeding:
    """Seed every random generator of this process: `%repro seed=…` for a script.

    Parameters
    ----------
    seed
        Integer from 0 to 2**64 - 1.
    determinism
        ``strict``, ``warn``, ``cudnn`` or ``off``; see `torch_determinism.apply_level`.
    generators
        ``derive`` or ``report``: what becomes of generators that are made without a seed; see
        `seed_options.SeedOptions`.

    Returns
    -------
    Seeding
        The libraries that are seeded, and those that will be when they are imported.

    Raises
    ------
    UsageError
        If one of them is not valid.

    Examples
    --------
    >>> seed_all(42).seed
    42
    """
    controller = current_controller()
    controller.start(seed, determinism, generators)
    return cast("Seeding", controller.state())


def unseed() -> list[str]:
    """Undo `seed_all`; return what was left because it was changed since, as sentences."""
    return current_controller().stop()


def findings() -> list[dict[str, object]]:
    """Return what was seen in this run that keeps its results from repeating, or nearly did.

    Returns
    -------
    list of dict
        With the fields of `run_findings.RunFinding`: ``kind``, ``what``, ``advice``, ``cell``,
        ``file``, ``line`` and ``count``; the newest run's, at most `run_findings.MAX_FINDINGS`.
    """
    return [msgspec.structs.asdict(found) for found in current_controller().findings.all()]


@cache
def _third_party() -> dict[str, registry.Seeder | registry.Broken]:
    # Reading all entry points costs 11 to 25 ms: once a process, and not at import
    return registry.third_party_seeders()
