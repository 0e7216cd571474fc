"""Check the hashes that nobody else checks: those of packages in local folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from jupyter_repro.errors import ReproError
from jupyter_repro.installing.records import Record

_BLOCK = 1 << 20


class HashError(ReproError):
    """A file is not the one that was recorded."""


def check_local_files(records: Iterable[Record]) -> None:
    """Compare each ``file://`` package with the hash of its record.

    Neither rattler nor conda does. Packages of other addresses are left to rattler, which checks
    what it downloads.

    Raises
    ------
    HashError
        At the first file that is another one, cannot be read, or has no hash to compare with.
    """
    for record in records:
        if urlsplit(record.url).scheme != "file":
            continue
        algorithm, expected = ("sha256", record.sha256) if record.sha256 else ("md5", record.md5)
        if not expected:
            reason = f"{record.file_name} has no hash in its channel: it is not installed."
            raise HashError(reason)
        try:
            found = _digest(Path(url2pathname(urlsplit(record.url).path)), algorithm)
        except OSError as error:
            reason = f"{record.file_name} cannot be read ({error.strerror}); {record.url}."
            raise HashError(reason) from None
        if found != expected:
            reason = (
                f"{record.file_name} is not the file that was recorded: its {algorithm} is "
                f"{found[:12]}…, not {expected[:12]}…; nothing was installed."
            )
            raise HashError(reason)


def _digest(path: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
