"""Qiskit Aer: simulations without ``seed_simulator`` take the system's entropy."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "qiskit_aer.backends.aerbackend"

_WHAT = "A simulation of Qiskit Aer"
_SEED = "seed_simulator"


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Let `entropy` seed simulations; return how to undo it, and no notes."""

    def make(original: Call) -> Call:
        def run(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
            of_backend = getattr(getattr(self, "options", None), _SEED, None)
            unseeded = options.get(_SEED) is None and of_backend is None
            if unseeded and entropy.derives(calling_frame(1), _WHAT):
                options[_SEED] = entropy.streams.next(31)
            return original(self, *args, **options)

        return run

    backend = getattr(module, "AerBackend", None)
    return (replace(backend, "run", make) if backend is not None else []), []
