"""The libraries that have a seeder: seed them when they are imported, and again later.

No library is imported in order to seed it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from functools import cache, partial
from importlib.util import find_spec
from types import ModuleType
from typing import cast

from jupyter_repro.capturing.plugins import Broken
from jupyter_repro.errors import clause
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.hooks.import_guard import ImportGuard
from jupyter_repro.seeding.hooks.imports import ImportHook
from jupyter_repro.seeding.hooks.switches import Change
from jupyter_repro.seeding.seeders import registry
from jupyter_repro.seeding.watch.watch import Ledger


class SeededLibraries:
    """Which libraries are seeded, and which will be when they are imported.

    Parameters
    ----------
    entropy, ledger
        Those of this process; they ignore what happens while a library is seeded.
    guard
        Is informed of each library that is seeded.

    Attributes
    ----------
    hook : ImportHook
        Notices imports, for others as well.
    """

    def __init__(self, entropy: Entropy, ledger: Ledger, guard: ImportGuard) -> None:
        self.hook = ImportHook()
        self._entropy = entropy
        self._ledger = ledger
        self._guard = guard
        self._waiting: dict[str, str] = {}
        self._seeded: dict[str, tuple[registry.Seeder, ModuleType]] = {}

    def start(self, seed_for: Callable[[str], int], changes: list[Change]) -> list[str]:
        """Seed what is loaded, and the rest directly after its import.

        Parameters
        ----------
        seed_for
            Returns the seed of a library, by the seeder's name.
        changes
            The list to which the other settings of a seeder are added.

        Returns
        -------
        list of str
            Which seeders of third parties are left out and why, as sentences.
        """
        notes = []
        self.hook = ImportHook(self._guard)
        self.hook.install()
        self._seed_for, self._changes = seed_for, changes
        for name, module in registry.SEEDERS.items():
            self._watch(name, module, partial(registry.builtin_seeder, name), anywhere=False)
        for name, found in third_party().items():
            if isinstance(found, Broken):
                notes.append(f"The seeder {found.name} is left out: {clause(found.reason)}.")
            elif not isinstance(cast("object", found.MODULE), str):
                notes.append(f"The seeder {name} is left out: its MODULE is no name.")
            else:
                self._watch(name, found.MODULE, partial(_same, found), anywhere=True)
        return notes

    def stop(self) -> None:
        """Seed no library any more."""
        self.hook.remove()
        self.hook = ImportHook()
        self._waiting, self._seeded = {}, {}

    @property
    def seeded(self) -> frozenset[str]:
        """Names of the seeders whose libraries are seeded."""
        return frozenset(self._seeded)

    @property
    def waiting(self) -> frozenset[str]:
        """Names of the seeders whose libraries are installed, but not imported yet."""
        failed = self.hook.failures
        return frozenset(
            name
            for name, purpose in self._waiting.items()
            if name not in self._seeded and purpose not in failed and _is_installed(name)
        )

    def loaded(self) -> dict[str, tuple[registry.Seeder, ModuleType]]:
        """Return the loaded libraries that have a seeder, seeded or not."""
        found = dict(self._seeded)
        for name, module_name in registry.SEEDERS.items():
            module = None if name in found else self.hook.library(module_name)
            if module is not None:
                found[name] = registry.builtin_seeder(name), module
        return found

    def remarks(self) -> list[str]:
        """Return remarks on loaded libraries that are not seeded, as sentences."""
        return [text for name, text in registry.UNSEEDED.items() if self.hook.library(name)]

    def reseed(self, names: Collection[str] | None = None) -> None:
        """Seed again the libraries that are seeded, or only some of them."""
        for name, (seeder, module) in tuple(self._seeded.items()):
            if names is not None and name not in names:
                continue
            reseed = getattr(seeder, "reseed", seeder.seed)
            try:
                with self._ledger.muted():
                    reseed(module, self._seed_for(name))
            except Exception as error:  # noqa: BLE001 - the user's cell must run all the same
                self.hook.failures[self._waiting[name]] = f"{type(error).__name__}: {error}"

    def reseed_forked(self) -> None:
        """Seed again, in a forked child, those libraries that may be seeded there."""
        for name, (seeder, module) in tuple(self._seeded.items()):
            reseed = getattr(seeder, "reseed_after_fork", None)
            if reseed is not None:
                with suppress(Exception), self._ledger.muted():
                    reseed(module, self._seed_for(name))

    def _watch(
        self, name: str, module: str, load: Callable[[], registry.Seeder], *, anywhere: bool
    ) -> None:
        purpose = f"{name} could not be seeded"
        self._waiting[name] = purpose

        def seed_library(module: ModuleType) -> None:
            seeder = load()
            number = self._seed_for(name)
            # Dask makes the generator that it then seeds
            with self._entropy.muted(), self._ledger.muted():
                seeder.seed(module, number)
            settings = getattr(seeder, "settings", None)
            if settings is not None:
                self._changes += settings(module, number)
            self._seeded[name] = (seeder, module)
            self._ledger.draws.mark(name, seeder, module)
            self._guard.seeded(module)

        self.hook.watch(module, purpose, seed_library, anywhere=anywhere)


def _is_installed(name: str) -> bool:
    """Return whether the library of a seeder can be imported; a third party's always counts."""
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
def third_party() -> dict[str, registry.Seeder | Broken]:
    """Return the seeders of third parties, read once per process."""
    # Reading all entry points costs 11 to 25 ms: not at import
    return registry.third_party_seeders()
