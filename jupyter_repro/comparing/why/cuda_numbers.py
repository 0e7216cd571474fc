"""Up to which tensor size two GPUs draw the same numbers from the same seed.

PyTorch gives each thread of a launch a separate stream, and a launch has no more threads than the
GPU holds at once. Below the smaller of the two GPUs' numbers of threads, the n-th number comes from
the n-th thread on both. Above it, the numbers are distributed differently
(https://github.com/pytorch/pytorch/issues/194676 measured it to be exact; the rule is
``calc_execution_policy`` in ``aten/src/ATen/native/cuda/DistributionTemplates.h``).
"""

from __future__ import annotations

from jupyter_repro.model.snapshot import GpuDevice, GpuLayer

_BLOCK = 256

# Compute capability → threads that a multiprocessor holds: CUDA C++ Programming Guide, table
# "Technical Specifications per Compute Capability"
_THREADS = {
    **dict.fromkeys(("6.0", "6.1", "7.0", "8.0", "9.0", "10.0", "10.3"), 2048),
    **dict.fromkeys(("8.6", "8.7", "8.9", "11.0", "12.0", "12.1"), 1536),
    "7.5": 1024,
}


def same_numbers_up_to(reference: GpuLayer, current: GpuLayer) -> int | None:
    """Return the size of the largest tensor that both draw alike; None if unknown or unlimited.

    Parameters
    ----------
    reference, current
        Layers of two snapshots. The first device counts: PyTorch uses it by default.
    """
    if not (reference.devices and current.devices):
        return None
    sizes = [_threads(layer.devices[0]) for layer in (reference, current)]
    known = [size for size in sizes if size is not None]
    return min(known) if len(known) == 2 and known[0] != known[1] else None


def _threads(device: GpuDevice) -> int | None:
    per_multiprocessor = _THREADS.get(device.compute_capability or "")
    if per_multiprocessor is None or not device.sm_count:
        return None
    return device.sm_count * (per_multiprocessor // _BLOCK) * _BLOCK
