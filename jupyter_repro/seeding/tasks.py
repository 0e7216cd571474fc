"""Random numbers for work in other processes: pass each task its own seed."""

from __future__ import annotations

import operator
import random
import sys
from typing import TYPE_CHECKING, Any, SupportsIndex, cast

from jupyter_repro.errors import UsageError
from jupyter_repro.seeding.controller import SeedController, begin_worker, current_controller
from jupyter_repro.seeding.options import SeedOptions
from jupyter_repro.seeding.streams import derive

if TYPE_CHECKING:
    import numpy as np

MAX_TASKS = 10_000_000


def task_seeds(n: SupportsIndex) -> list[int]:
    """Return seeds for tasks: all distinct, new ones at each call, the same in the next run.

    A task that carries its seed gives the same numbers in whichever process it runs: of joblib,
    `concurrent.futures`, `multiprocessing`, Dask, Ray.

    Parameters
    ----------
    n
        How many seeds, at most `MAX_TASKS`.

    Returns
    -------
    list of int
        From 0 to 2**32 - 1, which every library accepts.

    Raises
    ------
    UsageError
        If nothing is seeded, or `n` is not such a number.

    Examples
    --------
    >>> import jupyter_repro
    >>> _ = jupyter_repro.seed_all(42, determinism="off")
    >>> len(set(jupyter_repro.task_seeds(1000)))
    1000
    """
    try:
        count = operator.index(n)
    except TypeError:
        count = -1
    if not 0 <= count <= MAX_TASKS:
        reason = f"task_seeds takes a number of tasks from 0 to {MAX_TASKS}; for instance 8."
        raise UsageError(reason)
    number = _seeded("task_seeds").entropy.streams.next(64)
    seeds: dict[int, None] = {}
    counter = 0
    while len(seeds) < count:
        seeds.setdefault(derive(32, number, counter))
        counter += 1
    return [*seeds]


def rng(key: SupportsIndex | str) -> np.random.Generator | random.Random:
    """Return a generator for one task or one purpose.

    Parameters
    ----------
    key
        A seed of `task_seeds`: the generator depends only on it, in any process, and is
        ``np.random.default_rng(key)``. Or a name: it depends on the name and the current seed.

    Returns
    -------
    numpy.random.Generator or random.Random
        The latter if NumPy is not installed.

    Raises
    ------
    UsageError
        If the key is neither, or is a name and nothing is seeded.

    Examples
    --------
    >>> rng(7).random() == rng(7).random() != rng(8).random()
    True
    """
    if isinstance(key, str):
        numbers = _seeded("rng").numbers
        assert numbers is not None
        seed = numbers.derive(128, "rng", key)
    else:
        try:
            seed = operator.index(key)
        except TypeError:
            seed = -1
        if seed < 0:
            reason = "rng takes a seed of task_seeds or a name; for instance rng('augmentation')."
            raise UsageError(reason)
    try:
        import numpy as np
    except ImportError:
        return random.Random(seed)  # noqa: S311 - nothing secret
    return np.random.default_rng(seed)


def _seeded(purpose: str) -> SeedController:
    """Return the controller of this process.

    Raises
    ------
    UsageError
        If nothing is seeded.
    """
    controller = current_controller()
    if controller.numbers is None:
        reason = f"{purpose} needs a seed first: %repro seed=42, or jupyter_repro.seed_all(42)."
        raise UsageError(reason)
    return controller


def worker_init_fn(worker_id: int) -> None:
    """Seed a worker of a DataLoader: ``DataLoader(…, worker_init_fn=worker_init_fn)``.

    You need it only in scripts that call neither `%repro` nor `seed_all`, and with versions of
    PyTorch that this package does not support. Generators without a seed, Numba, Polars and other
    libraries get numbers that differ from worker to worker and are derived from the number that
    PyTorch drew for this iterator; Python, NumPy and PyTorch keep the seeds that PyTorch gave them.

    Raises
    ------
    UsageError
        If this process is not a worker of a DataLoader.
    """
    data: Any = sys.modules.get("torch.utils.data")
    info = data.get_worker_info() if data is not None else None
    if info is None:
        reason = "worker_init_fn is for the workers of a DataLoader: pass it to one."
        raise UsageError(reason)
    base_seed = cast("int", info.seed) - worker_id
    options = current_controller().options
    if options is None:
        options = SeedOptions(seed=derive(64, base_seed, "workers"), determinism="off")
    begin_worker(options, base_seed, worker_id)
