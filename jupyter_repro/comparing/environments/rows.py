"""The rows of the table of packages, as the panel, `%repro panel` and the report show them.

The comparison that makes the findings also decides whether a package differs. When the table
decided it separately, it once showed a package as equal that the verdict named: its file had the
same name and a different hash.

A package is one row, under whichever name: conda's `pytorch` is Python's `torch`. A distribution
that pip installed over conda's has a second row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import NamedTuple, TypeAlias

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.comparing.environments.layers import comparison_context
from jupyter_repro.comparing.environments.packages import (
    ALIASES,
    conda_differences,
    distribution_differences,
)
from jupyter_repro.comparing.environments.partial import align
from jupyter_repro.comparing.environments.policy import Policy
from jupyter_repro.model.report import PackageRow
from jupyter_repro.model.snapshot import Layers, Snapshot
from jupyter_repro.packages.lines import parse_conda, parse_distribution
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.text import printable


class _Entry(NamedTuple):
    """A package on one side; `layers` are those that list it."""

    name: str
    version: str
    build: str
    origin: str
    layers: tuple[str, ...]


class _Changes(NamedTuple):
    """The changes of each package that the policy does not ignore.

    `by_layer` has them by layer and identity; the layer of a distribution that conda installed is
    ``either``. `unchecked` has the identities of packages whose hashes could not be compared,
    `compared` has the layers that were compared.
    """

    by_layer: dict[tuple[str, str], list[Change]]
    unchecked: set[str]
    compared: set[str]


_Pair: TypeAlias = tuple[_Entry | None, _Entry | None]


def package_rows(
    reference: Snapshot | None, current: Snapshot | None, policy: Policy
) -> list[PackageRow]:
    """Return the packages of both sides, sorted by name.

    Parameters
    ----------
    reference, current
        What was recorded and what is here; if either is missing, nothing is compared.
    policy
        A difference that it ignores does not count, as in a `Report`.
    """
    sides = [_entries(side.layers) if side else {} for side in (reference, current)]
    changes = _Changes({}, set(), set())
    if reference is not None and current is not None:
        changes = _weighed(reference, current, policy)
    used = {
        normalise(name)
        for side in (reference, current)
        if side
        for name in side.layers.notebook.used
    }
    rows = [
        _row(identity, pair, changes, used)
        for identity in sorted(sides[0].keys() | sides[1].keys())
        for pair in _pairs(*(side.get(identity, ([], [])) for side in sides))
    ]
    return sorted(rows, key=lambda row: normalise(row.name))


def _entries(layers: Layers) -> dict[str, tuple[list[_Entry], list[_Entry]]]:
    """Return the packages by identity: conda's records, and the distributions beside them."""
    found: dict[str, tuple[list[_Entry], list[_Entry]]] = {}
    for group, lines in layers.conda.packages.items():
        for line in lines:
            one = parse_conda(group, line)
            origin = one.channel.rpartition("/")[2]
            entry = _Entry(one.name, one.version, one.build, origin, ("conda",))
            found.setdefault(_identity(one.name), ([], []))[0].append(entry)
    distributions = [parse_distribution(line) for line in layers.packages.packages]
    # The one that is imported comes first
    for other in sorted(distributions, key=lambda one: "shadowed" in one.flags):
        conda, beside = found.setdefault(other.key, ([], []))
        if conda and other.installer == "conda":
            conda[0] = conda[0]._replace(layers=("conda", "packages"))
        else:
            beside.append(_Entry(other.name, other.version, "", other.origin, ("packages",)))
    return found


def _pairs(
    reference: tuple[list[_Entry], list[_Entry]], current: tuple[list[_Entry], list[_Entry]]
) -> Iterator[_Pair]:
    """Pair the entries of both sides: first those that the same program installed."""
    left: list[tuple[list[_Entry], list[_Entry]]] = []
    for before, after in zip(reference, current, strict=True):
        both = min(len(before), len(after))
        yield from zip(before[:both], after[:both], strict=True)
        left.append((before[both:], after[both:]))
    (conda_before, conda_after), (before, after) = left
    yield from zip_longest([*conda_before, *before], [*conda_after, *after])


def _weighed(reference: Snapshot, current: Snapshot, policy: Policy) -> _Changes:
    aligned = align(reference, current)
    before, after = aligned.reference.layers, aligned.current.layers
    # The row for Python shows that it differs, though no finding of the packages does
    context = replace(comparison_context(before, after), python_known=False)
    compared = {
        name
        for name in ("conda", "packages")
        if getattr(before, name).status == getattr(after, name).status == "ok"
        and name not in aligned.undecided
    }
    found = _Changes({}, set(), compared)

    def add(layer: str, identity: str, changes: Iterable[Change]) -> None:
        weighed = [one for one in changes if policy.severity(one.kind, used=one.used) is not None]
        if weighed:
            found.by_layer.setdefault((layer, identity), []).extend(weighed)

    if "conda" in compared:
        for one in conda_differences(before.conda, after.conda, context):
            add("conda", one.identity, one.changes)
            found.unchecked.update(_identity(name) for name in one.unchecked)
    if "packages" in compared:
        for one in distribution_differences(before.packages, after.packages, context):
            add("either" if one.by_conda else "packages", one.identity, one.changes)
            found.unchecked.update(_identity(name) for name in one.unchecked)
    for change in aligned.changes:
        add("either", _identity(change.subject), [change])
    return found


def _identity(name: str) -> str:
    key = normalise(name)
    return ALIASES.get(key, key)


def _row(identity: str, pair: _Pair, found: _Changes, used: set[str]) -> PackageRow:
    entries = [one for one in pair if one is not None]
    layers = [name for name in ("conda", "packages") if any(name in one.layers for one in entries)]
    # A distribution that pip installed over conda's does not make conda's differ
    sources = {"either", *(one.layers[0] for one in entries)}
    changes = [
        change
        for source in ("conda", "packages", "either")
        if source in sources
        for change in found.by_layer.get((source, identity), ())
    ]
    differs: bool | None = None
    if changes:
        differs = True
    elif identity not in found.unchecked and not found.compared.isdisjoint(layers):
        differs = False
    recorded, here = (None if one is None else one.version or "?" for one in pair)
    if changes and recorded == here:
        recorded, here = _told_apart(changes) or (recorded, here)
    origins = dict.fromkeys(one.origin for one in entries if one.origin)
    return PackageRow(
        name=printable(entries[0].name),
        recorded=None if recorded is None else printable(recorded, 1_000),
        current=None if here is None else printable(here, 1_000),
        origin=printable(" → ".join(origins)),
        layers=layers,
        used=identity in used,
        differs=differs,
    )


def _told_apart(changes: list[Change]) -> tuple[str, str] | None:
    """Return the texts by which the findings distinguish two packages of one version."""
    for change in changes:
        if change.reference is not None and change.current is not None:
            return change.reference, change.current
    return None
