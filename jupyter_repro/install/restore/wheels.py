"""Fetch, hash and inspect wheels on this machine, before pip or uv sees them.

pip and uv compare the given hashes, but fetch from wherever a page of an index leads, and write
what a wheel lists. So the wheels of indexes are fetched like conda's packages, and the installer
gets a folder of them and no index. A package that has to be built keeps the index, since its build
needs it; a wheel recorded with an address is inspected here and fetched again by the installer,
which records the address, and has to find the same hash.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from jupyter_repro.install.places.failures import FetchError, HashError
from jupyter_repro.install.places.fetch import Digest, digest_of, require_digest
from jupyter_repro.install.places.places import Place, host_of
from jupyter_repro.install.restore.archives import PathsError, download_again
from jupyter_repro.install.restore.package_contents import UnreadableError, wheel_entries
from jupyter_repro.install.restore.package_paths import Entry, complaints, folding
from jupyter_repro.install.restore.python_plan import PythonStep
from jupyter_repro.install.together import together
from jupyter_repro.safety.files import open_stream


@contextmanager
def wheels(steps: Sequence[PythonStep], places: Sequence[Place], prefix: Path) -> Iterator[Path]:
    """Yield a folder with the packages that are wheels of an index; the others are not in it.

    Parameters
    ----------
    places
        The indexes, with the user's own credentials.
    prefix
        The environment; no wheel may lead out of it.

    Raises
    ------
    HashError
        If a wheel is not the one that the index lists.
    PathsError
        If it names a path outside of the environment.
    FetchError
        If it cannot be fetched.
    """
    with tempfile.TemporaryDirectory(prefix="jupyter_repro-", ignore_cleanup_errors=True) as name:
        kept, looked_at = Path(name, "wheels"), Path(name, "others")
        kept.mkdir()
        looked_at.mkdir()
        stopped = threading.Event()
        files = [(step, *found) for step in steps if (found := _file_of(step, kept, looked_at))]

        def work(number: int) -> None:
            _, url, target, digest = files[number]
            _fetch(url, target, digest, places, stopped)

        together(len(files), work, stopped)
        entries = {target.name: _entries(target) for _, _, target, _ in files}
        for wheel, why in complaints(entries, folding(prefix)).items():
            reason = f"{wheel} is not installed: {why}."
            raise PathsError(reason)
        yield kept


def _entries(wheel: Path) -> list[Entry]:
    try:
        return wheel_entries(wheel)
    except UnreadableError as error:
        reason = f"{wheel.name} is not installed: {error}."
        raise PathsError(reason) from None


def _file_of(step: PythonStep, kept: Path, looked_at: Path) -> tuple[str, Path, Digest] | None:
    """Return a wheel's address, target and hash; None for a package that has to be built."""
    if step.wheel:
        url, sha256 = step.wheel
        return url, kept / step.file, Digest("sha256", sha256)
    address = step.pin.source.partition("#")[0]
    if address.endswith(".whl") and step.pin.sha256 and not step.pin.is_repository:
        return address, looked_at / step.file, Digest("sha256", step.pin.sha256)
    return None


def _fetch(
    url: str, target: Path, digest: Digest, places: Sequence[Place], stopped: threading.Event
) -> None:
    if urlsplit(url).scheme == "file" and any(place.has(url) for place in places):
        try:
            with (
                open_stream(url2pathname(urlsplit(url).path)) as original,
                target.open("xb") as copy,
            ):
                shutil.copyfileobj(original, copy)
        except OSError as error:
            reason = f"{target.name} cannot be read ({error.strerror})."
            raise HashError(reason) from None
        require_digest(target.name, digest, digest_of(target, digest.algorithm))
        return
    try:
        download_again(_with_credentials(url, places), target, digest, places, stopped)
    except FetchError as error:
        reason = f"failed to fetch {target.name}: {error}."
        raise FetchError(reason) from None


def _with_credentials(url: str, places: Sequence[Place]) -> str:
    """Return an address with the user and password of the place whose host it is on."""
    if "@" in urlsplit(url).netloc:
        return url
    for place in places:
        user, at, _ = urlsplit(place.request).netloc.rpartition("@")
        if at and host_of(place.address) == host_of(url):
            parts = urlsplit(url)
            return parts._replace(netloc=f"{user}@{parts.netloc}").geturl()
    return url
