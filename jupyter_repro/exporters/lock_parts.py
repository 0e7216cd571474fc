"""What both lock files of conda packages hold, conda-lock's and pixi's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jupyter_repro.exporters.environment_yml import python_remarks
from jupyter_repro.exporters.explicit import why_not
from jupyter_repro.exporters.python_hashes import PythonFile, best_file, hash_packages
from jupyter_repro.exporters.request import CannotExportError, Request
from jupyter_repro.exporters.text import some
from jupyter_repro.pins import CondaPin, PythonPin, channel_address
from jupyter_repro.sources.conda_details import CondaDetails, read_details


class LockedConda(NamedTuple):
    """One conda package with its address, and what its record tells where that is at hand."""

    pin: CondaPin
    url: str
    details: CondaDetails | None

    @property
    def md5(self) -> str | None:
        """Where it is known."""
        return self.pin.md5 or (self.details.md5 if self.details else None)

    @property
    def sha256(self) -> str | None:
        """Where it is known."""
        return self.pin.sha256 or (self.details.sha256 if self.details else None)


class LockedPython(NamedTuple):
    """One Python package with the file that fits the recorded platform."""

    pin: PythonPin
    file: PythonFile


class LockParts(NamedTuple):
    """The contents of a lock file, and sentences on what could not be one of them."""

    channels: list[str]
    platform: str
    conda: list[LockedConda]
    packages: list[LockedPython]
    remarks: list[str]

    @property
    def notes(self) -> Iterator[str]:
        """What to tell the user."""
        if self.remarks:
            yield (
                f"Comments, not entries, for {len(self.remarks)}: {'; '.join(self.remarks[:3])}"
                f"{' …' if len(self.remarks) > 3 else ''}"
            )
        if any(one.details is None for one in self.conda):
            yield (
                "The lock file does not say which package depends on which: a snapshot does not "
                "keep it. Export in the recorded environment itself to have it."
            )


def lock_parts(request: Request) -> LockParts:
    """Return what goes into a lock file.

    Raises
    ------
    CannotExportError
        If there is no conda package with an address, or the platform is not known.
    """
    pins = request.pins
    if pins.platform is None:
        reason = "The snapshot does not tell the platform that a lock file is for."
        raise CannotExportError(reason)
    remarks = [str(one) for one in pins.left_out("channel", "conda")]
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
    details = {}
    if request.prefix is not None:
        names = [(pin.file_name, pin.digest) for pin, _ in fetched]
        details = read_details(request.prefix / "conda-meta", names)
    conda = [LockedConda(pin, url, details.get(pin.file_name)) for pin, url in fetched]
    channels = dict.fromkeys(
        address
        for channel in (*pins.channels, *(pin.channel or "" for pin in pins.conda))
        if channel and (address := channel_address(channel)) != "defaults"
    )
    return LockParts([*channels], pins.platform, conda, [*_python(request, remarks)], remarks)


def _python(request: Request, remarks: list[str]) -> Iterator[LockedPython]:
    hashed = hash_packages(request)
    for pin, files in hashed.files.items():
        yield LockedPython(pin, best_file(files, request))
    without = [pin.name for pin in request.pins.packages if pin not in hashed.files]
    if without:
        hint = "" if request.files_of else "; allow the network (--network) to ask the index"
        remarks.append(f"{some(without)}: no file with a digest is known{hint}")
    remarks += python_remarks(request.pins)
