"""Ask channels, solve and install through py-rattler, which runs in a child process.

conda is not needed. Arguments and results are plain data without credentials: addresses get those
of the user's own configuration on their way to the child, and lose them on their way back.

Why a child process: about a tenth of the processes that used py-rattler crashed when they ended,
and an interpreter that has loaded it uses 80 MB. The child runs in its cache folder and not beside
the notebook. We never read its standard error, which may contain paths and variables.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import msgspec

from jupyter_repro.capturing.sources.conda.records import MAX_RECORD_BYTES
from jupyter_repro.errors import ReproError
from jupyter_repro.install.places.fetch import SECONDS
from jupyter_repro.install.places.folders import cache_folder
from jupyter_repro.install.places.places import Place
from jupyter_repro.install.rattler.process import ChildError, Progress, run_child
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.safety.files import load
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.world import World

QUERY_SECONDS = 300
"""How long asking or solving may take."""

GRACE_SECONDS = 30
"""Additional time for the process, before it is ended."""

IDLE_SECONDS = 600
"""How long an installation may go on without progress."""

NO_ANSWER = "NoAnswer"
"""Kind of the error if the child ends without a result, or is too slow."""

VirtualPackage: TypeAlias = tuple[str, str, str]
"""Name, version and build string: ``("__glibc", "2.35", "0")``."""

Result = TypeVar("Result")


class RattlerError(ReproError):
    """An error of py-rattler: its type, and the first line of its message.

    Parameters
    ----------
    kind
        ``SolverError``, ``GatewayError``, ``InstallerError``, …
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Listing:
    """What one channel lists under the names that it was asked for, or why it did not answer."""

    place: Place
    records: Sequence[Record] = ()
    error: str | None = None


class _Answer(msgspec.Struct):
    records: list[Record] = []
    error: ChildError | None = None


