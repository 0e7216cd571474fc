"""Seed, record and check the environment behind a notebook, from inside the notebook.

In a notebook::

    %load_ext jupyter_repro
    %repro seed=42

In a script you call the same parts as functions. They are loaded on first use, so that importing
this package costs nothing. A probe of your own takes a `World` and returns a `ThirdPartyLayer`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from jupyter_repro._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.capturing.capture import capture
    from jupyter_repro.comparing.environments.compare import compare
    from jupyter_repro.comparing.environments.policy import load_policy
    from jupyter_repro.errors import ReproError
    from jupyter_repro.kernel.expect import expect
    from jupyter_repro.model.report import Report
    from jupyter_repro.model.snapshot import Snapshot, ThirdPartyLayer
    from jupyter_repro.notebook.lift import read_document
    from jupyter_repro.safety.world import World
    from jupyter_repro.seeding.api import (
        draws,
        findings,
        get_rng_state,
        seed_all,
        set_rng_state,
        unseed,
    )
    from jupyter_repro.seeding.tasks import rng, task_seeds, worker_init_fn

__all__ = [
    "Report",
    "ReproError",
    "Snapshot",
    "ThirdPartyLayer",
    "World",
    "__version__",
    "capture",
    "compare",
    "draws",
    "expect",
    "findings",
    "get_rng_state",
    "load_ipython_extension",
    "load_policy",
    "read_document",
    "rng",
    "seed_all",
    "set_rng_state",
    "task_seeds",
    "unload_ipython_extension",
    "unseed",
    "worker_init_fn",
]

_MODULE_OF = {
    "ReproError": "errors",
    "Report": "model.report",
    "Snapshot": "model.snapshot",
    "ThirdPartyLayer": "model.snapshot",
    "World": "safety.world",
    "capture": "capturing.capture",
    "compare": "comparing.environments.compare",
    "draws": "seeding.api",
    "expect": "kernel.expect",
    "findings": "seeding.api",
    "get_rng_state": "seeding.api",
    "load_policy": "comparing.environments.policy",
    "read_document": "notebook.lift",
    "rng": "seeding.tasks",
    "seed_all": "seeding.api",
    "set_rng_state": "seeding.api",
    "task_seeds": "seeding.tasks",
    "unseed": "seeding.api",
    "worker_init_fn": "seeding.tasks",
}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        reason = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(reason)
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register `%repro`: what ``%load_ext jupyter_repro`` calls."""
    from jupyter_repro.kernel.magic import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Undo everything: what ``%unload_ext jupyter_repro`` calls."""
    from jupyter_repro.kernel.magic import unload

    unload(shell)
