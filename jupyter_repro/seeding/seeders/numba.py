"""Numba's own generators for compiled code: two in each thread, like Python's and NumPy's.

They are seeded in the thread that imports Numba or runs the cell, and in the threads of ``prange``
once they run. Threads that you start have their own, from fresh entropy: only compiled code inside
such a thread can seed them.

Numba's helper library seeds the calling thread in microseconds; compiled code would take half a
second. Only compiled code can reach the threads of ``prange``. It takes that time when the first
such function is compiled.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any, cast

from jupyter_repro.seeding.hooks.switches import Change
from jupyter_repro.seeding.seeders.registry import State

MODULE = "numba"

_PARALLEL = "numba.np.ufunc.parallel"
_WORDS = struct.Struct("<624I")

_last_seed = 0
_seed_of_thread: list[Callable[[Any], None]] = []
"""The compiled function that seeds the threads of ``prange``, once there is one."""


def seed(module: ModuleType, seed: int) -> None:
    """Seed the calling thread's generators, and those of the threads of ``prange`` if they run.

    The effect is that of ``np.random.seed(seed)`` and ``random.seed(seed)`` in compiled code. The
    first gives NumPy's own numbers; in Numba the second does not give Python's.

    Parameters
    ----------
    module
        The module `numba`.
    seed
        From 0 to 2**64 - 1.
    """
    global _last_seed  # noqa: PLW0603 - the generators are global, and threads come later
    _last_seed = seed
    if getattr(sys.modules.get(_PARALLEL), "_is_initialized", False):
        _seed_threads(module)
    reseed_after_fork(module, seed)


def reseed_after_fork(module: ModuleType, seed: int) -> None:
    """Seed the calling thread's generators; the threads of ``prange`` do not outlive a fork."""
    helpers: Any = module._helperlib  # noqa: SLF001 - compiled code would cost half a second
    # A number may have only 32 bits there; all bytes are used, as NumPy uses a list of words
    value = seed if seed < 2**32 else seed.to_bytes(8, "little")
    helpers.rnd_seed(helpers.rnd_get_np_state_ptr(), value)
    helpers.rnd_seed(helpers.rnd_get_py_state_ptr(), value)


def settings(module: ModuleType, _seed: int) -> list[Change]:
    """Seed the threads of ``prange`` when they start, which is when such code is compiled."""
    parallel: Any = sys.modules.get(_PARALLEL)
    original = getattr(parallel, "_launch_threads", None)
    if original is None:
        return []

    def launch_threads() -> None:
        started = parallel._is_initialized  # noqa: SLF001
        original()
        if not started and parallel._launch_threads is launch_threads:  # noqa: SLF001
            with suppress(Exception):  # the user's function must still be compiled
                before = get_state(module)
                _seed_threads(module)
                set_state(module, before)

    def write(function: object) -> None:
        parallel._launch_threads = function  # noqa: SLF001

    write(launch_threads)
    name = f"{_PARALLEL}._launch_threads"
    return [Change(name, original, launch_threads, lambda: parallel._launch_threads, write)]  # noqa: SLF001


def _seed_threads(module: Any) -> None:  # noqa: ANN401 - the module numba
    """Run one iteration that seeds on each thread; it is compiled once, in half a second."""
    numpy: Any = sys.modules["numpy"]
    python: Any = sys.modules["random"]
    if not _seed_of_thread:

        def seed_each(seeds: Any) -> None:  # noqa: ANN401
            for index in module.prange(seeds.size):
                numpy.random.seed(seeds[index])
                python.seed(seeds[index])

        _seed_of_thread.append(module.njit(parallel=True)(seed_each))
    seeds = numpy.random.SeedSequence(_last_seed).generate_state(module.get_num_threads())
    _seed_of_thread[0](seeds)


def get_state(module: ModuleType) -> State:
    """Return the calling thread's states, without a second normal number that is waiting."""
    helpers = module._helperlib  # noqa: SLF001
    state: State = {}
    for name, pointer in _pointers(module):
        position, words = helpers.rnd_get_state(pointer)
        state |= {f"{name}_position": position, f"{name}_words": _WORDS.pack(*words)}
    return state


def set_state(module: ModuleType, state: State) -> None:
    """Go back to states of the calling thread.

    Raises
    ------
    ValueError
        If a position or a size is not valid for a Mersenne Twister.
    """
    taken = []
    for name, pointer in _pointers(module):
        position = state[f"{name}_position"]
        if not isinstance(position, int) or not 0 <= position <= 624:
            reason = "the position is not from 0 to 624"
            raise ValueError(reason)
        words = [*_WORDS.unpack(cast("bytes", state[f"{name}_words"]))]
        taken.append((pointer, (position, words)))
    for pointer, value in taken:
        module._helperlib.rnd_set_state(pointer, value)  # noqa: SLF001


def fingerprint(module: ModuleType) -> int:
    """Return a number that changes when compiled code draws in the calling thread."""
    return zlib.crc32(repr([*get_state(module).values()]).encode())


def _pointers(module: ModuleType) -> tuple[tuple[str, int], tuple[str, int]]:
    helpers = module._helperlib  # noqa: SLF001
    return (
        ("numpy", helpers.rnd_get_np_state_ptr()),
        ("python", helpers.rnd_get_py_state_ptr()),
    )