@dataclass(frozen=True)
class Rattler:
    """py-rattler, with its own cache below the user's cache folder.

    Parameters
    ----------
    world
        Gives the cache folder, and the folders that are removed from messages.
    seconds
        How long asking and solving may take.
    silence
        How long a server may be silent when we check whether it answers.
    cache
        Where indexes and packages are kept, instead of the user's cache folder.
    """

    world: World
    seconds: int = QUERY_SECONDS
    silence: float = SECONDS
    cache: Path | None = None

    def query(
        self,
        places: Sequence[Place],
        names: Iterable[str],
        platform: str,
        *,
        bz2: Iterable[str] = (),
    ) -> list[Listing]:
        """Return everything that channels list under some names.

        Parameters
        ----------
        places
            The channels; each is asked separately, so a silent one does not affect the others.
        names
            Names of conda packages.
        platform
            conda's name of the platform; ``noarch`` is asked as well.
        bz2
            Names whose ``.tar.bz2`` files are listed even if there is a ``.conda`` of the same
            build.
        """
        wanted = sorted(set(names))
        if not places or not wanted:
            return [Listing(place) for place in places]
        task = {
            "action": "query",
            "names": wanted,
            "platform": platform,
            "bz2": sorted(set(bz2)),
        }
        answers = self._ask(task, places, list[_Answer])
        return [self._listing(place, answer) for place, answer in zip(places, answers, strict=True)]

    def validate(self, environments: Sequence[Sequence[Record]]) -> list[str]:
        """Return for each environment the first thing that does not fit together, or nothing."""
        plain = [[_plain(one) for one in records] for records in environments]
        return self._ask({"action": "validate", "environments": plain}, (), list[str])

    def solve(
        self,
        places: Sequence[Place],
        specs: Sequence[str],
        platform: str,
        *,
        virtual: Sequence[VirtualPackage] | None = None,
        locked: Sequence[Record] = (),
    ) -> list[Record]:
        """Return an environment that fits some specifications.

        Parameters
        ----------
        places
            The channels by priority.
        specs
            Match specifications, made of checked parts.
        virtual
            What the machine offers; None for this machine, with ``CONDA_OVERRIDE_…`` obeyed.
        locked
            Records that are preferred if they fit.

        Raises
        ------
        RattlerError
            ``SolverError`` if there is none, ``GatewayError`` if a channel did not answer.
        """
        task = {
            "action": "solve",
            "specs": list(specs),
            "platform": platform,
            "virtual": None if virtual is None else [list(one) for one in virtual],
            "locked": [_plain(one, places) for one in locked],
        }
        records = self._ask(task, places, list[Record])
        return [_without_credentials(one, places) for one in records]

    def install(
        self,
        records: Sequence[Record],
        prefix: Path,
        places: Sequence[Place],
        *,
        requested: Sequence[str] = (),
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        """Install records into a prefix that does not exist yet. No link script is run.

        rattler checks neither the hashes of ``file://`` packages nor where their paths lead:
        `archives` and `look` do.

        Parameters
        ----------
        requested
            Specifications that are noted as requested by the user.
        on_progress
            Called for each step.

        Raises
        ------
        ReproError
            If the prefix exists: rattler would remove everything else in it.
        RattlerError
            ``InstallerError`` if it fails. The caller removes an incomplete prefix.
        """
        if prefix.exists():
            reason = f"{prefix} exists already: packages are installed into a new folder only."
            raise ReproError(reason)
        task = {
            "action": "install",
            "records": [_plain(one, places) for one in records],
            "prefix": str(prefix.absolute()),
            "requested": list(requested),
        }
        self._ask(task, places, type(None), on_progress, IDLE_SECONDS)
        for place in places:
            if place.has_credentials:
                _hide_in_records(prefix, place)

    def look(self, archives: Mapping[str, Path], folder: Path, site: str) -> dict[str, str]:
        """Return what is wrong with the paths of package files, by the name of the file.

        Parameters
        ----------
        archives
            File name → its path.
        folder
            A folder on the file system that the environment will be on.
        site
            The folder of Python's modules in the environment.
        """
        task = {
            "action": "look",
            "archives": {name: str(path) for name, path in archives.items()},
            "folder": str(folder),
            "site": site,
        }
        return self._ask(task, (), dict[str, str], seconds=IDLE_SECONDS)

    def download(self, url: str, target: Path) -> None:
        """Fetch a file as rattler does, with the credentials that rattler has."""
        task = {"action": "download", "url": url, "target": str(target)}
        self._ask(task, (), type(None), seconds=IDLE_SECONDS)

    def _listing(self, place: Place, answer: _Answer) -> Listing:
        if answer.error is not None:
            return Listing(place, error=self._sentence(answer.error, [place]))
        return Listing(place, [_without_credentials(one, [place]) for one in answer.records])

    def _sentence(self, error: ChildError, places: Sequence[Place]) -> str:
        text = error.message
        if error.cause and error.cause not in text:
            text = f"{text} ({error.cause})"
        for place in places:
            text = place.hide(text)
        return redact_text(text, self.world)

    def _ask(
        self,
        task: dict[str, Any],
        places: Sequence[Place],
        answer: type[Result],
        on_progress: Callable[[Progress], None] = lambda _: None,
        seconds: int | None = None,
    ) -> Result:
        require_rattler()
        seconds = seconds or self.seconds + GRACE_SECONDS
        with self._cache(places) as cache:
            task |= {
                "channels": [place.request for place in places],
                "cache": str(cache),
                "timeout": self.seconds,
            }
            line = run_child(task, cache, seconds, on_progress)
        if line is None:
            reason = f"py-rattler gave no answer, or none within {seconds} seconds."
            raise RattlerError(NO_ANSWER, reason)
        if line.error is not None:
            raise RattlerError(line.error.type, self._sentence(line.error, places))
        return msgspec.json.decode(line.result, type=answer)

    @contextmanager
    def _cache(self, places: Sequence[Place]) -> Iterator[Path]:
        """Yield the folder for indexes and packages.

        rattler stores the addresses that it asks in its cache: if one of them has credentials,
        nothing is kept.
        """
        if any(place.has_credentials for place in places):
            with tempfile.TemporaryDirectory(prefix="jupyter_repro-") as temporary:
                yield Path(temporary)
            return
        folder = self.cache or cache_folder(self.world) / "rattler"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"{folder} cannot be made ({error.strerror}): it is to hold what is fetched."
            raise ReproError(reason) from None
        yield folder


def require_rattler() -> None:
    """Raise an error that says how to install py-rattler, if it is missing."""
    if find_spec("rattler") is None:
        reason = "py-rattler is missing: pip install 'jupyter_repro[restore]'"
        raise ReproError(reason)


def _plain(record: Record, places: Sequence[Place] = ()) -> dict[str, Any]:
    """Return a record for the child, with the credentials of its own channel."""
    for place in places:
        if place.has_credentials and record.url.startswith(f"{place.address}/"):
            record = msgspec.structs.replace(
                record,
                url=place.request + record.url.removeprefix(place.address),
                channel=place.request,
            )
            break
    plain: dict[str, Any] = msgspec.to_builtins(record)
    return plain


def _without_credentials(record: Record, places: Iterable[Place]) -> Record:
    """Return a record of the child without credentials, and with its channel normalised."""
    for place in places:
        if record.channel.startswith(place.request) or record.url.startswith(f"{place.request}/"):
            url = place.hide(record.url)
            return msgspec.structs.replace(record, url=url, channel=place.address)
    return record


def _hide_in_records(prefix: Path, place: Place) -> None:
    """Remove the credentials from the records that rattler has written into a prefix."""
    quoted = json.dumps(place.request)[1:-1]
    for path in (prefix / "conda-meta").glob("*.json"):
        text = load(path, MAX_RECORD_BYTES).decode()
        if quoted in text:
            path.write_text(text.replace(quoted, place.address), encoding="utf-8")
