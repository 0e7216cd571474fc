"""Whether a listed package is of the recorded variant, by what it needs.

A record has no dependencies of its packages, but it has the packages that they were installed
with: a candidate that needs a different BLAS or Python than the recorded one is a different
variant, whatever its build number. The hash in a build string stands for conda-build's variant, so
builds with the same one are rebuilds of each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from jupyter_repro.install.rattler.records import Record
from jupyter_repro.packages.match_spec import allows_build, allows_version, parse_match_spec
from jupyter_repro.packages.pins import CondaPin
from jupyter_repro.packages.versions import major_minor

Recorded: TypeAlias = Mapping[str, CondaPin]
"""Name → recorded package, of one environment."""

DECIDING = frozenset(
    [
        *("blas", "libblas", "libcblas", "liblapack", "mkl", "nomkl", "blas-devel"),
        *("openblas", "libopenblas", "libopenblas64", "blis", "netlib", "accelerate"),
        *("cudatoolkit", "cuda-version", "pytorch-cuda", "cuda-cudart", "cudnn", "rocm-core"),
        *("mpi", "mpich", "openmpi", "r-base", "perl", "_openmp_mutex", "pytorch-mutex"),
    ]
)
"""What a variant is chosen by, besides Python: a different one may give different numbers."""

_PYTHON = re.compile(r"py(\d{2,3})(?=h[0-9a-f]{7}|_|\Z)", re.ASCII)
_HASH = re.compile(r"h[0-9a-f]{7,}(?=_|\Z)", re.ASCII)


def by_name(pins: Iterable[CondaPin]) -> dict[str, CondaPin]:
    """Return the recorded packages by their names."""
    return {pin.name: pin for pin in pins}


def has_same_hash(pin: CondaPin, record: Record) -> bool:
    """Return whether both builds are of one variant, by the hash in their build strings."""
    found = _HASH.findall(pin.build)
    return bool(found) and found == _HASH.findall(record.build)


def is_for_another_python(pin: CondaPin, record: Record, recorded: Recorded) -> bool:
    """Return whether a build cannot be used by the recorded Python."""
    if pin.name == "python":
        return False
    here, there = _PYTHON.findall(pin.build), _PYTHON.findall(record.build)
    if here and there and here != there:
        return True
    python = recorded.get("python")
    if python is None:
        return False
    if there and there != [major_minor(python.version).replace(".", "")]:
        return True
    needed = filter(None, map(parse_match_spec, record.depends))
    return any(
        one.name in {"python", "python_abi"}
        and one.version
        and allows_version(one.version, python.version) is False
        for one in needed
    )


def unmet(record: Record, recorded: Recorded) -> Iterator[str]:
    """Yield the names of what a package needs, and the recorded environment does not have."""
    if not recorded:
        return
    for text in record.depends:
        spec = parse_match_spec(text)
        if spec is None or spec.name.startswith("__"):
            continue
        pin = recorded.get(spec.name)
        if (
            pin is None
            or (spec.version and allows_version(spec.version, pin.version) is False)
            or (spec.build and allows_build(spec.build, pin.build) is False)
        ):
            yield spec.name
