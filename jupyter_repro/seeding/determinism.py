"""Make PyTorch deterministic, and undo it.

Every switch is read before it is set, so that `switches.undo` can put the old value back. The
functions get the modules as arguments; nothing is imported here. They do not change
``torch.utils.deterministic.fill_uninitialized_memory``: with deterministic algorithms on, it makes
``torch.empty`` fill what it allocates, which is slow for large tensors (switch it off if that is
too slow) but shows where uninitialised memory is read.

``torch.use_deterministic_algorithms`` imports inductor for one flag, which costs a second and 70
MB. We set the C++ flag at once and inductor's flag when it is imported. A test compares all
observable effects with those of the public function.
"""

from __future__ import annotations

import os
from typing import Any

from jupyter_repro.capturing.sources.torch_flags import values_at
from jupyter_repro.errors import clause
from jupyter_repro.model.options import Determinism
from jupyter_repro.seeding.hooks.switches import Change, change, variable

CUBLAS_VARIABLE = "CUBLAS_WORKSPACE_CONFIG"
CUBLAS_DETERMINISTIC = (":4096:8", ":16:8")
"""The two values that NVIDIA documents: https://docs.nvidia.com/cuda/cublas/#results-reproducibility"""


def apply_level(torch: Any, level: Determinism) -> tuple[list[Change], list[str]]:  # noqa: ANN401
    """Set the switches of a level.

    Parameters
    ----------
    torch
        The loaded module, version 1.12 or newer.
    level
        ``off`` sets nothing; ``cudnn`` makes cuDNN choose deterministic algorithms and stops its
        benchmarking; ``warn`` also turns on deterministic algorithms everywhere, with a warning
        if an operation has none; ``strict`` makes that an error.

    Returns
    -------
    list of Change
        What was set, for `switches.undo`.
    list of str
        What could not be set, and which of the user's settings were changed, as sentences.
    """
    changes: list[Change] = []
    notes: list[str] = []
    values = values_at(level)
    for name in ("deterministic", "benchmark"):
        if f"cudnn.{name}" in values:
            wanted = values[f"cudnn.{name}"]
            _set_cudnn(torch, name, wanted=wanted, changes=changes, notes=notes)
    if "deterministic_algorithms" in values:
        _set_algorithms(torch, values["deterministic_algorithms_warn_only"], changes, notes)
        _set_cublas(torch, changes, notes)
    return changes, notes


def apply_to_inductor(config: Any) -> list[Change]:  # noqa: ANN401 - the module of a library
    """Set what ``torch.use_deterministic_algorithms(True)`` sets besides its C++ flag.

    Parameters
    ----------
    config
        The module `torch_flags.INDUCTOR_CONFIG`. Importing it costs a second and 70 MB, so it is
        changed when something else has imported it. PyTorch before 2.9 has no such switch.
    """
    if not hasattr(config, "deterministic"):
        return []

    def write(value: object) -> None:
        # Newer versions keep an assigned value only for the current thread and context, and an
        # import may run in any: every other thread and context reads the default
        entries: dict[str, Any] = getattr(config, "_config", {})
        entry = entries.get("deterministic")
        if entry is not None and hasattr(entry, "default"):
            entry.default = value
        config.deterministic = value

    changes: list[Change] = []
    change(
        "torch._inductor.config.deterministic",
        True,  # noqa: FBT003 - the value of a switch
        lambda: config.deterministic,
        write,
        changes,
    )
    return changes


def _set_cudnn(
    torch: Any,  # noqa: ANN401 - the module of a library
    name: str,
    *,
    wanted: bool,
    changes: list[Change],
    notes: list[str],
) -> None:
    full = f"torch.backends.cudnn.{name}"
    flags = torch.backends.cudnn
    before = getattr(flags, name)
    try:
        change(
            full,
            wanted,
            lambda: getattr(flags, name),
            lambda value: setattr(flags, name, value),
            changes,
        )
    except RuntimeError as error:  # torch.backends.disable_global_flags() was called
        notes.append(f"{full} is {before} and could not be set to {wanted}: {clause(error)}.")
        return
    if before and not wanted:
        notes.append(f"{full} was {before}; it is {wanted} until %repro off.")


def _set_algorithms(
    torch: Any,  # noqa: ANN401 - the module of a library
    warn_only: bool,  # noqa: FBT001 - passed on
    changes: list[Change],
    notes: list[str],
) -> None:
    def read() -> tuple[bool, bool]:
        return (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        )

    def write(value: tuple[bool, bool]) -> None:
        # The public function imports all of torch._inductor for one flag of its
        # configuration; `apply_to_inductor` sets that flag when it is loaded
        setter = getattr(torch._C, "_set_deterministic_algorithms", None)  # noqa: SLF001
        (setter or torch.use_deterministic_algorithms)(value[0], warn_only=value[1])

    if warn_only and read() == (True, False):
        notes.append(
            "torch.use_deterministic_algorithms(True) was called before: operations without a "
            "deterministic algorithm still raise an error instead of a warning."
        )
        return
    change(
        "torch.use_deterministic_algorithms (enabled, warn_only)",
        (True, warn_only),
        read,
        write,
        changes,
    )


def _set_cublas(torch: Any, changes: list[Change], notes: list[str]) -> None:  # noqa: ANN401
    """Set the variable that older versions need, if cuBLAS can still read it."""
    if not torch.version.cuda or not needs_cublas_variable(torch.__version__):
        return
    value = os.environ.get(CUBLAS_VARIABLE)
    if value in CUBLAS_DETERMINISTIC:
        return
    if value is not None:
        notes.append(
            f"{CUBLAS_VARIABLE}={value} is kept; cuBLAS is deterministic only with "
            f"{' or '.join(CUBLAS_DETERMINISTIC)}."
        )
    elif torch.cuda.is_initialized():
        notes.append(
            f"{CUBLAS_VARIABLE} is not in force: CUDA was initialised before. Restart the kernel "
            "and run %repro before the first use of the GPU."
        )
    else:
        change(CUBLAS_VARIABLE, CUBLAS_DETERMINISTIC[0], *variable(CUBLAS_VARIABLE), changes)


def needs_cublas_variable(version: str) -> bool:
    """Return whether a version of PyTorch needs `CUBLAS_VARIABLE`: one before 2.10 with a GPU.

    See https://github.com/pytorch/pytorch/pull/161749, which removed the need.

    Parameters
    ----------
    version
        As PyTorch or its distribution gives it; ``+cpu`` is a build without a GPU.
    """
    return _release(version) < (2, 10) and not version.endswith("+cpu")


def _release(version: str) -> tuple[int, int]:
    major, minor = version.partition("+")[0].split(".")[:2]
    return int(major), int(minor)
