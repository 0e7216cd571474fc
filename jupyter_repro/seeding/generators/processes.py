"""Processes that the code starts: their random numbers are reported, not seeded.

A forked child is seeded (see `forks`), but timing decides which task of a pool it gets. A child
that is not forked begins with fresh entropy. So both are findings; the remedy is to pass each task
its own seed.

Every process that `multiprocessing`, `concurrent.futures` and joblib start goes through
``BaseProcess.start``. That one method is watched, and the finding names the user's line. Seeding
spawned children there would have to replace what they run, and would not help: the tasks of a pool
go to whichever process is free.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import FrameType, ModuleType
from typing import Any

from jupyter_repro.seeding.frames import calling_frame, first_foreign, is_library
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.hooks.switches import Change

MODULE = "multiprocessing.process"
KIND = "unseeded-worker"

_POOL = "The tasks of each process of this pool differ from run to run, and so do its numbers."
_OWN = "This process does not get the seed: its random numbers differ from run to run."
_ADVICE = (
    "Pass each task its own seed: jupyter_repro.task_seeds(n) makes seeds, and "
    "jupyter_repro.rng(seed) makes a generator in the task."
)
# Modules whose functions run the tasks of a pool, and those that draw nothing or are seeded
_POOLS = ("multiprocessing.pool", "concurrent.futures.process")
_FINE = ("multiprocessing.managers", "jupyter_repro.seeding.dataloader")


def intercept(module: ModuleType, entropy: Entropy) -> tuple[list[Change], list[str]]:
    """Report processes to `entropy`; return how to undo it, and no notes."""
    cls: Any = module.BaseProcess
    original: Callable[[Any], None] = cls.start

    @wraps(original)
    def start(self: Any) -> None:  # noqa: ANN401 - a process
        target = getattr(self, "_target", None)  # start() deletes it
        original(self)
        if entropy.mode is not None:
            _report(entropy, str(getattr(target, "__module__", "")), _method(self))

    def write(function: object) -> None:
        cls.start = function

    write(start)
    return [Change(f"{MODULE}.BaseProcess.start", original, start, lambda: cls.start, write)], []


def _method(process: Any) -> str:  # noqa: ANN401
    return str(getattr(getattr(process, "_popen", None), "method", ""))


def _report(entropy: Entropy, target: str, method: str) -> None:
    pooled = target in _POOLS or method == "loky"
    if target in _FINE or (method == "fork" and not pooled):
        return
    frame = _users_frame(calling_frame(2))
    entropy.report(KIND, _POOL if pooled else _OWN, _ADVICE, frame)


def report_pool(entropy: Entropy) -> None:
    """Report the line of the user's that gives work to a pool; the processes are counted."""
    frame = _users_frame(calling_frame(1))
    if frame is not None:  # joblib also gives work from a thread of its own
        entropy.report(KIND, _POOL, _ADVICE, frame, counted=False)


def _users_frame(frame: FrameType | None) -> FrameType | None:
    """Return the innermost frame outside of libraries and of this package, or None."""
    frame = first_foreign(frame)
    while frame is not None and is_library(frame.f_code.co_filename):
        frame = first_foreign(frame.f_back)
    return frame
