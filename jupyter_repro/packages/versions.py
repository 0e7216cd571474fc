"""How far two version strings are apart."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

_GPU = re.compile(r"(?:^|[^a-z])(?:cu\d{2,}|cuda\d*|gpu|rocm)")
_CPU = re.compile(r"(?:^|[^a-z])cpu")


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


def build_variant(version: str, build: str = "") -> str | None:
    """Return ``CPU`` or ``GPU`` where a local label or a conda build string says so.

    Examples
    --------
    >>> build_variant("2.3.1+cpu"), build_variant("2.3.1", "cuda120py311h25b6552_0")
    ('CPU', 'GPU')
    """
    text = f"{version.partition('+')[2]} {build}".lower()
    if _GPU.search(text):
        return "GPU"
    return "CPU" if _CPU.search(text) else None
