"""Environment variables that take effect only when a kernel starts: hashes, cuBLAS, threads.

The record of a notebook may come from a stranger: only thread counts are taken from it, and only
for the names below.

A kernel that is restarted in place would lose all its state and the pending reply, so these
variables are set at the start, by a kernel specification or a headless run. A headless run sets
only thread counts that stood in variables when the reference was recorded. Counts that a library
chose by itself are left to it; otherwise each run would look like a different environment. The hash
seed comes from the notebook's own `%repro seed=…`, so the first and the second run give the same
output.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from jupyter_repro.capturing.sources.python.distributions import installed_world, scan
from jupyter_repro.errors import UsageError
from jupyter_repro.kernel.arguments import parse_request
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.run.kernels import runs_here
from jupyter_repro.safety.world import current_world
from jupyter_repro.seeding.determinism import (
    CUBLAS_DETERMINISTIC,
    CUBLAS_VARIABLE,
    needs_cublas_variable,
)
from jupyter_repro.seeding.options import parse_seed

if TYPE_CHECKING:
    from jupyter_client.kernelspec import KernelSpec

HASH_SEED = "PYTHONHASHSEED"

# Variable → names of the loaded libraries that read it, as threadpoolctl reports them
THREADS = {
    "OMP_NUM_THREADS": ("libgomp", "libiomp", "libomp", "vcomp"),
    "MKL_NUM_THREADS": ("mkl",),
    "OPENBLAS_NUM_THREADS": ("openblas",),
}

_REPRO_LINE = re.compile(r"^[ \t]*%repro[ \t]+([^\n]*\bseed\b[^\n]*)$", re.MULTILINE)
_COUNT = re.compile(r"[1-9][0-9]{0,3}")


def hash_seed(seed: int) -> str:
    """Return the value of ``PYTHONHASHSEED`` for a seed; it takes 32 bits."""
    return str(seed % 2**32)


def torch_here() -> str | None:
    """Return the version of PyTorch in this environment, without importing it."""
    installed = scan(installed_world(current_world()))
    return next((one.version for one in installed if one.name == "torch"), None)


def cublas_setting(torch: str | None) -> dict[str, str]:
    """Return the variable that a version of PyTorch needs; None means no PyTorch.

    See `determinism.needs_cublas_variable`.
    """
    needed = False
    with suppress(ValueError):  # a recorded version can be anything
        needed = torch is not None and needs_cublas_variable(torch)
    return {CUBLAS_VARIABLE: CUBLAS_DETERMINISTIC[0]} if needed else {}


def threads_in_force(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the thread counts that are set in the environment of this process."""
    return {name: environ[name] for name in THREADS if _COUNT.fullmatch(environ.get(name, ""))}


def recorded_variables(snapshot: Snapshot) -> dict[str, str]:
    """Return the thread counts that were set in variables when a snapshot was taken."""
    return threads_in_force(snapshot.layers.libraries.variables)


def recorded_threads(snapshot: Snapshot) -> dict[str, str]:
    """Return the thread counts of a snapshot, from variables and from loaded libraries.

    A variable wins over the loaded libraries. Of several libraries of one kind the largest number
    counts: a library that limits itself to fewer threads would do so again.
    """
    found = dict(recorded_variables(snapshot))
    for name, libraries in THREADS.items():
        counts = [
            loaded.threads or 0
            for loaded in snapshot.layers.libraries.loaded
            if loaded.name.startswith(libraries)
        ]
        torch_threads = snapshot.layers.determinism.torch.get("num_threads")
        if name == "OMP_NUM_THREADS" and isinstance(torch_threads, int):
            counts = [torch_threads]
        if name not in found and counts and _COUNT.fullmatch(str(max(counts))):
            found[name] = str(max(counts))
    return found


def seed_in_cells(sources: Iterable[str]) -> int | None:
    """Return the seed of the first ``%repro seed=…`` in a notebook's code, if any."""
    for source in sources:
        for line in _REPRO_LINE.findall(source):
            with suppress(UsageError):
                return parse_seed(parse_request(line).options.get("seed", ""))
    return None


def variables_for_run(
    seed: int | None,
    sources: Iterable[str],
    reference: Snapshot | None,
    spec: KernelSpec,
    environ: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """Return the variables that the kernel of a headless run gets besides those of this process.

    Parameters
    ----------
    seed
        The seed of the run; None uses the notebook's own, or else the recorded one. Without any
        seed, ``PYTHONHASHSEED`` is not set.
    sources
        The code cells.
    reference
        What the notebook has recorded. Only thread counts that were set in variables are used:
        others would change the recorded environment.
    spec
        Of the kernel. Its PyTorch is known only if it runs in this environment.
    environ
        The variables that the kernel inherits. What you have set stays.
    """
    variables = {} if reference is None else recorded_variables(reference)
    if seed is None:
        seed = seed_in_cells(sources)
    if seed is None and reference is not None and reference.layers.determinism.seed is not None:
        seed = int(reference.layers.determinism.seed)
    if seed is not None:
        variables[HASH_SEED] = hash_seed(seed)
        variables |= cublas_setting(torch_here()) if runs_here(spec) else {}
    return {name: value for name, value in variables.items() if name not in environ}
