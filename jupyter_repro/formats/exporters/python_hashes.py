"""Find files and digests of Python packages: from their addresses, else from the user's index.

Installers keep the digest of an archive only if it came from a direct URL. For all others, only an
index has it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename
from packaging.utils import parse_wheel_filename as parse_wheel
from packaging.version import InvalidVersion, Version

from jupyter_repro.formats.exporters.python_requirements import UNKNOWN_INDEX
from jupyter_repro.formats.exporters.request import CannotExportError, FilesOf, IndexFile, Request
from jupyter_repro.formats.exporters.text import some
from jupyter_repro.model.snapshot import SystemLayer
from jupyter_repro.packages.pins import Pins, PythonPin
from jupyter_repro.packages.platforms import wheel_tags

# Other tools will read an index's answer, so it is checked like the text of a notebook
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.!+-]*")
_URL = re.compile(r"(?:https?|file)://[A-Za-z0-9._~/:%@+=&,!-]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class PythonFile(NamedTuple):
    """One archive of a package."""

    name: str
    url: str
    sha256: str

    @property
    def is_wheel(self) -> bool:
        """Whether it is a built distribution."""
        return self.name.endswith(".whl")


class Hashed(NamedTuple):
    """Packages with their files, and packages without.

    Parameters
    ----------
    files
        Package → its files; for a package from an address, the archive there.
    missing
        Packages without a known digest.
    """

    files: dict[PythonPin, list[PythonFile]]
    missing: list[PythonPin]


def hash_packages(request: Request, pins: Pins | None = None) -> Hashed:
    """Return the files of every Python package, with their digests.

    The index is asked only if the request contains one.

    Parameters
    ----------
    pins
        With more packages than those of the request.
    """
    hashed = Hashed({}, [])
    for pin in (pins or request.pins).packages:
        files = _files(pin, request.files_of)
        if files:
            hashed.files[pin] = files
        elif not pin.is_repository:  # a commit is its own digest
            hashed.missing.append(pin)
    return hashed


def why_no_digest(pin: PythonPin, request: Request) -> str:
    """Return why no digest of a package is known, and how to get one."""
    if pin.is_of_unknown_index:
        return UNKNOWN_INDEX
    if pin.vendor:
        asking = "" if request.files_of else "--network "
        return (
            f"no digest is known of what {pin.vendor.address} has; if you trust that place, "
            f"{asking}--allow-index {pin.vendor.address} asks it (some tell none)"
        )
    if request.files_of is None:
        return f"installers keep no digest; {HOW_TO_ASK}"
    return "your package index has no file of it with a digest"


HOW_TO_ASK = "to ask your index: jupyter repro export NB --network (%repro export FILE network=yes)"


def require_hashes(request: Request, hashed: Hashed, name: str) -> list[str]:
    """Return remarks on packages without a digest, for a format that requires digests.

    Parameters
    ----------
    name
        Of the format.

    Raises
    ------
    CannotExportError
        If the index was not asked, or has no digest at all.
    """
    names = some(pin.name for pin in hashed.missing)
    if hashed.missing and (request.files_of is None or not hashed.files):
        why = "installers keep none, and the index was not asked"
        if request.files_of:
            why = "no index that was asked has one"
        asks = "" if request.files_of else f"{HOW_TO_ASK[0].upper()}{HOW_TO_ASK[1:]}. "
        reason = (
            f"{name} needs the digest of every file, and none is known of {names}: {why}. "
            f"{asks}requirements.txt can do without."
        )
        raise CannotExportError(reason)
    return [f"{pin.requirement}: {why_no_digest(pin, request)}" for pin in hashed.missing]


def _files(pin: PythonPin, files_of: FilesOf | None) -> list[PythonFile]:
    if pin.source:
        address = pin.source.partition("#")[0]
        name = address.rpartition("/")[2]
        return [PythonFile(name, address, pin.sha256)] if pin.sha256 else []
    return _of_version(pin, files_of(pin.name)) if files_of else []


def _of_version(pin: PythonPin, files: Sequence[IndexFile]) -> list[PythonFile]:
    """Return the files of the pinned version, sorted by name."""
    wanted = Version(pin.version)
    return sorted(
        PythonFile(file.name, file.url, file.sha256)
        for file in files
        if _SHA256.fullmatch(file.sha256)
        and _FILE.fullmatch(file.name)
        and _URL.fullmatch(file.url)
        and _version_of(file.name) == wanted
    )


def _version_of(filename: str) -> Version | None:
    # A project may have thousands of files, so their tags are not read here
    if filename.endswith(".whl"):
        return _version(filename.split("-")[1] if "-" in filename else "")
    stem = filename.removesuffix(".zip").removesuffix(".gz").removesuffix(".tar")
    return _version(stem.rpartition("-")[2]) if stem != filename else None


@lru_cache(1_024)
def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def best_file(files: Sequence[PythonFile], request: Request) -> PythonFile:
    """Return the file that an installer would choose on the recorded platform.

    This is the most specific wheel that fits; if none fits, the source archive.
    """
    place = _places(request)
    ranked = [
        (min(place.get(tag, len(place)) for tag in _tags_of(file.name)), file)
        for file in files
        if file.is_wheel and _tags_of(file.name)
    ]
    best, file = min(ranked, default=(len(place), files[0]))
    if best < len(place):
        return file
    return next((file for file in files if not file.is_wheel), files[0])


def _tags_of(filename: str) -> frozenset[Tag]:
    try:
        return parse_wheel(filename)[3]
    except (InvalidWheelFilename, InvalidVersion):
        return frozenset()


def _places(request: Request) -> dict[Tag, int]:
    """Return the tags that an installer takes on the recorded machine, with their ranks."""
    system, core = request.snapshot.layers.system, request.snapshot.layers.core
    return _ranks(
        (system.platform, system.libc, system.os),
        request.pins.platform or "",
        request.pins.python or "",
        free_threaded=bool(core.free_threaded),
    )


@lru_cache(1)
def _ranks(
    machine: tuple[str | None, str | None, str | None],
    platform: str,
    python: str,
    *,
    free_threaded: bool,
) -> dict[Tag, int]:
    # Once an export: there are 900 tags, and hundreds of packages to choose a file for
    recorded, libc, system = machine
    tags = wheel_tags(
        SystemLayer(status="ok", platform=recorded, libc=libc, os=system),
        platform,
        python if re.match(r"[0-9]+\.[0-9]+", python) else "3.10",
        free_threaded=free_threaded,
    )
    return {tag: rank for rank, tag in enumerate(tags)}
