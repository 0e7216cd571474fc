"""Check that an engine has installed what the plan says, before success is reported.

An engine may end with status 0 and have installed nothing, less, more or something different. So
its records in the new environment are compared with the plan: each planned package, with version,
build and hash, and no others. Then these records are changed to name where the packages came from,
not where our copies were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from jupyter_repro.capturing.sources.conda.records import MAX_RECORD_BYTES
from jupyter_repro.errors import ReproError
from jupyter_repro.install.places.fetch import digest_of
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.restore.archives import digest_for
from jupyter_repro.install.restore.python_plan import PythonStep
from jupyter_repro.safety.files import load
from jupyter_repro.safety.text import printable

_TOLD = 5
_MAX_HISTORY = 4 << 20
_SPECS = re.compile(r"# \w+ specs:", re.ASCII)


class NotInstalledError(ReproError):
    """The installed packages are not those of the plan."""


class _Installed(msgspec.Struct):
    """What an engine records about a package; its other fields are ignored."""

    name: str = ""
    version: str = ""
    build: str = ""
    url: str = ""
    channel: str = ""
    sha256: str | None = None
    md5: str | None = None


def require_installed(prefix: Path, planned: Sequence[Record], engine: str) -> None:
    """Compare the records of an environment with what was to be installed.

    Raises
    ------
    NotInstalledError
        If a package is missing, is different, or was not planned.
    """
    wanted = {record.stem: record for record in planned}
    found = {path.stem: path for path in sorted((prefix / "conda-meta").glob("*.json"))}
    told = [f"{stem} is missing" for stem in wanted if stem not in found]
    told += [f"{printable(stem)} was not asked for" for stem in found if stem not in wanted]
    told += filter(
        None, (_difference(path, wanted[stem]) for stem, path in found.items() if stem in wanted)
    )
    _refuse(told, engine)


def require_cached(cache: Path, planned: Sequence[Record], engine: str) -> None:
    """Hash the package files that an engine has kept, if it has kept any.

    Raises
    ------
    NotInstalledError
        If one of them is not the file that was to be installed.
    """
    wanted = {record.file_name: digest_for(record) for record in planned}
    told = []
    for pattern in ("*.conda", "*.tar.bz2"):
        for file in sorted(cache.rglob(pattern)):
            digest = wanted.get(file.name)
            if not file.is_file() or (
                digest is not None and digest_of(file, digest.algorithm) == digest.digits
            ):
                continue
            told.append(f"{printable(file.name)} is not the file that was to be installed")
    _refuse(told, engine)


def distributions_in(prefix: Path) -> dict[str, str]:
    """Return name → version of the Python packages in an environment, by their folders."""
    found = {}
    for pattern in ("lib/python*/site-packages", "Lib/site-packages"):
        for path in sorted(prefix.glob(f"{pattern}/*.dist-info")):
            name, _, version = path.name.removesuffix(".dist-info").partition("-")
            found[str(canonicalize_name(name))] = version
    return found


def require_distributions(
    prefix: Path, before: Mapping[str, str], planned: Iterable[PythonStep], engine: str
) -> None:
    """Compare the Python packages of an environment with what was to be installed.

    Installers of Python packages keep no hash: they compare it themselves before they install.

    Parameters
    ----------
    before
        The packages that conda had installed.

    Raises
    ------
    NotInstalledError
        If a package is missing, has a different version, or was not planned.
    """
    found = distributions_in(prefix)
    wanted = {str(canonicalize_name(step.pin.name)): step for step in planned}
    told = [f"{name} is missing" for name in wanted if name not in found]
    for name, version in found.items():
        step = wanted.get(name)
        if step is None and before.get(name) != version:
            told.append(f"{printable(name)} was not asked for")
        elif step is not None and not step.pin.source and not _is_version(version, step.version):
            told.append(f"{printable(name)} has the version {printable(version)!r}")
    _refuse(told, engine)


def _is_version(found: str, expected: str) -> bool:
    try:
        return Version(found.replace("_", "-")) == Version(expected)
    except InvalidVersion:
        return found == expected


def name_originals(prefix: Path, planned: Sequence[Record], copied: Sequence[Record]) -> None:
    """Write into an environment's records where the packages came from, and their hashes.

    Parameters
    ----------
    copied
        The same packages with the addresses that the engine got.
    """
    for record, copy in zip(planned, copied, strict=True):
        path = prefix / "conda-meta" / f"{record.stem}.json"
        text = load(path, MAX_RECORD_BYTES).decode()
        for old, new in ((copy.url, record.url), (copy.channel, record.channel)):
            text = text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1])
        noted = msgspec.json.decode(text, type=_Installed)
        # An engine may record no hash, and spell a path differently
        hashes = {"sha256": record.sha256, "md5": record.md5}
        right = {
            name: digits for name, digits in hashes.items() if digits and not getattr(noted, name)
        }
        if noted.url != record.url or noted.channel.startswith("file:"):
            right |= {"url": record.url, "channel": record.channel}
        if right:
            plain = msgspec.json.decode(text, type=dict)
            text = msgspec.json.format(msgspec.json.encode(plain | right), indent=2).decode()
        path.write_text(text, encoding="utf-8")


def correct_history(
    prefix: Path, planned: Sequence[Record], copied: Sequence[Record], requested: Sequence[str]
) -> None:
    """Write into an environment's history where the packages came from, and what was requested.

    conda takes what its history requests into account whenever it changes an environment, and the
    engine was asked for every package, from a folder that is gone.

    Parameters
    ----------
    requested
        Plain specifications; if empty, all packages stay requested.
    """
    path = prefix / "conda-meta" / "history"
    text = load(path, _MAX_HISTORY).decode(errors="replace") if path.is_file() else ""
    if not text.strip():  # rattler leaves it empty, and notes in each record what was requested
        return
    for record, copy in zip(planned, copied, strict=True):
        for local in (copy.channel, _folder_of(copy)):
            text = text.replace(local, record.channel)
    if requested:
        kept = [line for line in text.splitlines() if not _SPECS.match(line)]
        text = "\n".join([*kept, f"# update specs: {[*requested]!r}"]) + "\n"
    path.write_text(text, encoding="utf-8")


def scripts_in(prefix: Path) -> list[str]:
    """Return the names of the packages that have a script to run after linking."""
    found = [*prefix.glob("bin/.*-post-link.sh"), *prefix.glob("Scripts/.*-post-link.bat")]
    return sorted(path.stem.removeprefix(".").removesuffix("-post-link") for path in found)


def _folder_of(copy: Record) -> str:
    """Return the folder of a local channel as a path: mamba may write it in this form."""
    return url2pathname(urlsplit(copy.channel).path)


def _difference(path: Path, record: Record) -> str | None:
    """Return what is wrong with the record of a package, or None."""
    try:
        found = msgspec.json.decode(load(path, MAX_RECORD_BYTES), type=_Installed)
    except (OSError, msgspec.DecodeError):
        return f"the record of {record.stem} cannot be read"
    for name in ("name", "version", "build"):
        told, expected = getattr(found, name), getattr(record, name)
        if told != expected:
            return f"{record.stem} has the {name} {printable(told, 100)!r}"
    file = found.url.rpartition("/")[2]
    if file and file != record.file_name:
        return f"{record.stem} was installed from {printable(file, 100)!r}"
    for name in ("sha256", "md5"):
        digits, expected = (getattr(found, name) or "").lower(), getattr(record, name)
        if digits and expected and digits != expected:
            return f"{record.stem} has the {name} {printable(digits[:12])}…, not {expected[:12]}…"
    return None


def _refuse(told: Sequence[str], engine: str) -> None:
    if told:
        more = f"; and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        reason = (
            f"{engine} ended without an error, but what it has installed is not what the plan "
            f"says, so it was removed: {'; '.join(told[:_TOLD])}{more}."
        )
        raise NotInstalledError(reason)
