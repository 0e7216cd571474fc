"""Versions and builds of packages: how far two are apart, and in which order they come."""

from __future__ import annotations

import re
from typing import Any

from packaging.version import InvalidVersion, Version

_GPU = re.compile(r"(?:^|[^a-z])(?:cu[0-9]{2,}|cuda[0-9]*|gpu|rocm)")
_CPU = re.compile(r"(?:^|[^a-z])cpu")
_HASH = re.compile(r"h[0-9a-f]{7,}")
_MAJOR_MINOR = re.compile(r"(?:[0-9]+!)?[0-9]+\.[0-9]+(?![0-9])")
_PART = re.compile(r"[0-9]+|[a-z]+")


def version_kind(reference: str, current: str) -> str | None:
    """Return which part of the version differs, as the kind of the change.

    Versions that Python's rules do not cover (``1.1.1w``) are compared part by part as text.

    Returns
    -------
    str or None
        ``version-major``, ``-minor``, ``-patch`` or ``-local``; None for two spellings of one
        version (``1.0`` and ``1.0.0``).

    Examples
    --------
    >>> version_kind("2.3.1+cu121", "2.3.1+cpu")
    'version-local'
    """
    if reference == current:
        return None
    try:
        before, after = Version(reference), Version(current)
    except InvalidVersion:
        return _kind_of_text(reference, current)
    if (before.epoch, before.major) != (after.epoch, after.major):
        return "version-major"
    if before.minor != after.minor:
        return "version-minor"
    if Version(before.public) != Version(after.public):
        return "version-patch"
    return "version-local" if before.local != after.local else None


def _kind_of_text(reference: str, current: str) -> str:
    before, _, before_local = reference.partition("+")
    after, _, after_local = current.partition("+")
    if before == after and before_local != after_local:
        return "version-local"
    pairs = zip(re.split(r"[._-]", before), re.split(r"[._-]", after), strict=False)
    differing = next((index for index, (a, b) in enumerate(pairs) if a != b), 2)
    return ("version-major", "version-minor", "version-patch")[min(differing, 2)]


def processor_of(version: str, build: str = "") -> str | None:
    """Return ``CPU`` or ``GPU`` where a local label or a conda build string says so.

    Examples
    --------
    >>> processor_of("2.3.1+cpu"), processor_of("2.3.1", "cuda120py311h25b6552_0")
    ('CPU', 'GPU')
    """
    text = f"{version.partition('+')[2]} {build}".lower()
    if _GPU.search(text):
        return "GPU"
    return "CPU" if _CPU.search(text) else None


def build_variant(build: str) -> tuple[str, ...]:
    """Return what a build was made for, without the hash of its inputs and its number.

    Two builds of one variant are a package and its rebuild; a different variant has a different
    Python, BLAS or GPU.

    Examples
    --------
    >>> build_variant("cuda120py311h25b6552_0"), build_variant("20_linux64_openblas")
    (('cuda120py311',), ('linux64', 'openblas'))
    """
    parts = (_HASH.sub("", part) for part in build.split("_"))
    return tuple(part for part in parts if part and not part.isdecimal())


def major_minor(version: str) -> str:
    """Return the first two numbers of a version; all of it if it does not begin with two.

    Examples
    --------
    >>> major_minor("2.13.0+cpu"), major_minor("1.1.1w"), major_minor("1!2.3.4"), major_minor("9e")
    ('2.13', '1.1', '1!2.3', '9e')
    """
    found = _MAJOR_MINOR.match(version)
    return found[0] if found else version


def version_key(version: str) -> tuple[Any, ...]:
    """Return the sort key of a version; versions that are not valid in Python come first."""
    try:
        return (1, Version(version))
    except InvalidVersion:
        parts = _PART.findall(version.lower())
        return (
            0,
            tuple((part.isdecimal(), int(part) if part.isdecimal() else part) for part in parts),
        )
