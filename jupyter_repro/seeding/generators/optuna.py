"""Optuna with several jobs: its threads take numbers, and see each other's trials, as they come."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.processes import KIND
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "optuna.study"

_JOBS = 3
"""Place of ``n_jobs`` among the arguments after the study."""


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Report studies with several jobs; return how to undo it, and no notes."""

    def make(original: Call) -> Call:
        def optimize(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
            jobs = args[_JOBS] if len(args) > _JOBS else options.get("n_jobs", 1)
            if jobs != 1:
                entropy.report(
                    KIND,
                    f"A study of Optuna runs with n_jobs={jobs}: the order of its trials, and so "
                    "their numbers, differ from run to run.",
                    "Use n_jobs=1 for a study that has to repeat.",
                    calling_frame(1),
                )
            return original(self, *args, **options)

        return optimize

    study = getattr(module, "Study", None)
    return (replace(study, "optimize", make) if study is not None else []), []
