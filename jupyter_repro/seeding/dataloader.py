"""Give each worker of PyTorch's DataLoader its own numbers.

PyTorch seeds Python, NumPy and itself in each worker, from a number that it draws for each
iterator and the worker's own. It leaves out generators that are made without a seed and other
libraries; and a worker that is not forked does not inherit what was seeded here.

PyTorch starts each worker with one function, ``_worker_loop``, and passes it the number that it
drew for the iterator. We replace it with an object that calls our function first and then
PyTorch's. A spawned worker gets that object by name, imports this package and seeds itself as the
parent is seeded. The numbers are derived from the seed, the iterator's number and the worker's
number, so they do not depend on how the worker was started.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import signature
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.hooks.switches import Change
from jupyter_repro.seeding.options import SeedOptions

MODULE = "torch.utils.data._utils.worker"

Begin = Callable[[SeedOptions, int, int], None]
"""Called in the worker with the options of the parent, the iterator's number and the worker's.
A function of a module: a worker that is not forked gets it by name."""

_NOTE = (
    "This version of PyTorch starts its DataLoader workers in an unknown way. Pass "
    "worker_init_fn=jupyter_repro.worker_init_fn, so that generators without a seed repeat there."
)


class _Loop:
    """PyTorch's own loop, preceded by `Begin`; the parent starts it in a worker."""

    def __init__(
        self, original: Callable[..., None], begin: Begin, options: Callable[[], SeedOptions | None]
    ) -> None:
        self._original = original
        self._begin = begin
        self._options = options

    def __call__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - PyTorch's arguments
        _run(self._original, self._begin, self._options(), args, kwargs)

    def __reduce__(self) -> tuple[object, ...]:
        return partial, (_run_spawned, self._begin, self._options())


def intercept(
    module: ModuleType, begin: Begin, options: Callable[[], SeedOptions | None]
) -> tuple[list[Change], list[str]]:
    """Call `begin` in each worker; return how to undo it, and a note if it does not work.

    Parameters
    ----------
    module
        The module `MODULE`.
    options
        Returns the options that apply when a worker starts.
    """
    module_: Any = module
    original = getattr(module, "_worker_loop", None)
    if original is None or not {"base_seed", "worker_id"} <= {*signature(original).parameters}:
        return [], [_NOTE]
    loop = _Loop(original, begin, options)

    def write(function: object) -> None:
        module_._worker_loop = function  # noqa: SLF001 - there is no public way

    def read() -> object:
        return module_._worker_loop  # noqa: SLF001

    write(loop)
    return [Change(f"{MODULE}._worker_loop", original, loop, read, write)], []


def _run_spawned(begin: Begin, options: SeedOptions | None, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
    _run(import_module(MODULE)._worker_loop, begin, options, args, kwargs)  # noqa: SLF001


def _run(
    original: Callable[..., None],
    begin: Begin,
    options: SeedOptions | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    given = signature(original).bind(*args, **kwargs).arguments
    if options is not None:
        begin(options, given["base_seed"], given["worker_id"])
    original(*args, **kwargs)
