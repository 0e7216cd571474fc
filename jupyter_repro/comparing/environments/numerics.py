"""Which numerical settings differ: BLAS and threads, seeds and switches.

A fact that only a loaded library reports is compared if both sides had loaded it.

Seeds are judged only if something is seeded: a notebook that you have only opened has not lost its
seed, so the layer is "not checked".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from jupyter_repro.capturing.sources.torch_flags import KIND_OF_FLAG
from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.comparing.environments.stack import plain_change
from jupyter_repro.model.fields import Scalar
from jupyter_repro.model.snapshot import DeterminismLayer, LibrariesLayer, Library

# Name of a fact or a variable → kind of the change; the first match counts. `torch_flags` has the
# kinds of PyTorch's flags; for flags that a later version recorded, the name decides
_SETTINGS = (
    ("hash-seed", re.compile(r"^PYTHONHASHSEED$")),
    ("cudnn", re.compile(r"^cudnn_(version|package)$")),
    ("cuda-runtime", re.compile(r"^(cublas|cuda_runtime)_package$")),
    ("blas", re.compile(r"^blas$")),
    ("precision", re.compile(r"tf32|precision|fp16_acc|fpmath|dtype", re.IGNORECASE)),
    ("autotune", re.compile(r"benchmark|autotune", re.IGNORECASE)),
    ("deterministic-flag", re.compile(r"determinis|CUBLAS_WORKSPACE", re.IGNORECASE)),
    ("cpu-capability", re.compile(r"capability$", re.IGNORECASE)),
    ("threads", re.compile(r"threads$", re.IGNORECASE)),
)
# Whether CUDA is initialised yet is not a fact about the environment
_PASSING = frozenset(("cuda_initialized",))
UNREADABLE = "error"
"""Value of a setting that its library could not report."""

_BLAS = re.compile(r"mkl|blas|blis|accelerate|nvpl", re.IGNORECASE)


def _kind_of_setting(name: str, otherwise: str) -> str:
    if name in KIND_OF_FLAG:
        return KIND_OF_FLAG[name]
    return next((kind for kind, pattern in _SETTINGS if pattern.search(name)), otherwise)


def setting_changes(
    layer: str,
    prefix: str,
    reference: Mapping[str, Scalar],
    current: Mapping[str, Scalar],
    otherwise: str,
) -> Iterator[Change]:
    """Yield the settings that differ, if both sides have them and could read them.

    Parameters
    ----------
    layer, prefix
        Layer of the changes, and prefix of their subjects.
    reference, current
        Name → value.
    otherwise
        Kind of the changes whose names give none.
    """
    for name in sorted((reference.keys() & current.keys()) - _PASSING):
        values = reference[name], current[name]
        if UNREADABLE not in values:
            kind = _kind_of_setting(name, otherwise)
            yield from plain_change(kind, layer, f"{prefix}{name}", *values)


def library_changes(
    reference: LibrariesLayer, current: LibrariesLayer, told: frozenset[str]
) -> Iterator[Change]:
    """Yield what differs in the numerical libraries.

    Parameters
    ----------
    told
        Normalised names of the BLAS packages that differ: one cause is reported once.
    """
    yield from _variable_changes(
        "libraries", reference.variables, current.variables, "library-variable"
    )
    before, after = _by_name(reference.loaded), _by_name(current.loaded)
    blas = [{name for name in side if _BLAS.search(name)} for side in (before, after)]
    if all(blas) and not blas[0] & blas[1] and not told:
        names = [" ".join(sorted(side)) for side in blas]
        yield from plain_change("blas", "libraries", "BLAS library", *names)
    for name in sorted(before.keys() & after.keys()):
        yield from _one_library(name, before[name], after[name], told)


def _by_name(libraries: list[Library]) -> dict[str, list[Library]]:
    found: dict[str, list[Library]] = defaultdict(list)
    for library in libraries:
        found[library.name].append(library)
    return found


def _one_library(
    name: str, before: list[Library], after: list[Library], told: frozenset[str]
) -> Iterator[Change]:
    for kind, attribute, suffix in (
        ("blas", "version", ""),
        ("blas-architecture", "architecture", " kernels"),
        ("threads", "threads", ""),
        ("blas", "threading", " threading"),
    ):
        if attribute == "version" and any(name.lower().removeprefix("lib") in one for one in told):
            continue
        values = [
            {getattr(library, attribute) for library in side} - {None} for side in (before, after)
        ]
        # numpy and scipy bring one each; if a side loaded fewer of them, that is no difference
        if all(values) and not values[0] <= values[1] and not values[1] <= values[0]:
            texts = [", ".join(sorted(map(str, side))) for side in values]
            yield from plain_change(kind, "libraries", f"{name}{suffix}", *texts)


def _variable_changes(
    layer: str, reference: Mapping[str, str], current: Mapping[str, str], otherwise: str
) -> Iterator[Change]:
    for name in sorted(reference.keys() | current.keys()):
        before, after = reference.get(name), current.get(name)
        if before != after:
            yield Change(
                kind=_kind_of_setting(name, otherwise),
                layer=layer,
                subject=name,
                reference=before,
                current=after,
            )


def determinism_changes(reference: DeterminismLayer, current: DeterminismLayer) -> Iterator[Change]:
    """Yield what differs in the seed, the switches and the process-start settings."""
    yield from _seed_changes(reference, current)
    for change in _variable_changes(
        "determinism", reference.variables, current.variables, "determinism-variable"
    ):
        fixed_since = reference.hash_randomization and current.hash_randomization is False
        if change.kind == "hash-seed" and fixed_since:
            yield replace(change, kind="hash-seed-added")
        else:
            yield change
    if "PYTHONHASHSEED" not in reference.variables.keys() | current.variables.keys():
        hashes = reference.hash_randomization, current.hash_randomization
        yield from plain_change("hash-seed", "determinism", "hash randomisation", *hashes)
    yield from setting_changes(
        "determinism", "torch ", reference.torch, current.torch, "torch-flag"
    )


def _seed_changes(reference: DeterminismLayer, current: DeterminismLayer) -> Iterator[Change]:
    before, after = reference.seed, current.seed
    if before != after:
        kind = "seed-added" if before is None else "seed"
        yield Change(
            kind=kind,
            layer="determinism",
            subject="seed",
            reference=before,
            current=after,
        )
    if before is None or after is None:
        return
    ranks = ("same on all" if rank is None else rank for rank in (reference.rank, current.rank))
    yield from plain_change("seed-rank", "determinism", "rank", *ranks)
    yield from plain_change(
        "determinism-level",
        "determinism",
        "determinism level",
        reference.determinism,
        current.determinism,
    )
    covered = {*current.seeded, *current.waiting}
    for name in sorted({*reference.seeded, *reference.waiting} - covered):
        yield Change(
            kind="seeder",
            layer="determinism",
            subject=f"seeding of {name}",
            reference="seeded",
            current=None,
        )
