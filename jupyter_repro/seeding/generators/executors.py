"""Executors whose processes outlive a call: each use is reported, not only the start.

loky keeps its processes for the next call. A cell that runs again starts none, and would lose the
finding although nothing about it has changed.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.generators.processes import report_pool
from jupyter_repro.seeding.generators.replacing import Call, replace
from jupyter_repro.seeding.hooks.switches import Change

MODULES = (
    "concurrent.futures.process",
    "joblib.externals.loky.process_executor",
    "loky.process_executor",
)


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Report uses to `entropy`; return how to undo it, and no notes."""

    def make(original: Call) -> Call:
        def submit(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
            future = original(self, *args, **options)
            if entropy.mode is not None:
                report_pool(entropy)
            return future

        return submit

    executor = getattr(module, "ProcessPoolExecutor", None)
    return (replace(executor, "submit", make) if executor is not None else []), []
