"""PyTorch's switches that decide whether and how exactly results repeat: the one table of them.

A row contains how to read a switch, the value that each level of ``%repro seed=… determinism=…``
sets, the kind of difference between two environments, and what to report if a cell changes it. The
probe, `seeding.determinism`, the comparison and the watch over cells read this table.

Switches are read from a loaded PyTorch: nothing is imported, CUDA is not initialised, and no switch
is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, Literal, NamedTuple

from jupyter_repro.model.options import Determinism

MIXED = "mixed"
"""Value of an old switch that PyTorch can no longer read: the new interface set what the old one
cannot express, so PyTorch raises."""

INDUCTOR_CONFIG = "torch._inductor.config"


class Watch(NamedTuple):
    """What to report when a cell changes a switch.

    One call may change several switches that have the same `Watch`; the first one that differs
    is reported for all.

    Parameters
    ----------
    kind, severity, advice
        Of the finding.
    harmless
        Values that need no report.
    words
        Regular expression that matches a line of code that changes one of the switches.
    """

    kind: str
    severity: Literal["warning", "note"]
    advice: str
    harmless: tuple[object, ...]
    words: str


class TorchFlag(NamedTuple):
    """One switch.

    Parameters
    ----------
    name
        Close to PyTorch's name; without a prefix it is below `torch.backends`.
    kind
        Of the difference between two environments, see `comparing.environments.kinds`.
    watch
        What to report when a cell changes it; None for nothing.
    read
        How to read it; None if `name` is its path below `torch.backends`.
    setter
        What sets it; None if `name` is its path below `torch.backends`.
    levels
        Level of determinism → the value that it sets.
    """

    name: str
    kind: str
    watch: Watch | None = None
    read: Callable[[Any], Any] | None = None
    setter: str | None = None
    levels: Mapping[Determinism, bool] = {}


_AGAIN = "%repro seed=… sets it again; remove the change, or choose determinism=off on purpose."
_ALGORITHMS = Watch(
    *("flag-changed", "warning", _AGAIN, (True, None)),
    r"deterministic|set_deterministic_debug_mode",
)
_WARN_ONLY = Watch(
    "flag-changed",
    "note",
    "Operations without a deterministic algorithm now warn instead of raising an error.",
    (False, None),
    r"warn_only|set_deterministic_debug_mode",
)
_CUDNN = Watch("flag-changed", "warning", _AGAIN, (True, None), r"deterministic")
_MKLDNN = Watch(
    "flag-changed",
    "warning",
    "Set torch.backends.mkldnn.deterministic to True again.",
    (True, None),
    r"mkldnn",
)
_BENCHMARK = Watch("flag-changed", "warning", _AGAIN, (False, None), r"benchmark")
_PRECISION = Watch(
    "flag-changed",
    "note",
    "Compare results before and after it with a tolerance; every run has to set it the same.",
    (None,),
    r"tf32|precision|allow_[bf]+16|fp16_accumulation|fp16_bf16_reduction",
)
_THREADS = Watch(
    "threads-changed",
    "note",
    "Sums are rounded in a different order: every run has to use the same number.",
    (None,),
    r"_threads\b",
)

TORCH_FLAGS = (
    TorchFlag(
        "deterministic_algorithms",
        "deterministic-flag",
        _ALGORITHMS,
        lambda torch: torch.are_deterministic_algorithms_enabled(),
        "torch.use_deterministic_algorithms",
        levels={"warn": True, "strict": True},
    ),
    TorchFlag(
        "deterministic_algorithms_warn_only",
        "torch-flag",  # it chooses between a warning and an error, not between two algorithms
        _WARN_ONLY,
        lambda torch: torch.is_deterministic_algorithms_warn_only_enabled(),
        "warn_only of torch.use_deterministic_algorithms",
        levels={"warn": True, "strict": False},
    ),
    TorchFlag(
        "fill_uninitialized_memory",
        "torch-flag",
        read=lambda torch: torch.utils.deterministic.fill_uninitialized_memory,
    ),
    TorchFlag(
        "default_dtype",
        "precision",  # not watched: a notebook sets it in each run
        read=lambda torch: str(torch.get_default_dtype()).removeprefix("torch."),
    ),
    TorchFlag(
        *("num_threads", "threads", _THREADS),
        lambda torch: torch.get_num_threads(),
        "torch.set_num_threads",
    ),
    TorchFlag(
        *("num_interop_threads", "threads", _THREADS),
        lambda torch: torch.get_num_interop_threads(),
        "torch.set_num_interop_threads",
    ),
    TorchFlag(
        *("float32_matmul_precision", "precision", _PRECISION),
        lambda torch: torch.get_float32_matmul_precision(),
        "torch.set_float32_matmul_precision",
    ),
    TorchFlag(
        "flash_sdp", "torch-flag", read=lambda torch: torch.backends.cuda.flash_sdp_enabled()
    ),
    TorchFlag(
        "mem_efficient_sdp",
        "torch-flag",
        read=lambda torch: torch.backends.cuda.mem_efficient_sdp_enabled(),
    ),
    TorchFlag("math_sdp", "torch-flag", read=lambda torch: torch.backends.cuda.math_sdp_enabled()),
    TorchFlag(
        "cudnn_sdp", "torch-flag", read=lambda torch: torch.backends.cuda.cudnn_sdp_enabled()
    ),
    TorchFlag(
        *("math_sdp_reduced_precision", "precision", _PRECISION),
        lambda torch: torch.backends.cuda.fp16_bf16_reduction_math_sdp_allowed(),
        "torch.backends.cuda.allow_fp16_bf16_reduction_math_sdp",
    ),
    TorchFlag("cudnn.enabled", "torch-flag"),
    TorchFlag(
        "cudnn.deterministic",
        "deterministic-flag",
        _CUDNN,
        levels={"cudnn": True, "warn": True, "strict": True},
    ),
    TorchFlag(
        "cudnn.benchmark",
        "autotune",
        _BENCHMARK,
        levels={"cudnn": False, "warn": False, "strict": False},
    ),
    TorchFlag("cudnn.allow_tf32", "precision", _PRECISION),
    TorchFlag("mkldnn.enabled", "torch-flag"),
    TorchFlag("mkldnn.deterministic", "deterministic-flag", _MKLDNN),
    TorchFlag("cuda.matmul.allow_tf32", "precision", _PRECISION),
    TorchFlag("cuda.matmul.allow_fp16_reduced_precision_reduction", "precision", _PRECISION),
    TorchFlag("cuda.matmul.allow_bf16_reduced_precision_reduction", "precision", _PRECISION),
    TorchFlag("cuda.matmul.allow_fp16_accumulation", "precision", _PRECISION),
    # The newer interface; with "none", the wider setting counts
    TorchFlag("fp32_precision", "precision", _PRECISION),
    TorchFlag("cuda.matmul.fp32_precision", "precision", _PRECISION),
    TorchFlag("cudnn.conv.fp32_precision", "precision", _PRECISION),
    TorchFlag("cudnn.rnn.fp32_precision", "precision", _PRECISION),
    TorchFlag("mkldnn.matmul.fp32_precision", "precision", _PRECISION),
    TorchFlag("mkldnn.conv.fp32_precision", "precision", _PRECISION),
    TorchFlag("mkldnn.rnn.fp32_precision", "precision", _PRECISION),
)

INDUCTOR_FLAGS = (
    # `torch.use_deterministic_algorithms` sets the first one, so it has the same levels
    TorchFlag("deterministic", "deterministic-flag", levels={"warn": True, "strict": True}),
    TorchFlag("batch_invariant", "torch-flag"),
    TorchFlag("fallback_random", "torch-flag"),
)
"""Switches below `INDUCTOR_CONFIG`; in a snapshot they have the prefix ``inductor.``."""

KIND_OF_FLAG: Mapping[str, str] = {
    **{flag.name: flag.kind for flag in TORCH_FLAGS},
    **{f"inductor.{flag.name}": flag.kind for flag in INDUCTOR_FLAGS},
}
"""Name in a snapshot → kind of the difference."""


def read_torch_flags(modules: Mapping[str, ModuleType]) -> dict[str, bool | int | str | None]:
    """Return the switches of the loaded PyTorch.

    Parameters
    ----------
    modules
        The loaded modules.

    Returns
    -------
    dict
        Name (close to PyTorch's) → value or `MIXED`. A switch that this version of PyTorch lacks
        is left out; all are left out while PyTorch is not loaded, or is being imported.
    """
    torch = _loaded(modules, "torch")
    if torch is None:
        return {}
    flags = read_flags(torch, _READERS)
    inductor = _loaded(modules, INDUCTOR_CONFIG)
    if inductor is not None:
        flags |= {
            f"inductor.{flag.name}": _read(_follow(flag.name), inductor) for flag in INDUCTOR_FLAGS
        }
    return {name: value for name, value in flags.items() if value is not None}


def read_flags(torch: ModuleType, names: Iterable[str]) -> dict[str, bool | int | str | None]:
    """Return some switches of a loaded PyTorch by name, in half a microsecond each.

    A switch that this version lacks is None.
    """
    return {name: _read(_READERS[name], torch) for name in names}


def values_at(level: Determinism) -> dict[str, bool]:
    """Return the switches that a level of determinism sets, and their values.

    Inductor's switches have the prefix ``inductor.``, as in a snapshot.
    """
    flags = {flag.name: flag.levels[level] for flag in TORCH_FLAGS if level in flag.levels}
    inductor = {f"inductor.{flag.name}": flag for flag in INDUCTOR_FLAGS if level in flag.levels}
    return flags | {name: flag.levels[level] for name, flag in inductor.items()}


def _loaded(modules: Mapping[str, ModuleType], name: str) -> ModuleType | None:
    module = modules.get(name)
    spec = getattr(module, "__spec__", None)
    return None if getattr(spec, "_initializing", False) else module


def _follow(path: str) -> Callable[[Any], Any]:
    def getter(value: Any) -> Any:  # noqa: ANN401 - PyTorch's modules are untyped
        for name in path.split("."):
            value = getattr(value, name)
        return value

    return getter


_READERS: dict[str, Callable[[Any], Any]] = {
    flag.name: flag.read or _follow(f"backends.{flag.name}") for flag in TORCH_FLAGS
}


def _read(getter: Callable[[Any], Any], source: object) -> bool | int | str | None:
    try:
        value = getter(source)
    except AttributeError:  # this version of PyTorch lacks it
        return None
    except RuntimeError:
        return MIXED
    return value if isinstance(value, (bool, int, str)) or value is None else str(value)
