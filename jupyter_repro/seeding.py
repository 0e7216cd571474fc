"""Seed what is loaded, and the rest directly after its import; undo it all.

The one place that keeps what is seeded. It never imports a library to seed it. Undoing takes
away hooks, flags and variables; the random streams stay where they are, since nobody can say
where they would be without the seed.
"""

from __future__ import annotations

import difflib
import operator
import os
import re
from functools import cache
from types import ModuleType
from typing import SupportsIndex, cast, get_args

from jupyter_repro import registry, torch_determinism
from jupyter_repro.errors import UsageError
from jupyter_repro.import_hook import ImportHook
from jupyter_repro.redact import redact_text
from jupyter_repro.snapshot import Determinism
from jupyter_repro.sources.hash_seed import hash_seed_in_force
from jupyter_repro.world import Seeding, current_world

MAX_SEED = 2**64 - 1

LEVELS: tuple[Determinism, ...] = get_args(Determinism)

_HASH_NOTE = (
    "PYTHONHASHSEED was not in force when this process started, so the order of sets of strings "
    "differs from run to run; it can only be set before the kernel starts."
)


class SeedController:
    """What this process has seeded, and how to undo it."""

    def __init__(self) -> None:
        self._hook = ImportHook()
        self._request: tuple[int, Determinism] | None = None
        self._waiting: dict[str, str] = {}
        self._seeded: dict[str, str] = {}
        self._changes: list[torch_determinism.Change] = []
        self._notes: list[str] = []

    def start(self, seed: SupportsIndex | str, determinism: str = "warn") -> None:
        """Seed every library that is loaded, and the others directly after their import.

        Calling it again seeds again: the same numbers come once more.

        Parameters
        ----------
        seed
            As `parse_seed` takes it.
        determinism
            One of `LEVELS`; see `torch_determinism.apply_level`.

        Raises
        ------
        UsageError
            If one of them is not valid; then nothing has changed.
        """
        number, level = parse_seed(seed), parse_determinism(determinism)
        self.stop()
        self._request = number, level
        self._hook.install()
        for name, seeder in registry.builtin_seeders().items():
            self._watch(name, seeder, number, anywhere=False)
        for name, found in _third_party().items():
            if isinstance(found, registry.Broken):
                self._notes.append(f"The seeder {found.name} is left out: {found.reason}.")
            elif not isinstance(cast("object", found.MODULE), str):
                self._notes.append(f"The seeder {name} is left out: its MODULE is no name.")
            else:
                self._watch(name, found, number, anywhere=True)
        self._watch_torch(level)

    def stop(self) -> list[str]:
        """Remove the hook and put flags and variables back.

        Returns
        -------
        list of str
            What was left because the user has changed it since, as sentences.
        """
        self._hook.remove()
        self._hook = ImportHook()
        notes = torch_determinism.undo(self._changes)
        self._changes, self._notes = [], []
        self._waiting, self._seeded = {}, {}
        self._request = None
        return notes

    def poll(self) -> None:
        """Catch up with imports that the hook could not see; called before and after a cell."""
        self._hook.poll()

    def state(self) -> Seeding | None:
        """Return what is in force, or None before `start` and after `stop`."""
        if self._request is None:
            return None
        seed, determinism = self._request
        failed = self._hook.failures
        return Seeding(
            seed=seed,
            determinism=determinism,
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
        if self._request is None:
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

    def _watch(self, name: str, seeder: registry.Seeder, seed: int, *, anywhere: bool) -> None:
        purpose = f"{name} could not be seeded"
        self._waiting[name] = purpose

        def seed_library(module: ModuleType) -> None:
            seeder.seed(module, seed)
            self._seeded[name] = purpose

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


@cache
def current_controller() -> SeedController:
    """Return the controller of this process: generators and flags belong to all of it."""
    return SeedController()


def seed_all(seed: SupportsIndex | str, determinism: str = "warn") -> Seeding:
    """Seed every random generator of this process: `%repro seed=…` for a script.

    Parameters
    ----------
    seed
        Integer from 0 to 2**64 - 1.
    determinism
        ``strict``, ``warn``, ``cudnn`` or ``off``; see `torch_determinism.apply_level`.

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
    controller.start(seed, determinism)
    return cast("Seeding", controller.state())


def unseed() -> list[str]:
    """Undo `seed_all`; return what was left because it was changed since, as sentences."""
    return current_controller().stop()


def parse_seed(seed: SupportsIndex | str) -> int:
    """Return a seed as an integer from 0 to `MAX_SEED`.

    Parameters
    ----------
    seed
        An integer of any type (NumPy's too), or its decimal digits.

    Raises
    ------
    UsageError
        If it is something else.
    """
    number = _integer(seed)
    if number is None or not 0 <= number <= MAX_SEED:
        # Not the number itself: Python refuses to print one with thousands of digits
        shown = repr(seed)[:40] if number is None else "a negative one"
        if number is not None and number > MAX_SEED:
            shown = "a larger one"
        reason = f"seed must be an integer from 0 to {MAX_SEED}, not {shown}; for instance seed=42"
        raise UsageError(reason)
    return number


def _integer(seed: object) -> int | None:
    if isinstance(seed, bool):
        return None
    if isinstance(seed, str):
        digits = len(seed) <= 100 and re.fullmatch(r"\s*[+-]?[0-9]+\s*", seed, re.ASCII)
        return int(seed) if digits else None
    try:
        return operator.index(cast("SupportsIndex", seed))
    except TypeError:
        return None


def parse_determinism(text: str) -> Determinism:
    """Return the level of that name.

    Raises
    ------
    UsageError
        If there is none; the message names the nearest one.
    """
    for level in LEVELS:
        if text == level:
            return level
    near = difflib.get_close_matches(str(text), LEVELS, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    reason = f"determinism must be one of {', '.join(LEVELS)}, not {str(text)[:40]!r}{hint}"
    raise UsageError(reason)


@cache
def _third_party() -> dict[str, registry.Seeder | registry.Broken]:
    # Reading all entry points costs 11 to 25 ms: once a process, and not at import
    return registry.third_party_seeders()
