"""Fetch, hash and inspect package files on this machine, before an engine sees them.

No engine fetches anything. mamba and micromamba 2.0.0 to 2.0.8 silently ignore the hashes of a
list, conda and rattler do not hash local files, and an engine records the hash that it was given.
So each file is fetched here, from an allowed place, and is used only once its own bytes have the
recorded hash. The engine then gets addresses of these local files, an empty cache, and no reason to
contact a server.

A check by the engine would need a table of the versions that verify, for four tools, and a check
afterwards would be too late, because link scripts run while an engine still works. Files of local
channels are copied and then hashed, since they can change between the check and the use.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec

from jupyter_repro.errors import ReproError
from jupyter_repro.install.places.failures import (
    AbsentError,
    DeniedError,
    FetchError,
    HashError,
    RefusedError,
)
from jupyter_repro.install.places.fetch import Digest, digest_of, download, require_digest
from jupyter_repro.install.places.folders import cache_folder
from jupyter_repro.install.places.places import Place
from jupyter_repro.install.rattler.parent import Rattler
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.restore.package_contents import look_into
from jupyter_repro.install.restore.package_paths import is_plain, is_safe
from jupyter_repro.install.together import together
from jupyter_repro.safety.files import open_stream
from jupyter_repro.safety.world import World

_TRIES = 3
_TOLD = 5


class PathsError(ReproError):
    """A package would write outside of its environment."""


@contextmanager
def archives(  # noqa: PLR0913 - the last two are rarely given
    records: Sequence[Record],
    places: Sequence[Place],
    prefix: Path,
    world: World,
    *,
    keep: Path | None = None,
    on_fetched: Callable[[int], None] = lambda _: None,
) -> Iterator[list[Record]]:
    """Yield the records with the addresses of local files, whose hashes are the recorded ones.

    Parameters
    ----------
    places
        The channels, with the user's own credentials, and then the places that one of them may
        redirect to.
    prefix
        The new environment; no package may lead out of it.
    keep
        Where the files of public channels are kept; None for our cache.
    on_fetched
        Called with the number of files fetched so far.

    Raises
    ------
    HashError
        If a file is not the recorded one, or no hash is recorded.
    PathsError
        If a package names a path outside of the environment.
    ReproError
        If a file cannot be fetched.
    """
    cache = cache_folder(world)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.TemporaryDirectory(
            prefix="local-", dir=cache, ignore_cleanup_errors=True
        )
    except OSError as error:
        reason = f"{cache} cannot be written ({error.strerror}): packages are fetched into it."
        raise ReproError(reason) from None
    with temporary as folder:
        fetched = _Fetch(tuple(places), world, keep or cache / "packages", Path(folder))
        copied = fetched.all(records, on_fetched)
        _require_inside(copied, prefix, world)
        yield copied


def path_of(record: Record) -> Path:
    """Return the path of a local file."""
    return Path(url2pathname(urlsplit(record.url).path))


def _require_inside(records: Sequence[Record], prefix: Path, world: World) -> None:
    site = _site_packages(records)
    files = {record.file_name: path_of(record) for record in records}
    if not is_safe(site):
        told = {"python": f"its folder for modules, {site!r}, leads out of the environment"}
    elif find_spec("rattler") is not None:
        told = Rattler(world).look(files, prefix.parent, site)
    else:
        told = asyncio.run(look_into(files, prefix.parent, site, lambda: None))
    if told:
        first = [f"{name}: {why}" for name, why in sorted(told.items())[:_TOLD]]
        more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        reason = f"Nothing was installed. {'; '.join(first)}{more}."
        raise PathsError(reason)


def _site_packages(records: Sequence[Record]) -> str:
    python = next((record for record in records if record.name == "python"), None)
    if python is not None and python.python_site_packages_path:
        return python.python_site_packages_path
    if os.name == "nt":
        return "Lib/site-packages"
    version = ".".join(python.version.split(".")[:2]) if python else "3"
    return f"lib/python{version}/site-packages"


def digest_for(record: Record) -> Digest:
    """Return the recorded hash of a package file.

    Raises
    ------
    HashError
        If none is recorded.
    """
    if record.sha256:
        return Digest("sha256", record.sha256)
    if record.md5:
        return Digest("md5", record.md5)
    reason = f"{record.file_name} has no hash in its channel: it is not installed."
    raise HashError(reason)


def _require_size(original: BinaryIO, record: Record) -> None:
    """Refuse a larger file before it is copied: a sparse file would fill the disk."""
    size = os.fstat(original.fileno()).st_size
    if record.size is not None and size > record.size:
        reason = (
            f"{record.file_name} is not the file that was recorded: it has {size} bytes, "
            f"not {record.size}; nothing was installed."
        )
        raise HashError(reason)


def download_again(
    url: str, target: Path, digest: Digest, places: Sequence[Place], stopped: threading.Event
) -> None:
    """Write a file whose hash is known; temporary failures are tried again.

    Raises
    ------
    HashError
        If the file is a different one.
    FetchError
        If it cannot be fetched.
    """
    for _ in range(_TRIES - 1):
        with suppress(_MayPassError):
            return _download(url, target, digest, places, stopped)
    return _download(url, target, digest, places, stopped)


class _MayPassError(FetchError):
    """A failure that may be temporary."""


def _download(
    url: str, target: Path, digest: Digest, places: Sequence[Place], stopped: threading.Event
) -> None:
    try:
        download(url, target, digest, places, is_wanted=lambda: not stopped.is_set())
    except (AbsentError, DeniedError, RefusedError):
        raise
    except FetchError as error:
        raise FetchError(str(error)) if stopped.is_set() else _MayPassError(str(error)) from None


@dataclass(frozen=True)
class _Fetch:
    places: tuple[Place, ...]
    world: World
    kept: Path
    temporary: Path
    stopped: threading.Event = field(default_factory=threading.Event)

    def all(self, records: Sequence[Record], on_fetched: Callable[[int], None]) -> list[Record]:
        """Return the records of local files; the first error ends it."""

        def work(number: int) -> Record:
            return self.one(records[number], self.temporary / str(number))

        return together(len(records), work, self.stopped, on_fetched)

    def one(self, record: Record, folder: Path) -> Record:
        """Return one record with the address of a local file."""
        digest = digest_for(record)
        if not (is_plain(record.subdir) and is_plain(record.file_name)):
            reason = f"{record.file_name!r} in {record.subdir!r} of its channel is a path."
            raise PathsError(reason)
        if urlsplit(record.url).scheme == "file":
            return self._copied(record, digest, folder)
        place = next((one for one in self.places if record.url.startswith(f"{one.address}/")), None)
        if place is None:
            reason = f"{record.file_name} is in no channel that may be asked."
            raise ReproError(reason)
        if not place.has_credentials:
            folder = self.kept / f"{digest.algorithm}-{digest.digits}"
        target = folder / record.subdir / record.file_name
        try:
            if not (target.is_file() and digest_of(target, digest.algorithm) == digest.digits):
                part = Path(tempfile.mkdtemp(dir=self.temporary), record.file_name)
                self._fetch(record, place, part, digest)
                target.parent.mkdir(parents=True, exist_ok=True)
                part.replace(target)
        except OSError as error:
            reason = f"{folder} cannot be written ({error.strerror}): packages are fetched into it."
            raise ReproError(reason) from None
        return msgspec.structs.replace(record, url=target.as_uri(), channel=folder.as_uri())

    def _copied(self, record: Record, digest: Digest, folder: Path) -> Record:
        """Return a copy: a file in a user's folder can change between the check and the use."""
        source = path_of(record)
        target = folder / record.subdir / record.file_name
        try:
            target.parent.mkdir(parents=True)
            with open_stream(source) as original, target.open("xb") as copy:
                _require_size(original, record)
                shutil.copyfileobj(original, copy)
            found = digest_of(target, digest.algorithm)
        except OSError as error:
            reason = f"{record.file_name} cannot be read ({error.strerror}); {record.url}."
            raise HashError(reason) from None
        require_digest(record.file_name, digest, found)
        return msgspec.structs.replace(record, url=target.as_uri(), channel=folder.as_uri())

    def _fetch(self, record: Record, place: Place, target: Path, digest: Digest) -> None:
        url = place.request + record.url.removeprefix(place.address)
        try:
            download_again(url, target, digest, self.places, self.stopped)
        except FetchError as error:
            known = isinstance(error, AbsentError | DeniedError)
            if not (known and self._by_rattler(url, target, digest)):
                reason = f"failed to fetch {record.file_name}: {error}."
                raise FetchError(reason) from None

    def _by_rattler(self, url: str, target: Path, digest: Digest) -> bool:
        """Fetch a file that is missing without credentials: rattler may have some that we lack."""
        try:
            Rattler(self.world).download(url, target)
        except ReproError:
            return False
        require_digest(target.name, digest, digest_of(target, digest.algorithm))
        return True
