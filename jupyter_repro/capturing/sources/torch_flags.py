"""PyTorch's switches that decide whether and how exactly results repeat.

Stands under the determinism probe. It reads a loaded PyTorch: nothing is imported, CUDA is not
initialised, and no switch is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

MIXED = "mixed"
"""Value of an old switch that cannot be read any more, because the new interface set what it
cannot express; PyTorch raises then."""

_GETTERS: dict[str, Callable[[Any], Any]] = {
    "deterministic_algorithms": lambda torch: torch.are_deterministic_algorithms_enabled(),
    "deterministic_algorithms_warn_only": (
        lambda torch: torch.is_deterministic_algorithms_warn_only_enabled()
    ),
    "fill_uninitialized_memory": lambda torch: torch.utils.deterministic.fill_uninitialized_memory,
    "default_dtype": lambda torch: str(torch.get_default_dtype()).removeprefix("torch."),
    "num_threads": lambda torch: torch.get_num_threads(),
    "num_interop_threads": lambda torch: torch.get_num_interop_threads(),
    "float32_matmul_precision": lambda torch: torch.get_float32_matmul_precision(),
    "flash_sdp": lambda torch: torch.backends.cuda.flash_sdp_enabled(),
    "mem_efficient_sdp": lambda torch: torch.backends.cuda.mem_efficient_sdp_enabled(),
    "math_sdp": lambda torch: torch.backends.cuda.math_sdp_enabled(),
    "cudnn_sdp": lambda torch: torch.backends.cuda.cudnn_sdp_enabled(),
    "math_sdp_reduced_precision": (
        lambda torch: torch.backends.cuda.fp16_bf16_reduction_math_sdp_allowed()
    ),
}

_ATTRIBUTES = (
    "cudnn.enabled",
    "cudnn.deterministic",
    "cudnn.benchmark",
    "cudnn.allow_tf32",
    "mkldnn.enabled",
    "mkldnn.deterministic",
    "cuda.matmul.allow_tf32",
    "cuda.matmul.allow_fp16_reduced_precision_reduction",
    "cuda.matmul.allow_bf16_reduced_precision_reduction",
    "cuda.matmul.allow_fp16_accumulation",
    # The newer interface; "none" means that the wider setting holds
    "fp32_precision",
    "cuda.matmul.fp32_precision",
    "cudnn.conv.fp32_precision",
    "cudnn.rnn.fp32_precision",
    "mkldnn.matmul.fp32_precision",
    "mkldnn.conv.fp32_precision",
    "mkldnn.rnn.fp32_precision",
)
"""Below `torch.backends`."""

_INDUCTOR = ("deterministic", "batch_invariant", "fallback_random")
"""Below `torch._inductor.config`."""


def read_torch_flags(modules: Mapping[str, ModuleType]) -> dict[str, bool | int | str | None]:
    """Return the switches of the loaded PyTorch.

    Parameters
    ----------
    modules
        The loaded modules.

    Returns
    -------
    dict
        Name, close to PyTorch's own, → value or `MIXED`. A switch that this version of PyTorch
        has not is left out; all are while PyTorch is not loaded, or is still being imported.
    """
    torch = _loaded(modules, "torch")
    if torch is None:
        return {}
    flags = read_flags(torch, _READERS)
    inductor = _loaded(modules, "torch._inductor.config")
    if inductor is not None:
        flags |= {f"inductor.{name}": _read(_follow(name), inductor) for name in _INDUCTOR}
    return {name: value for name, value in flags.items() if value is not None}


def read_flags(torch: ModuleType, names: Iterable[str]) -> dict[str, bool | int | str | None]:
    """Return some switches of a loaded PyTorch by name, in half a microsecond each.

    Those that this version has not are None.
    """
    return {name: _read(_READERS[name], torch) for name in names}


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
    **_GETTERS,
    **{name: _follow(f"backends.{name}") for name in _ATTRIBUTES},
}


def _read(getter: Callable[[Any], Any], source: object) -> bool | int | str | None:
    try:
        value = getter(source)
    except AttributeError:  # older or newer than the versions that have it
        return None
    except RuntimeError:
        return MIXED
    return value if isinstance(value, (bool, int, str)) or value is None else str(value)
