"""Which packages differ: conda's records and Python's distributions, one change for one cause.

Identical lines are dismissed as sets before anything is parsed, so the cost follows the number
of differences and not the size of the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal, NamedTuple, TypeVar

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.comparing.environments.digests import (
    Unchecked,
    same_source,
    source_of,
    unchecked_change,
    unchecked_distributions,
    unchecked_records,
)
from jupyter_repro.model.snapshot import CondaLayer, PackagesLayer
from jupyter_repro.packages.lines import CondaPackage, Distribution, parse_conda, parse_distribution
from jupyter_repro.packages.versions import processor_of, version_kind

# conda package → Python distribution, where the names differ
ALIASES = {
    "dask-core": "dask",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "py-opencv": "opencv-python",
    "py-xgboost": "xgboost",
    "pytables": "tables",
    "python-duckdb": "duckdb",
    "pytorch": "torch",
}

# Packages that no notebook imports and that still decide which numerical kernels run
_NUMERICAL = (
    ("cudnn", re.compile(r"nvidia-cudnn(-cu[0-9]+)?|(lib)?cudnn[0-9]*")),
    (
        "cuda-runtime",
        re.compile(
            r"cudatoolkit|cuda-version|pytorch-cuda|libcublas"
            r"|nvidia-(cublas|cuda-runtime)(-cu[0-9]+)?"
        ),
    ),
    ("blas", re.compile(r"mkl|(lib)?blas|(lib)?openblas|blis|nvpl-blas")),
)
NUMERICAL_KINDS = frozenset(kind for kind, _ in _NUMERICAL)
_BLAS_VARIANT = re.compile(r"openblas|mkl|blis|netlib|accelerate|newaccelerate|nvpl")
_PYTHON_TAG = re.compile(r"(?:^|_)(?:py|cp|pypy)([0-9])\.?([0-9]*)")


@dataclass(frozen=True, kw_only=True)
class Context:
    """What decides how packages can be compared.

    Parameters
    ----------
    used
        Normalised names of the distributions that count as used.
    other_platform
        The platforms differ, so builds and digests cannot be compared.
    other_environment
        One side is a conda environment and the other is not, so installers are not compared.
    python_known
        The Python layer compares Python itself.
    """

    used: frozenset[str]
    other_platform: bool = False
    other_environment: bool = False
    python_known: bool = True


class Difference(NamedTuple):
    """All changes of one package; `identity` is the name of the Python distribution.

    If one change stands for several packages, whose hashes could not be compared, `unchecked` has
    their names.
    """

    identity: str
    versions: tuple[str | None, str | None]
    by_conda: bool
    changes: list[Change]
    unchecked: tuple[str, ...] = ()


def conda_differences(
    reference: CondaLayer, current: CondaLayer, context: Context
) -> list[Difference]:
    """Return what differs between the conda packages of two environments."""
    pairs = [
        *_pairs(
            _conda_only_in(reference.packages, current.packages),
            _conda_only_in(current.packages, reference.packages),
        )
    ]
    found = [
        difference
        for before, after in pairs
        if (difference := _conda_difference(before, after, context)).changes
    ]
    unchecked = [] if context.other_platform else unchecked_records(pairs, context.used, ALIASES)
    return [*found, *_together("conda", unchecked)]


def distribution_differences(
    reference: PackagesLayer, current: PackagesLayer, context: Context
) -> list[Difference]:
    """Return what differs between the Python distributions of two environments."""
    left, right = set(reference.packages), set(current.packages)
    before = [parse_distribution(line) for line in sorted(left - right)]
    after = [parse_distribution(line) for line in sorted(right - left)]
    pairs = [*_pairs(_in_force(before), _in_force(after))]
    found = [
        difference
        for old, new in pairs
        if (difference := _distribution_difference(old, new, context)).changes
    ]
    told = {difference.identity for difference in found}
    hidden = _pairs(_hidden(before, told), _hidden(after, told))
    found += [_shadowed(old, new, context) for old, new in hidden]
    return [*found, *_together("packages", unchecked_distributions(pairs, context.used))]


def _together(layer: str, unchecked: Iterable[Unchecked]) -> Iterator[Difference]:
    every = [*unchecked]
    change = unchecked_change(layer, every)
    if change is not None:
        names = tuple(one.name for one in every)
        # No package has such a name, so it never matches a package of the other layer
        yield Difference(f"hashes of {layer}", (None, None), False, [change], names)  # noqa: FBT003 - a field


def merge_differences(conda: list[Difference], python: list[Difference]) -> list[Change]:
    """Return one change for one cause.

    A Python distribution that conda installed is in both layers; conda's record has more detail.
    If pip replaced what conda had installed, the distribution has more detail.
    """
    by_identity = {difference.identity: difference for difference in conda}
    by_versions = {difference.versions: difference.identity for difference in conda}
    used, replaced, kept = set(), set(), []
    for difference in python:
        twin = by_identity.get(difference.identity)
        if twin is None and difference.by_conda:
            # The same package under a different name: it moved between the same two versions
            twin = by_identity.get(by_versions.get(difference.versions, ""))
        if twin is None:
            kept.extend(difference.changes)
        elif difference.by_conda or difference.versions == twin.versions:
            if any(change.used for change in difference.changes):
                used.add(twin.identity)
        else:
            replaced.add(twin.identity)
            kept.extend(difference.changes)
    for difference in conda:
        if difference.identity not in replaced:
            kept.extend(
                replace(change, used=True) if difference.identity in used else change
                for change in difference.changes
            )
    return kept


_Line = TypeVar("_Line", CondaPackage, Distribution)


def _by_key(lines: Iterable[_Line]) -> dict[str, list[_Line]]:
    # An environment in disorder has more than one line for a name
    found: dict[str, list[_Line]] = {}
    for line in lines:
        found.setdefault(line.key, []).append(line)
    return found


def _pairs(
    before: dict[str, list[_Line]], after: dict[str, list[_Line]]
) -> Iterator[tuple[_Line | None, _Line | None]]:
    for key in sorted(before.keys() | after.keys()):
        yield from zip_longest(before.get(key, ()), after.get(key, ()))


def _conda_only_in(
    one: Mapping[str, list[str]], other: Mapping[str, list[str]]
) -> dict[str, list[CondaPackage]]:
    return _by_key(
        parse_conda(group, line)
        for group, lines in one.items()
        for line in sorted(set(lines).difference(other.get(group, ())))
    )


def _in_force(distributions: list[Distribution]) -> dict[str, list[Distribution]]:
    return _by_key(line for line in distributions if "shadowed" not in line.flags)


def _hidden(distributions: list[Distribution], told: set[str]) -> dict[str, list[Distribution]]:
    return _by_key(
        line for line in distributions if "shadowed" in line.flags and line.key not in told
    )


def numerical_kind(key: str) -> str | None:
    """Return the kind of change for a numerical library of the GPU or the processor, else None."""
    return next((kind for kind, names in _NUMERICAL if names.fullmatch(key)), None)


def _conda_difference(
    before: CondaPackage | None, after: CondaPackage | None, context: Context
) -> Difference:
    record = before or after
    assert record is not None
    identity = ALIASES.get(record.key, record.key)
    versions = (before.version if before else None, after.version if after else None)
    other_channel = before is not None and after is not None and before.channel != after.channel
    builds = not context.other_platform

    def text(one: CondaPackage | None) -> str | None:
        if one is None:
            return None
        parts = [one.version]
        if builds:
            parts.append(one.build)
        if other_channel:
            parts.append(f"({one.channel})")
        return " ".join(filter(None, parts))

    def change(kind: str, reference: str | None, current: str | None) -> Change:
        return Change(
            kind=kind,
            layer="conda",
            subject=record.name,
            reference=reference,
            current=current,
            used=identity in context.used or kind in NUMERICAL_KINDS,
            installer="conda",
        )

    if before is None or after is None:
        kind = "package-missing" if after is None else "package-added"
        return Difference(identity, versions, True, [change(kind, text(before), text(after))])  # noqa: FBT003 - a field
    changes = []
    version = version_kind(before.version, after.version)
    # Python's own layer reports its version, and python_abi follows it
    told = context.python_known and identity in {"python", "python-abi"}
    if version and not told:
        changes.append(change(numerical_kind(record.key) or version, text(before), text(after)))
    variants = processor_of("", before.build), processor_of("", after.build)
    if None not in variants and variants[0] != variants[1]:
        values = _variant_texts(variants) if version else (text(before), text(after))
        changes.append(change("cpu-gpu-build", *values))
    same = None if version or changes else _same_version_kind(before, after, context)
    if same:
        to_text = _VALUES.get(same, text)
        changes.append(change(same, to_text(before), to_text(after)))
    return Difference(identity, versions, True, changes)  # noqa: FBT003 - a field


def _variant_texts(variants: tuple[str | None, str | None]) -> tuple[str, str]:
    # Used beside a change of the version, which is reported with the full versions
    return f"{variants[0]} build", f"{variants[1]} build"


def _same_version_kind(before: CondaPackage, after: CondaPackage, context: Context) -> str | None:
    if not context.other_platform:
        if before.build != after.build:
            return _build_kind(before, after)
        same_sort = before.archive == after.archive and len(before.digest) == len(after.digest)
        if same_sort and before.digest != after.digest:
            return "hash"
    if before.channel != after.channel:
        return "channel"
    return "archive" if before.archive != after.archive else None


def _build_kind(before: CondaPackage, after: CondaPackage) -> str | None:
    if numerical_kind(before.key) == "blas":
        one, other = (_BLAS_VARIANT.findall(record.build) for record in (before, after))
        if one != other:
            return "blas"
    tags = _PYTHON_TAG.search(before.build), _PYTHON_TAG.search(after.build)
    if tags[0] and tags[1] and tags[0].groups() != tags[1].groups():
        return None  # built for a different Python: the Python layer reports it once
    return "build"


def _digest_text(record: CondaPackage) -> str:
    name = "sha256" if len(record.digest) == 64 else "md5"
    return f"{record.version} {record.build} {name}:{record.digest}"


def _channel_text(record: CondaPackage) -> str:
    return record.channel


def _archive_text(record: CondaPackage) -> str:
    return record.archive


_VALUES = {"hash": _digest_text, "channel": _channel_text, "archive": _archive_text}


def _distribution_difference(
    before: Distribution | None, after: Distribution | None, context: Context
) -> Difference:
    line = before or after
    assert line is not None
    versions = (before.version if before else None, after.version if after else None)
    by_conda = all(one is None or one.installer == "conda" for one in (before, after))
    changes = [
        Change(
            kind=kind,
            layer="packages",
            subject=line.name,
            reference=reference,
            current=current,
            used=line.key in context.used or kind in NUMERICAL_KINDS,
            installer=_installer(before),
        )
        for kind, reference, current in _distribution_kinds(before, after, context)
    ]
    return Difference(line.key, versions, by_conda, changes)


def _distribution_kinds(
    before: Distribution | None, after: Distribution | None, context: Context
) -> Iterator[tuple[str, str | None, str | None]]:
    if before is None or after is None:
        kind = "package-missing" if after is None else "package-added"
        yield kind, _told(before) if before else None, _told(after) if after else None
        return
    origin = None if context.other_environment else _origin_kind(before, after)
    version = version_kind(before.version, after.version)
    variants = processor_of(before.version), processor_of(after.version)
    other_variant = None not in variants and variants[0] != variants[1]
    if version and not (other_variant and version == "version-local"):
        told = origin in {"source", "replaces-conda"}
        values = [
            f"{one.version} [{one.origin}]" if told else one.version for one in (before, after)
        ]
        yield numerical_kind(before.key) or version, values[0], values[1]
    if other_variant:
        released = version not in {None, "version-local"}
        texts = _variant_texts(variants) if released else (before.version, after.version)
        yield "cpu-gpu-build", *texts
    elif origin and not version:
        values = [f"{one.version} [{one.origin}]" for one in (before, after)]
        yield origin, values[0], values[1]


def _told(one: Distribution) -> str:
    return one.version or one.source


def _origin_kind(before: Distribution, after: Distribution) -> str | None:
    by_conda = before.installer == "conda", after.installer == "conda"
    flags = {*before.flags} ^ {*after.flags}
    if "replaces-conda" in flags:
        return "replaces-conda"
    is_moved = source_of(before)[0] != source_of(after)[0]
    if "editable" in flags or is_moved or by_conda[0] != by_conda[1]:
        return "source"
    if same_source(before, after) == "no":
        return "hash"
    return "installer" if flags or before.installer != after.installer else None


def _installer(before: Distribution | None) -> Literal["conda", "pip"] | None:
    if before is None or before.source or "editable" in before.flags:
        return None
    return "conda" if before.installer == "conda" else "pip"


def _shadowed(
    before: Distribution | None, after: Distribution | None, context: Context
) -> Difference:
    line = before or after
    assert line is not None
    values = [f"{one.version} [{one.origin}]" if one else None for one in (before, after)]
    change = Change(
        kind="shadowed",
        layer="packages",
        subject=line.name,
        reference=values[0],
        current=values[1],
        used=line.key in context.used,
    )
    versions = (before.version if before else None, after.version if after else None)
    return Difference(line.key, versions, False, [change])  # noqa: FBT003 - a field
