"""The frameworks layer: numerical libraries, as installed and as loaded.

Nothing is imported: versions come from the scan of the distributions, facts of PyTorch's build
from the text of its ``version.py``, and run-time facts from modules that are already loaded.
Nothing here initialises CUDA, because ``CUDA_VISIBLE_DEVICES`` has no effect afterwards.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from jupyter_repro.capturing.sources.python.distributions import (
    InstalledDistribution,
    distributions_of,
)
from jupyter_repro.capturing.sources.python.used import namespace_of
from jupyter_repro.model.fields import Scalar
from jupyter_repro.model.snapshot import Framework, FrameworksLayer
from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

# InstalledDistribution → its module
FRAMEWORKS = {
    "catboost": "catboost",
    "cupy": "cupy",
    "dask": "dask",
    "flax": "flax",
    "jax": "jax",
    "jaxlib": "jaxlib",
    "keras": "keras",
    "lightgbm": "lightgbm",
    "lightning": "lightning",
    "mxnet": "mxnet",
    "numba": "numba",
    "numpy": "numpy",
    "onnxruntime": "onnxruntime",
    "onnxruntime-gpu": "onnxruntime",
    "paddlepaddle": "paddle",
    "paddlepaddle-gpu": "paddle",
    "pandas": "pandas",
    "polars": "polars",
    "pytorch-lightning": "pytorch_lightning",
    "scikit-learn": "sklearn",
    "scipy": "scipy",
    "statsmodels": "statsmodels",
    "tensorflow": "tensorflow",
    "tensorflow-cpu": "tensorflow",
    "tensorflow-gpu": "tensorflow",
    "tensorflow-macos": "tensorflow",
    "tf-nightly": "tensorflow",
    "torch": "torch",
    "torchaudio": "torchaudio",
    "torchvision": "torchvision",
    "transformers": "transformers",
    "triton": "triton",
    "xgboost": "xgboost",
    "xgboost-cpu": "xgboost",
}

# Fact → name of the distribution, or of the conda package, that contains the library
CUDA_PACKAGES = {
    "cudnn_package": re.compile(r"nvidia-cudnn-cu[0-9]+|cudnn"),
    "cublas_package": re.compile(r"nvidia-cublas(-cu[0-9]+)?|libcublas"),
    "cuda_runtime_package": re.compile(r"nvidia-cuda-runtime(-cu[0-9]+)?|cuda-cudart|cudatoolkit"),
    "nccl_package": re.compile(r"nvidia-nccl-cu[0-9]+|nccl"),
}

ERROR = "error"

_TORCH_FACT = re.compile(
    r"^(cuda|hip|xpu|debug|git_version)[ \t]*(?::[^=\n]*)?=[ \t]*"
    r"(?:(None|True|False)|(['\"])([^'\"\n]{0,200})\3)[ \t]*\r?$",
    re.MULTILINE,
)
_LITERALS: dict[str, Scalar] = {"None": None, "True": True, "False": False}


def collect(world: World) -> FrameworksLayer:
    """Return the numerical libraries that are installed or loaded, sorted by name."""
    installed = {one.name: one for one in reversed(distributions_of(world)) if _module_of(one.name)}
    found = [_describe(one, world) for one in installed.values()]
    # Loaded, but not installed: from a build folder, for example
    known = {_module_of(name) for name in installed}
    found += [
        Framework(name=name, loaded=version, runtime=_runtime(module, world))
        for name, module in FRAMEWORKS.items()
        if name.replace("-", "_") == module or name == "scikit-learn"
        if module not in known and (version := _loaded_version(world.modules, module))
    ]
    if not found:
        return FrameworksLayer(status="unavailable", reason="no numerical framework is installed")
    return FrameworksLayer(status="ok", frameworks=sorted(found, key=lambda one: one.name))


def _module_of(name: str) -> str | None:
    return "cupy" if name.startswith("cupy-") else FRAMEWORKS.get(name)


def _describe(one: InstalledDistribution, world: World) -> Framework:
    module = _module_of(one.name)
    assert module is not None
    return Framework(
        name=one.name,
        version=one.version,
        build=_torch_build(one, world) if one.name == "torch" else {},
        loaded=_loaded_version(world.modules, module),
        runtime=_runtime(module, world),
    )


def _loaded_version(modules: Mapping[str, ModuleType], name: str) -> str | None:
    """Return the version of a loaded module; a lazy module is not loaded for it."""
    namespace = namespace_of(modules.get(name))
    version = namespace.get("__version__")
    if version is None and isinstance(objects := namespace.get("_objects"), dict):
        version = objects.get("__version__")  # transformers keeps it there
    # torch's is a subclass of str
    return printable(str(version)) if isinstance(version, str) else None


def _torch_build(one: InstalledDistribution, world: World) -> dict[str, Scalar]:
    folder = one.folder or one.site
    data = read_head(Path(folder, "torch", "version.py"), 16_384)
    build = parse_torch_version(data.decode("utf-8", "replace")) if data else {}
    build.update(_cuda_packages(world))
    return build


def parse_torch_version(text: str) -> dict[str, Scalar]:
    r"""Return the facts of a PyTorch build from its ``version.py``, without running it.

    Parameters
    ----------
    text
        Contents of the file.

    Examples
    --------
    >>> parse_torch_version("cuda: Optional[str] = '12.6'\\nhip = None\\n")
    {'cuda': '12.6', 'hip': None}
    """
    return {
        name: _LITERALS[literal] if literal else printable(value)
        for name, literal, _, value in _TORCH_FACT.findall(text)
    }


def _cuda_packages(world: World) -> Iterator[tuple[str, str]]:
    """Yield the packages that contain the CUDA libraries: distributions first, then conda's."""
    brought = {one.name: one.version for one in reversed(distributions_of(world))}
    conda = dict(_conda_packages(world))
    for fact, pattern in CUDA_PACKAGES.items():
        for versions in (brought, conda):
            names = sorted(name for name in versions if pattern.fullmatch(name))
            if names:
                yield fact, f"{names[0]} {versions[names[0]] or 'of unknown version'}"
                break


