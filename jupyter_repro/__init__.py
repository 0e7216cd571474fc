"""Seed, record and check the environment behind a notebook, from inside the notebook.

In a notebook::

    %load_ext jupyter_repro
    %repro seed=42

In a script the same parts are functions; they are loaded when they are first asked for, so that
importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from jupyter_repro._version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.capturing import capture
    from jupyter_repro.comparison.compare import compare
    from jupyter_repro.comparison.policy import load_policy
    from jupyter_repro.errors import ReproError
    from jupyter_repro.expecting import expect
    from jupyter_repro.lift import read_document
    from jupyter_repro.report import Report
    from jupyter_repro.seeding import (
        draws,
        findings,
        get_rng_state,
        seed_all,
        set_rng_state,
        unseed,
    )
    from jupyter_repro.snapshot import Snapshot
    from jupyter_repro.workers import rng, task_seeds, worker_init_fn

__all__ = [
    "Report",
    "ReproError",
    "Snapshot",
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
    "Report": "report",
    "Snapshot": "snapshot",
    "capture": "capturing",
    "compare": "comparison.compare",
    "draws": "seeding",
    "expect": "expecting",
    "findings": "seeding",
    "get_rng_state": "seeding",
    "load_policy": "comparison.policy",
    "read_document": "lift",
    "rng": "workers",
    "seed_all": "seeding",
    "set_rng_state": "seeding",
    "task_seeds": "workers",
    "unseed": "seeding",
    "worker_init_fn": "workers",
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
    from jupyter_repro.magic import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Undo everything: what ``%unload_ext jupyter_repro`` calls."""
    from jupyter_repro.magic import unload

    unload(shell)
