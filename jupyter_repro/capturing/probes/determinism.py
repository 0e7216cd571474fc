"""The determinism layer: what is seeded, and the switches that decide whether results repeat.

A setting that counts only before the process starts is checked: a variable that was set too late
is recorded as such.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

import msgspec

from jupyter_repro.capturing.sources.python.hash_seed import hash_seed_in_force
from jupyter_repro.capturing.sources.system.variables import pick_variables
from jupyter_repro.capturing.sources.torch_flags import read_torch_flags
from jupyter_repro.model.options import Determinism
from jupyter_repro.model.snapshot import DeterminismLayer
from jupyter_repro.safety.words import count
from jupyter_repro.safety.world import World

VARIABLES = (
    *("PYTHONHASHSEED", "PL_GLOBAL_SEED", "PL_SEED_WORKERS"),
    *("CUBLAS_WORKSPACE_CONFIG", "CUBLASLT_WORKSPACE_SIZE", "CUDA_LAUNCH_BLOCKING"),
    *("NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"),
    *("TORCHINDUCTOR_DETERMINISTIC", "FLASH_ATTENTION_DETERMINISTIC"),
    *("TF_DETERMINISTIC_OPS", "TF_CUDNN_DETERMINISTIC", "MIOPEN_FIND_MODE"),
    *("NCCL_ALGO", "NCCL_PROTO", "NVTE_ALLOW_NONDETERMINISTIC_ALGO"),
)
"""Variables that libraries read when they start, by their manuals."""


def collect(world: World) -> DeterminismLayer:
    """Return the seeds, and the settings that decide whether results repeat."""
    seeding = world.seeding
    hash_seed = hash_seed_in_force(world.environ.get("PYTHONHASHSEED"))
    layer = DeterminismLayer(
        status="ok",
        hash_randomization=_hash_randomization(in_force=hash_seed),
        variables=_collect_variables(world.environ, hash_seed_in_force=hash_seed),
        torch=dict(read_torch_flags(world.modules)),
    )
    if seeding is None:
        return layer
    return msgspec.structs.replace(
        layer,
        seed=str(seeding.seed),
        determinism=msgspec.convert(seeding.determinism, Determinism),
        rank=seeding.rank,
        from_outside=seeding.from_outside,
        seeded=list(seeding.seeded),
        waiting=list(seeding.waiting),
    )


def _hash_randomization(*, in_force: bool | None) -> bool | None:
    if not sys.flags.hash_randomization:
        return False
    return None if in_force is None else not in_force


def _collect_variables(
    environ: Mapping[str, str], *, hash_seed_in_force: bool | None
) -> dict[str, str]:
    found = pick_variables(environ, VARIABLES)
    if hash_seed_in_force is False and found.get("PYTHONHASHSEED", "random") != "random":
        found["PYTHONHASHSEED"] += " (set too late, not in force)"
    if "CUDA_VISIBLE_DEVICES" in environ:
        found["CUDA_VISIBLE_DEVICES"] = count_visible_devices(environ["CUDA_VISIBLE_DEVICES"])
    flags = pick_xla_flags(environ.get("XLA_FLAGS", ""))
    if flags:
        found["XLA_FLAGS"] = flags
    return dict(sorted(found.items()))


def count_visible_devices(value: str) -> str:
    """Return how many devices ``CUDA_VISIBLE_DEVICES`` makes visible.

    The value itself may be a list of UUIDs, which identify a machine. CUDA stops at the first
    entry that names no device; ``-1`` and an empty value make none visible.
    """
    devices = 0
    for entry in value.split(","):
        if not re.fullmatch(r"[0-9]+|(GPU|MIG)-.+", entry.strip()):
            break
        devices += 1
    return count(devices, "device")


def pick_xla_flags(value: str) -> str:
    """Return the flags of XLA that decide whether results repeat, sorted.

    The others, such as folders for dumps, are left out.
    """
    return " ".join(sorted(word for word in value.split() if _XLA_FLAG.fullmatch(word)))


_XLA_FLAG = re.compile(
    r"--xla_gpu_(deterministic_ops|exclude_nondeterministic_ops|autotune_level)(=[a-z0-9]{1,8})?"
)
