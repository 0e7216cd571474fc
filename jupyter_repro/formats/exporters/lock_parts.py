"""The common contents of the lock files of conda-lock and pixi."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jupyter_repro.capturing.sources.conda.details import CondaDetails, read_details
from jupyter_repro.formats.exporters.explicit import why_not
from jupyter_repro.formats.exporters.python_hashes import (
    Hashed,
    PythonFile,
    best_file,
    hash_packages,
    why_no_digest,
)
from jupyter_repro.formats.exporters.request import CannotExportError, Request
from jupyter_repro.formats.exporters.text import comments_note
from jupyter_repro.packages.addresses import channel_address
from jupyter_repro.packages.pins import CondaPin, PythonPin


class LockedConda(NamedTuple):
    """One conda package with its address, and facts from its record if that still exists."""

    pin: CondaPin
    url: str
    details: CondaDetails | None
    imported_md5: str | None = None

    @property
    def md5(self) -> str | None:
        """The md5, if it is known."""
        told = self.details.md5 if self.details else None
        return self.pin.md5 or told or self.imported_md5

    @property
    def sha256(self) -> str | None:
        """The sha256, if it is known."""
        return self.pin.sha256 or (self.details.sha256 if self.details else None)


class LockedPython(NamedTuple):
    """One Python package with the file that fits the recorded platform."""

    pin: PythonPin
    file: PythonFile


class LockParts(NamedTuple):
    """The contents of a lock file, and remarks on the packages that are left out."""

    channels: list[str]
    platform: str
    conda: list[LockedConda]
    packages: list[LockedPython]
    remarks: list[str]
    has_gaps: bool
    problems: Sequence[str] = ()

    @property
    def notes(self) -> Iterator[str]:
        """Notes for the user."""
        yield from comments_note(self.remarks)
        if self.has_gaps:
            yield (
                "A lock file has no place for a package without the digest of its file: "
                "environment.yml can do without."
            )
        if any(one.details is None for one in self.conda):
            yield (
                "The lock file does not say which package depends on which: a snapshot does not "
                "keep it. Export in the recorded environment itself, or allow the network "
                "(--network; network=yes in a notebook), to have it."
            )
        yield from self.problems


def lock_parts(request: Request) -> LockParts:
    """Return the contents of a lock file.

    Raises
    ------
    CannotExportError
        If no conda package has an address, or the platform is unknown.
    """
    pins = request.pins
    if pins.platform is None:
        reason = "The snapshot does not name the platform that the lock file needs."
        raise CannotExportError(reason)
    remarks = [str(one) for one in pins.left_out("channel", "conda", "spec")]
    fetched = []
    for pin in pins.conda:
        why = why_not(pin, hashes=True)
        if why or pin.url is None:
            remarks.append(f"{pin.file_name}: {why}")
        else:
            fetched.append((pin, pin.url))
    if not fetched:
        reason = "No conda package has an address and a digest: use environment.yml."
        raise CannotExportError(reason)
    details, problems = _details(request, [pin for pin, _ in fetched])
    imported = request.snapshot.imported
    md5 = imported.md5 if imported else {}
    conda = [
        LockedConda(pin, url, details.get(pin.file_name), md5.get(pin.file_name))
        for pin, url in fetched
    ]
    channels = dict.fromkeys(
        address
        for channel in (*pins.channels, *(pin.channel or "" for pin in pins.conda))
        if channel and (address := channel_address(channel)) != "defaults"
    )
    hashed = hash_packages(request)
    packages = [*_python(request, hashed, remarks)]
    has_gaps = bool(hashed.missing)
    return LockParts([*channels], pins.platform, conda, packages, remarks, has_gaps, problems)


def _details(
    request: Request, pins: list[CondaPin]
) -> tuple[dict[str, CondaDetails], Sequence[str]]:
    """Return facts of the records that still exist, else of the channels, and what failed."""
    found: dict[str, CondaDetails] = {}
    if request.prefix is not None:
        names = [(pin.file_name, pin.digest) for pin in pins]
        found = read_details(request.prefix / "conda-meta", names)
    missing = [pin for pin in pins if pin.file_name not in found]
    if not missing or request.details_of is None:
        return found, ()
    asked = request.details_of(missing, request.pins.platform or "")
    return {**asked.details, **found}, asked.problems


def _python(request: Request, hashed: Hashed, remarks: list[str]) -> Iterator[LockedPython]:
    for pin, files in hashed.files.items():
        yield LockedPython(pin, best_file(files, request))
    for pin in request.pins.packages:
        if pin not in hashed.files:
            why = _COMMIT if pin.is_repository else why_no_digest(pin, request)
            remarks.append(f"{pin.requirement}: {why}")
    remarks += [str(one) for one in request.pins.left_out("packages", "asked", "option")]


_COMMIT = "a commit is no file with a digest"
