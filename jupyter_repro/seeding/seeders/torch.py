"""PyTorch's default generators, on the processor and on every accelerator."""

from __future__ import annotations

import ctypes
import struct
import zlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.seeders.registry import State

MODULE = "torch"

# The Mersenne Twister's state on the processor: seed, words left, whether seeded, position, words
_STATE_BYTES = 5056
_HEAD = struct.Struct("<QiiQ")
_UNTOUCHED = (1, 0)
"""Words left, and position, while nothing was drawn."""


def seed(module: ModuleType, seed: int) -> None:
    """Seed every default generator, as ``torch.manual_seed(seed)`` does.

    Parameters
    ----------
    module
        The module `torch`. PyTorch itself seeds accelerators that are not initialised yet, once
        they are; seeding starts none of them.
    seed
        From 0 to 2**64 - 1. PyTorch's generator on the processor uses only its lower 32 bits, so
        there two seeds that differ by a multiple of 2**32 give the same numbers.
    """
    module.manual_seed(seed)


def reseed(module: ModuleType, seed: int) -> None:
    """Seed before a cell: as `seed`, without what a machine without accelerators does not need.

    ``torch.manual_seed`` records three stack traces for accelerators that may be used later, which
    takes half a millisecond in a notebook. Here only accelerators that this PyTorch was built for
    are seeded.
    """
    module.default_generator.manual_seed(seed)
    if module.backends.cuda.is_built():  # also for builds for ROCm; waits for CUDA if needed
        module.cuda.manual_seed_all(seed)
    if _is_built(module, "xpu"):
        module.xpu.manual_seed_all(seed)
    if module.backends.mps.is_built() and module.backends.mps.is_available():
        module.mps.manual_seed(seed)
    if _is_built(module, "mtia"):
        module.mtia.manual_seed_all(seed)


def reseed_after_fork(module: ModuleType, seed: int) -> None:
    """Seed in a forked child, where no accelerator can be used."""
    module.default_generator.manual_seed(seed)


def get_state(module: ModuleType) -> State:
    """Return the states of the processor's generator and of each accelerator in use."""
    return {name: _bytes_of(generator) for name, generator in _generators(module)}


def set_state(module: ModuleType, state: State) -> None:
    """Go back to a state; PyTorch checks it. Devices not in it, or not in use, do not change.

    Raises
    ------
    RuntimeError
        If it is not the state of a generator.
    """
    generators = dict(_generators(module))
    for name, data in state.items():
        if name in generators:
            before = module.frombuffer(bytearray(data), dtype=module.uint8)  # type: ignore[arg-type]
            generators[name].set_state(before)


def has_drawn(module: ModuleType) -> bool:
    """Return whether anything was drawn on the processor since it was seeded or imported."""
    state = _bytes_of(module.default_generator)
    if len(state) != _STATE_BYTES:  # not the generator of the versions up to 2.13
        return False
    _, left, _, position = _HEAD.unpack_from(state)
    return bool((left, position) != _UNTOUCHED)


def fingerprint(module: ModuleType) -> int:
    """Return a number that changes when something is drawn on the processor or an accelerator."""
    return zlib.crc32(b"".join(_bytes_of(generator) for _, generator in _generators(module)))


def _generators(module: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - the module torch
    yield "cpu", module.default_generator
    for name in ("cuda", "xpu"):
        device = getattr(module, name, None)
        if device is not None and device.is_initialized():
            for index, generator in enumerate(device.default_generators):
                yield f"{name}:{index}", generator


def _bytes_of(generator: Any) -> bytes:  # noqa: ANN401 - a torch.Generator
    # PyTorch works without NumPy, and its own functions to read bytes take milliseconds
    state = generator.get_state()
    return ctypes.string_at(state.data_ptr(), state.numel())


def _is_built(module: Any, name: str) -> bool:  # noqa: ANN401 - the module torch
    is_compiled = getattr(getattr(module, name, None), "_is_compiled", None)
    return bool(is_compiled and is_compiled())
