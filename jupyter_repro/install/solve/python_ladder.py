"""How near the available files of a Python distribution are to the recorded one.

The rungs are those of `ladder`. A version of a project is never replaced on an index, so the
recorded name and version are enough to find it. *By version* means that the version is there, but
is withdrawn, has no wheel for this Python and platform, or lacks the local part that distinguishes
CUDA builds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from jupyter_repro.install.places.index import IndexFile, Project
from jupyter_repro.install.solve.ladder import NEAREST, Rung
from jupyter_repro.packages.archives import SOURCE_EXTENSIONS
from jupyter_repro.packages.pins import PythonPin


class PythonStep(NamedTuple):
    """Where a recorded distribution stands on the ladder.

    Parameters
    ----------
    file
        What would be installed, or None.
    reason
        A sentence without its full stop; empty if it is available as recorded.
    nearest
        Versions, the nearest one first.
    """

    pin: PythonPin
    rung: Rung
    file: IndexFile | None
    reason: str
    nearest: tuple[str, ...] = ()


def find_python_step(
    pin: PythonPin, project: Project, tags: frozenset[Tag], python: str
) -> PythonStep:
    """Return where a distribution stands on the ladder.

    Parameters
    ----------
    pin
        From an index, not from an address.
    project
        What the indexes have of it.
    tags
        Tags of the wheels that this Python on this platform accepts.
    python
        Version of this Python.
    """
    wanted = Version(pin.version)
    versions = _by_version(project.files)
    here = f"Python {python} on this platform"
    if found := _usable(versions.get(wanted, []), tags, python):
        kept = [file for file in found if file.yanked is None]
        wheels = [file for file in kept or found if file.name.endswith(".whl")]
        file = (wheels or kept or found)[0]
        if not kept:
            told = f": {file.yanked}" if file.yanked else ""
            return PythonStep(pin, "by version", file, f"withdrawn by its maintainers{told}")
        if not wheels:
            reason = f"no wheel for {here}: it would have to be built from source"
            return PythonStep(pin, "by version", file, reason)
        return PythonStep(pin, "exact", file, "")
    usable = {
        version: kept
        for version, files in versions.items()
        if (kept := [one for one in _usable(files, tags, python) if one.yanked is None])
    }
    nearest = _nearest(wanted, usable)
    if not project.files:
        return PythonStep(pin, "not installable", None, f"no index knows a {pin.name}")
    gone = (
        f"no file of version {pin.version} is for {here}"
        if wanted in versions
        else f"no index that was asked has version {pin.version}"
    )
    if wanted.local and pin.vendor is None:
        gone += " (if a different one has it: --allow-index URL)"
    alike = [one for one in usable if one.public == wanted.public]
    if alike:
        best = max(alike)
        reason = f"{gone}; {best} is the same version but for the part behind the +"
        return PythonStep(pin, "by version", usable[best][0], reason)
    series = [one for one in usable if one.release[:2] == wanted.release[:2]]
    if series:
        best = max(series, key=lambda one: (not one.is_prerelease, one))
        reason = f"{gone}; {best} is of the same major and minor version"
        return PythonStep(pin, "by major.minor", usable[best][0], reason, nearest)
    return PythonStep(pin, "not installable", None, gone, nearest)


def _by_version(files: Sequence[IndexFile]) -> dict[Version, list[IndexFile]]:
    texts: dict[str, list[IndexFile]] = {}
    for file in files:
        if text := _version_text(file.name):
            texts.setdefault(text, []).append(file)
    found: dict[Version, list[IndexFile]] = {}
    for text, some in texts.items():
        for version in _version(text):
            found.setdefault(version, []).extend(some)
    return found


def _version_text(name: str) -> str:
    """Return the part of a file's name that is its version, without parsing thousands of names."""
    if name.endswith(".whl"):
        parts = name.split("-", 2)
        return parts[1] if len(parts) == 3 else ""
    ending = next((one for one in SOURCE_EXTENSIONS if name.endswith(one)), None)
    return name.removesuffix(ending).rpartition("-")[2] if ending else ""


def _version(text: str) -> Iterator[Version]:
    try:
        yield Version(text)
    except InvalidVersion:
        return


def _usable(files: Sequence[IndexFile], tags: frozenset[Tag], python: str) -> list[IndexFile]:
    return [file for file in files if _fits(file, tags) and _takes(file.requires_python, python)]


def _fits(file: IndexFile, tags: frozenset[Tag]) -> bool:
    if not file.name.endswith(".whl"):
        return True
    try:
        return not tags.isdisjoint(parse_wheel_filename(file.name)[3])
    except InvalidWheelFilename:
        return False


def _takes(requires_python: str, python: str) -> bool:
    if not requires_python:
        return True
    try:
        return SpecifierSet(requires_python).contains(python, prereleases=True)
    except InvalidSpecifier:  # pip treats it as no requirement
        return True


def _nearest(wanted: Version, usable: dict[Version, list[IndexFile]]) -> tuple[str, ...]:
    newer = sorted(version for version in usable if version >= wanted)[:NEAREST]
    older = sorted((version for version in usable if version < wanted), reverse=True)[:NEAREST]
    order = [version for pair in zip(newer, older, strict=False) for version in pair]
    rest = newer[len(older) :] or older[len(newer) :]
    return tuple(str(version) for version in [*order, *rest][:NEAREST])
