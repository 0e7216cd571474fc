"""What differs between two snapshots, before anybody weighs it.

A `Change` is a plain fact; a policy gives it a severity. Here stand the kinds of change and the
order in which they are likely to move numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KINDS: tuple[str, ...] = (
    # The random numbers themselves
    "seed",
    "seed-rank",
    # Hardware and precision: other kernels, other rounding
    "gpu-missing",
    "gpu-added",
    "gpu-architecture",
    "cpu-gpu-build",
    "precision",
    "determinism-level",
    "deterministic-flag",
    "platform",
    "gpu-model",
    "sm-count",
    "mig",
    "gpu-count",
    # The libraries that choose the kernels
    "cudnn",
    "cuda-runtime",
    "autotune",
    "framework-loaded",
    "framework-build",
    "framework-runtime",
    "driver-branch",
    "driver-loaded",
    # Python
    "python-major",
    "python-minor",
    "python-patch",
    "implementation",
    "free-threaded",
    # The processor's side of the numbers
    "blas",
    "blas-architecture",
    "cpu-features",
    "cpu-capability",
    "threads",
    "library-variable",
    "determinism-variable",
    "hash-seed",
    "seeder",
    "torch-flag",
    # Packages
    "package-missing",
    "requirement",
    "version-major",
    "version-minor",
    "version-local",
    "version-patch",
    "source",
    "replaces-conda",
    "shadowed",
    "hash",
    "hash-not-checked",
    "build",
    "package-added",
    "channel",
    # What seldom matters to a number
    "layer-status",
    "third-party",
    "python-path",
    "cuda-driver",
    "driver-version",
    "gpu-memory",
    "ecc",
    "cpu-model",
    "machine",
    "cores",
    "libc",
    "os",
    "kernel",
    "container",
    "compiler",
    "environment-kind",
    "environment",
    "manager",
    "installer",
    "archive",
    "git-commit",
    "git-dirty",
    "seed-added",
    "hash-seed-added",
)
"""Every kind of change, the likeliest to move a number first."""

PACKAGE_KINDS = frozenset(KINDS[KINDS.index("package-missing") : KINDS.index("channel") + 1])
VERSION_KINDS = frozenset(("version-major", "version-minor", "version-local", "version-patch"))

_POSITION = {kind: position for position, kind in enumerate(KINDS)}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference between a reference and a current snapshot.

    Parameters
    ----------
    kind
        One of `KINDS`.
    layer
        Name of the layer that it belongs to.
    subject
        What differs: a package, a device, a variable.
    reference, current
        What was recorded and what is here now; None where there is nothing.
    used
        Whether the notebook imports it. True for what is below every package, such as the GPU.
    installer
        The tool that would install the recorded state of a package.
    """

    kind: str
    layer: str
    subject: str
    reference: str | None
    current: str | None
    used: bool = True
    installer: Literal["conda", "pip"] | None = None


def impact(change: Change) -> tuple[bool, int]:
    """Return a sort key: what is likelier to move a number comes first."""
    kind = change.kind
    if change.layer == "frameworks" and kind in PACKAGE_KINDS:
        # A framework brings its own kernels: it counts before Python, not among the packages
        kind = "framework-build"
    return not change.used, _POSITION[kind]
