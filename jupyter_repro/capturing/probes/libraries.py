"""The libraries layer: BLAS and OpenMP, which decide in what order numbers are added.

The variables have their current values; what the loaded libraries took from them is in `loaded`.
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from types import ModuleType
from typing import Any

from jupyter_repro.capturing.sources.system.thread_pools import thread_pool_control
from jupyter_repro.capturing.sources.system.variables import pick_variables
from jupyter_repro.model.snapshot import LibrariesLayer, Library
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

VARIABLES = (
    # How many threads there are, where they run, and in what order they work
    *("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OMP_DYNAMIC", "OMP_NESTED", "OMP_SCHEDULE"),
    *("OMP_MAX_ACTIVE_LEVELS", "OMP_PLACES", "OMP_PROC_BIND", "GOMP_CPU_AFFINITY"),
    *("MKL_NUM_THREADS", "MKL_DOMAIN_NUM_THREADS", "MKL_DYNAMIC", "MKL_THREADING_LAYER"),
    *("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "NUMEXPR_MAX_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"),
    *("LOKY_MAX_CPU_COUNT", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
    # Which compute kernels are chosen for this processor
    *("MKL_CBWR", "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE", "MKL_INTERFACE_LAYER"),
    *("OPENBLAS_CORETYPE", "BLIS_ARCH_TYPE", "ATEN_CPU_CAPABILITY", "TF_ENABLE_ONEDNN_OPTS"),
    *("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE"),
    *("DNNL_DEFAULT_FPMATH_MODE", "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"),
    *("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "JAX_DEFAULT_MATMUL_PRECISION", "JAX_ENABLE_X64"),
)
"""Variables that can change results, by the manuals of the libraries."""

# Except these two: scikit-learn and threadpoolctl set them on import, and they change no result
_PATTERN = r"KMP_(?!DUPLICATE_LIB_OK$|INIT_AT_FORK$)[A-Z_]+|NUMBA_\w*THREAD\w*"

_NUMERICAL = ("numpy", "torch", "scipy", "sklearn", "tensorflow", "jax", "numba", "faiss", "cv2")


def collect(world: World) -> LibrariesLayer:
    """Return the settings of the numerical libraries, and the libraries that are loaded."""
    loaded, reason = _collect_loaded(world)
    return LibrariesLayer(
        status="ok",
        reason=reason,
        variables=pick_variables(world.environ, VARIABLES, pattern=_PATTERN),
        loaded=loaded,
    )


def _collect_loaded(world: World) -> tuple[list[Library], str | None]:
    if not any(name in world.modules for name in _NUMERICAL):
        return [], "no numerical library is loaded yet"
    control = thread_pool_control()
    if control is None:
        return [], (
            "threadpoolctl is not installed: the loaded BLAS and OpenMP libraries are not known"
        )
    # Only an import loads a library; the numbers of threads are read each time
    return list_libraries(_find_pools(control, len(world.modules)).info()), None


@lru_cache(maxsize=1)
def _find_pools(control: ModuleType, module_count: int) -> Any:  # noqa: ANN401, ARG001 - untyped; the count is the key
    with warnings.catch_warnings():
        # It warns about two OpenMP runtimes in one process; the list contains both
        warnings.simplefilter("ignore")
        return control.ThreadpoolController()


def list_libraries(found: list[dict[str, Any]]) -> list[Library]:
    """Return what `threadpoolctl.threadpool_info` found, sorted, without the folders.

    Parameters
    ----------
    found
        One dictionary for each library; the same library may be loaded from several places.
    """
    libraries = {
        Library(
            # All OpenMP runtimes are called "openmp"; only the file name shows which one it is
            name=printable(_name(facts), 100),
            version=_text(facts.get("version")),
            threads=facts.get("num_threads"),
            architecture=_text(facts.get("architecture")),
            threading=_text(facts.get("threading_layer")),
        )
        for facts in found
    }
    return sorted(libraries, key=lambda library: (library.name, library.version or ""))


def _name(facts: dict[str, Any]) -> str:
    name = str(facts.get("internal_api") or "unknown")
    return str(facts.get("prefix") or name) if name == "openmp" else name


def _text(value: object) -> str | None:
    return None if value is None else printable(str(value), 100)
