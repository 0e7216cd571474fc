"""Which packages are compared by name only, because the two sides have no hash in common.

A hash on one side only, or a sha256 beside an md5, does not prove that two files are the same. That
is one change for all packages, since it has one cause: the tool that installed or recorded them
keeps no hash of that kind. If neither side has a hash, nothing differs, but that is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.model.snapshot import CondaLayer, PackagesLayer
from jupyter_repro.packages.archives import SOURCE_EXTENSIONS
from jupyter_repro.packages.lines import CondaPackage, Distribution, parse_distribution

KIND = "hash-not-checked"
_NAMED = 8
_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
_ARCHIVES = (".whl", *SOURCE_EXTENSIONS)


class Unchecked(NamedTuple):
    """A package whose hashes cannot be compared, and the kinds of hash on each side."""

    name: str
    reference: str
    current: str
    used: bool


def unchecked_records(
    pairs: Iterable[tuple[CondaPackage | None, CondaPackage | None]],
    used: frozenset[str],
    aliases: Mapping[str, str],
) -> Iterator[Unchecked]:
    """Yield the conda packages that are the same except for hashes that cannot be compared."""
    for before, after in pairs:
        if (
            before
            and after
            and (before.version, before.build, before.archive)
            == (after.version, after.build, after.archive)
            and len(before.digest) != len(after.digest)
        ):
            known = [_ALGORITHMS.get(len(one.digest)) or "no hash" for one in (before, after)]
            is_used = aliases.get(before.key, before.key) in used
            yield Unchecked(before.name, known[0], known[1], is_used)


def unchecked_distributions(
    pairs: Iterable[tuple[Distribution | None, Distribution | None]], used: frozenset[str]
) -> Iterator[Unchecked]:
    """Yield the distributions from one address whose hashes cannot be compared."""
    for before, after in pairs:
        if (
            before
            and after
            and before.version == after.version
            and source_of(before)[0] == source_of(after)[0]
            and same_source(before, after) == "not checked"
        ):
            known = [", ".join(source_of(one)[1]) or "no hash" for one in (before, after)]
            yield Unchecked(before.name, known[0], known[1], before.key in used)


def source_of(distribution: Distribution) -> tuple[str, dict[str, str]]:
    """Return the address that a distribution came from, and its hashes."""
    address, _, fragment = distribution.source.partition("#")
    hashes, rest = {}, []
    for part in filter(None, fragment.split("&")):
        name, _, value = part.partition("=")
        if name in _ALGORITHMS.values():
            hashes[name] = value
        else:
            rest.append(part)
    return "#".join(filter(None, (address, "&".join(rest)))), hashes


def same_source(before: Distribution, after: Distribution) -> Literal["yes", "no", "not checked"]:
    """Return whether two distributions from one address are the same file."""
    left, right = source_of(before)[1], source_of(after)[1]
    common = left.keys() & right.keys()
    if not common:
        return "not checked" if left or right else "yes"
    return "yes" if all(left[name] == right[name] for name in common) else "no"


def unhashed(
    conda: tuple[CondaLayer, CondaLayer], python: tuple[PackagesLayer, PackagesLayer]
) -> dict[str, str]:
    """Return a remark on each layer with equal packages that have no hash on either side."""
    records = set.intersection(
        *(
            {line for lines in layer.packages.values() for line in lines if "#" not in line}
            for layer in conda
        )
    )
    archives = {
        line
        for line in set.intersection(*(set(layer.packages) for layer in python))
        if "://" in line and "#" not in line and _is_archive(parse_distribution(line))
    }
    return {
        name: f"{len(lines)} packages have no hash on either side: their files are not checked"
        for name, lines in (("conda", records), ("packages", archives))
        if lines
    }


def _is_archive(distribution: Distribution) -> bool:
    """Return whether a distribution came from a file at an address, which can have a hash."""
    scheme, _, _ = distribution.source.partition("://")
    return "+" not in scheme and distribution.source.endswith(_ARCHIVES)


def unchecked_change(layer: str, found: Iterable[Unchecked]) -> Change | None:
    """Return the one change for all packages whose hashes cannot be compared."""
    every = sorted(found)
    if not every:
        return None
    subject = every[0].name if len(every) == 1 else f"{len(every)} packages"
    return Change(
        kind=KIND,
        layer=layer,
        subject=subject,
        reference=_sides(every, [one.reference for one in every]),
        current=_sides(every, [one.current for one in every]),
        used=any(one.used for one in every),
    )


def _sides(every: Sequence[Unchecked], values: Sequence[str]) -> str:
    if len(every) == 1:
        return values[0]
    told = [f"{one.name}: {value}" for one, value in zip(every, values, strict=True)]
    more = f"; and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    return "; ".join(told[:_NAMED]) + more
