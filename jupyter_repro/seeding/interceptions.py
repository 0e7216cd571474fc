"""What is changed in libraries besides their seed: PyTorch's flags, generators without a seed.

Each change is made when its library is imported, and is recorded so that it can be undone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType

from jupyter_repro.capturing.sources.torch_flags import INDUCTOR_CONFIG, values_at
from jupyter_repro.model.options import Determinism
from jupyter_repro.seeding import dataloader, determinism
from jupyter_repro.seeding.generators import numpy, processes, python, tensorflow
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.hooks.imports import ImportHook
from jupyter_repro.seeding.hooks.switches import Change
from jupyter_repro.seeding.options import SeedOptions

Intercept = Callable[[ModuleType], tuple[list[Change], list[str]]]
"""Changes a module; returns how to undo it, and sentences on what did not work."""

_GENERATORS = (python, numpy, tensorflow, processes)

LIBRARIES = {
    "cma": "cma",
    "concurrent.futures.process": "executors",
    "duckdb": "duckdb",
    "gensim.models.word2vec": "gensim",
    "joblib.externals.loky.process_executor": "executors",
    "leidenalg": "leidenalg",
    "loky.process_executor": "executors",
    "optuna.study": "optuna",
    "pyarrow.compute": "pyarrow",
    "qiskit_aer.backends.aerbackend": "qiskit_aer",
    "SimpleITK": "simpleitk",
    "sqlite3": "sqlite",
    "stim": "stim",
}
"""A library's module → the module of `jupyter_repro.seeding.generators` that waits for it.

They stand here as well, so that one is only loaded when its library is.
"""


class Interceptions:
    """What one run has changed in libraries.

    Attributes
    ----------
    changes : list of Change
        How to undo them, in the order in which they were made.
    notes : list of str
        What did not work, as sentences.
    """

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.notes: list[str] = []

    def watch_torch(self, hook: ImportHook, level: Determinism) -> None:
        """Make PyTorch deterministic when it is imported."""
        if level == "off":
            return
        purpose = "PyTorch could not be made deterministic"
        self._watch(hook, "torch", purpose, lambda torch: determinism.apply_level(torch, level))
        if "inductor.deterministic" in values_at(level):
            purpose = "torch.compile could not be made deterministic"
            self._watch(
                hook,
                INDUCTOR_CONFIG,
                purpose,
                lambda config: (determinism.apply_to_inductor(config), []),
            )

    def watch_generators(self, hook: ImportHook, entropy: Entropy) -> None:
        """Give seeds to generators that are made without one."""
        for module in _GENERATORS:
            purpose = f"Generators of {module.MODULE} without a seed keep their own entropy"
            self._watch(hook, module.MODULE, purpose, _bound(module.intercept, entropy))
        for waits_for, name in LIBRARIES.items():
            purpose = f"Random numbers of {waits_for} keep their own entropy"
            self._watch(hook, waits_for, purpose, partial(_intercept_library, name, entropy))

    def watch_workers(
        self,
        hook: ImportHook,
        begin: dataloader.Begin,
        options: Callable[[], SeedOptions | None],
    ) -> None:
        """Begin each worker of PyTorch's DataLoader; see `dataloader.intercept`."""
        purpose = "Workers of PyTorch's DataLoader could not be seeded"
        self._watch(
            hook,
            dataloader.MODULE,
            purpose,
            lambda module: dataloader.intercept(module, begin, options),
        )

    def _watch(self, hook: ImportHook, module: str, purpose: str, intercept: Intercept) -> None:
        def run(module: ModuleType) -> None:
            changes, notes = intercept(module)
            self.changes += changes
            self.notes += [note for note in notes if note not in self.notes]

        hook.watch(module, purpose, run)


def _bound(
    intercept: Callable[[ModuleType, Entropy], tuple[list[Change], list[str]]], entropy: Entropy
) -> Intercept:
    return lambda module: intercept(module, entropy)


def _intercept_library(
    name: str, entropy: Entropy, module: ModuleType
) -> tuple[list[Change], list[str]]:
    ours = import_module(f"jupyter_repro.seeding.generators.{name}")
    changed: tuple[list[Change], list[str]] = ours.intercept(module, entropy)
    return changed