def _conda_packages(world: World) -> Iterator[tuple[str, str]]:
    try:
        names = os.listdir(world.prefix / "conda-meta")  # noqa: PTH208 - hundreds of names
    except OSError:
        return
    for name in names:
        parts = name.rsplit("-", 2)
        if len(parts) == 3 and name.endswith(".json"):
            yield printable(parts[0]), printable(parts[1], 50)


def _runtime(module: str, world: World) -> dict[str, Scalar]:
    """Return what a loaded library reports about itself; a query that fails gives ``error``."""
    questions = {"torch": _torch_questions, "numpy": _numpy_questions}.get(module)
    if questions is None or not namespace_of(world.modules.get(module)):
        return {}
    found: dict[str, Scalar] = {}
    for fact, ask in questions(world.modules):
        try:
            answer = ask()
        except Exception:  # noqa: BLE001 - a half-loaded library can raise anything
            answer = ERROR
        if isinstance(answer, str):
            answer = printable(answer)
        if answer is None or isinstance(answer, (bool, int, float, str)):
            found[fact] = answer
    return found


def _torch_questions(
    modules: Mapping[str, ModuleType],
) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield each fact with its query; there are none for a module that is not loaded."""
    torch: Any = modules["torch"]
    if not {"get_num_threads", "get_num_interop_threads"} <= namespace_of(torch).keys():
        return  # the import is not finished
    yield "num_threads", torch.get_num_threads
    yield "num_interop_threads", torch.get_num_interop_threads
    cpu: Any = modules.get("torch.backends.cpu")
    if cpu is not None:
        yield "cpu_capability", cpu.get_cpu_capability
    version: Any = modules.get("torch.version")
    if version is not None:
        yield "cuda", lambda: version.cuda
    cudnn: Any = modules.get("torch.backends.cudnn")
    if cudnn is not None and version is not None and (version.cuda or version.hip):
        yield "cudnn_version", cudnn.version
    cuda: Any = modules.get("torch.cuda")
    if cuda is not None:
        yield "cuda_initialized", cuda.is_initialized


def _numpy_questions(
    modules: Mapping[str, ModuleType],
) -> Iterator[tuple[str, Callable[[], Any]]]:
    core = next(
        (
            modules[name]
            for name in ("numpy._core._multiarray_umath", "numpy.core._multiarray_umath")
            if name in modules
        ),
        None,
    )
    features = namespace_of(core).get("__cpu_features__")
    if isinstance(features, dict):
        yield "simd", lambda: " ".join(sorted(str(name) for name, has in features.items() if has))
    config = namespace_of(namespace_of(modules["numpy"]).get("__config__")).get("CONFIG")
    if isinstance(config, dict):
        blas = config["Build Dependencies"]["blas"]
        yield "blas", lambda: f"{blas['name']} {blas['version']}"
