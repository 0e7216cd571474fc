"""Read the file names that a package contains and lists, without unpacking it.

The lists of a conda package are read wherever one of the installers reads them: the list of its
paths, the older ones, and the commands that are made for it.
"""

from __future__ import annotations

import asyncio
import csv
import importlib
import io
import json
import os
import shlex
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_repro.install.restore.package_paths import Entry, complaints, folding, is_plain
from jupyter_repro.safety.files import open_stream
from jupyter_repro.safety.text import printable

_LISTS = ("info/paths.json", "info/files", "info/has_prefix", "info/no_link", "info/link.json")
_MAX_LIST = 256 << 20
_MAX_NAMES = 5_000_000
_BIN = "bin"


class UnreadableError(Exception):
    """A package is in a form that its installers could not read."""


class _Contents(NamedTuple):
    entries: list[Entry]
    lists: Mapping[str, bytes]


async def look_into(
    archives: Mapping[str, Path], folder: Path, site: str, on_read: Callable[[], None]
) -> dict[str, str]:
    """Return what is wrong with the names of conda packages, by the name of their file.

    Parameters
    ----------
    archives
        File name → its path.
    folder
        A folder on the file system that the environment will be on.
    site
        The folder of Python's modules in the environment.
    on_read
        Called after each package.
    """
    slots = asyncio.Semaphore(os.cpu_count() or 1)
    entries: dict[str, list[Entry]] = {}
    found: dict[str, str] = {}

    async def one(name: str, archive: Path) -> None:
        async with slots:
            try:
                entries[name] = await conda_entries(archive, site)
            except UnreadableError as error:
                found[name] = str(error)
            on_read()

    await asyncio.gather(*(one(name, archive) for name, archive in archives.items()))
    return found | complaints(entries, folding(folder))


async def conda_entries(archive: Path, site: str) -> list[Entry]:
    """Return the names of a conda package, as paths in an environment.

    Parameters
    ----------
    site
        The folder of Python's modules in the environment, for packages of any platform.

    Raises
    ------
    UnreadableError
        With the reason.
    """
    try:
        if archive.name.endswith(".conda"):
            contents = await _read_conda(archive)
        else:
            contents = await asyncio.to_thread(_read_tar, archive)
        listed = [*_listed(contents.lists)]
        is_moved = _noarch(contents.lists) == "python"
    except UnreadableError:
        raise
    except Exception as error:  # noqa: BLE001 - the libraries have many
        reason = f"its contents cannot be read ({_first_line(error)})"
        raise UnreadableError(reason) from None
    members = {one.name for one in contents.entries}
    more = [Entry(name, is_listed=True) for name in listed if name not in members]
    entries = [*contents.entries, *more]
    return [_moved(one, site) for one in entries] if is_moved else entries


def _first_line(error: Exception) -> str:
    return printable((str(error).splitlines() or [""])[0] or type(error).__name__, 200)


async def _read_conda(archive: Path) -> _Contents:
    try:
        from rattler.package_streaming import PackageArchive
    except ModuleNotFoundError:
        return await asyncio.to_thread(_read_conda_alone, archive)
    package = await PackageArchive.from_path(archive)
    entries, lists = [], {}
    for section in ("info", "pkg"):
        async for one in package.stream(section):
            link = one.link_target if one.is_symlink else None
            same = one.link_target if one.is_hardlink else None
            entries.append(Entry(one.name, link, same))
            if section == "info" and one.name in _LISTS:
                _require_sane(len(entries), one.size)
                lists[one.name] = await one.read()
    _require_sane(len(entries))
    return _Contents(entries, lists)


def _read_conda_alone(archive: Path) -> _Contents:
    """Read a package without py-rattler, where this Python can unpack Zstandard."""
    unpack = _zstd()
    entries: list[Entry] = []
    lists: dict[str, bytes] = {}
    with open_stream(archive) as file, zipfile.ZipFile(file) as parts:
        for part in parts.namelist():
            if part.startswith(("info-", "pkg-")) and part.endswith(".tar.zst"):
                with (
                    parts.open(part) as packed,
                    unpack(packed) as plain,
                    tarfile.open(fileobj=plain, mode="r|") as members,
                ):
                    _read_members(members, entries, lists)
    return _Contents(entries, lists)


def _zstd() -> Callable[..., Any]:
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        try:
            opening: Callable[..., Any] = importlib.import_module(name).open
        except ModuleNotFoundError:
            continue
        return opening
    reason = (
        "nothing here can look into it before it is installed: pip install 'jupyter_repro[restore]'"
    )
    raise UnreadableError(reason)


def _read_tar(archive: Path) -> _Contents:
    entries: list[Entry] = []
    lists: dict[str, bytes] = {}
    with open_stream(archive) as file, tarfile.open(fileobj=file, mode="r|bz2") as members:
        _read_members(members, entries, lists)
    return _Contents(entries, lists)


def _read_members(members: tarfile.TarFile, entries: list[Entry], lists: dict[str, bytes]) -> None:
    for one in members:
        link = one.linkname if one.issym() else None
        same = one.linkname if one.islnk() else None
        entries.append(Entry(one.name, link, same))
        if one.isfile() and one.name in _LISTS:
            _require_sane(len(entries), one.size)
            file = members.extractfile(one)
            lists[one.name] = file.read() if file else b""
    _require_sane(len(entries))


def _require_sane(count: int, size: int = 0) -> None:
    if count > _MAX_NAMES or size > _MAX_LIST:
        reason = "it has more files than any package has"
        raise UnreadableError(reason)


def _listed(lists: Mapping[str, bytes]) -> Iterator[str]:
    for one in _json(lists, "info/paths.json").get("paths", []):
        yield str(one["_path"])
    yield from filter(None, _lines(lists, "info/files"))
    if "info/paths.json" not in lists:  # only then are they read
        yield from filter(None, _lines(lists, "info/no_link"))
        for line in _lines(lists, "info/has_prefix"):
            yield from shlex.split(line)[-1:]  # placeholder and mode may come first
    noarch = _json(lists, "info/link.json").get("noarch")
    commands = noarch.get("entry_points", []) if isinstance(noarch, dict) else []
    for command in commands:
        name = str(command).partition("=")[0].strip()
        if not is_plain(name):
            reason = f"the name of its command {name!r} is a path"
            raise UnreadableError(reason)
        yield f"python-scripts/{name}"


def _lines(lists: Mapping[str, bytes], name: str) -> list[str]:
    return lists.get(name, b"").decode().split("\n")


def _noarch(lists: Mapping[str, bytes]) -> str:
    noarch = _json(lists, "info/link.json").get("noarch")
    return str(noarch.get("type", "")) if isinstance(noarch, dict) else ""


def _json(lists: Mapping[str, bytes], name: str) -> dict[str, Any]:
    plain = json.loads(lists.get(name) or b"{}")
    return plain if isinstance(plain, dict) else {}


def _moved(entry: Entry, site: str) -> Entry:
    """Return the path in an environment of a name in a package for any platform."""
    for begin, target in (("site-packages/", f"{site}/"), ("python-scripts/", f"{_BIN}/")):
        if entry.name.startswith(begin):
            return entry._replace(name=target + entry.name.removeprefix(begin))
    return entry


def wheel_entries(wheel: Path) -> list[Entry]:
    """Return the names of a wheel: its files, what its list contains, and its commands.

    Raises
    ------
    UnreadableError
        With the reason.
    """
    try:
        with open_stream(wheel) as file, zipfile.ZipFile(file) as members:
            entries = [*_members(members)]
            for info in members.infolist():
                folder, _, name = info.filename.rpartition("/")
                if not folder.endswith(".dist-info") or "/" in folder:
                    continue
                if name in {"RECORD", "entry_points.txt"}:
                    _require_sane(len(entries), info.file_size)
                    text = members.read(info).decode()
                    read = _recorded if name == "RECORD" else _commands
                    entries += [Entry(one, is_listed=True) for one in read(text)]
    except UnreadableError:
        raise
    except (OSError, ValueError, zipfile.BadZipFile, RuntimeError, csv.Error, ConfigError) as error:
        reason = f"its contents cannot be read ({type(error).__name__})"
        raise UnreadableError(reason) from None
    return entries


def _members(members: zipfile.ZipFile) -> Iterator[Entry]:
    for info in members.infolist():
        name = info.orig_filename  # `filename` has lost what follows a NUL, and backslashes
        if stat.S_ISLNK(info.external_attr >> 16):
            reason = f"{name!r} is a link, which no wheel may hold"
            raise UnreadableError(reason)
        yield Entry(name)
        top, _, rest = name.partition("/")
        if top.endswith(".data") and rest.partition("/")[2]:
            yield Entry(rest.partition("/")[2], is_listed=True)


def _recorded(text: str) -> Iterator[str]:
    for row in csv.reader(io.StringIO(text)):
        if row:
            yield row[0]


def _commands(text: str) -> Iterator[str]:
    parser = ConfigParser(delimiters=("=",), strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    for section in ("console_scripts", "gui_scripts"):
        for name in parser[section] if parser.has_section(section) else ():
            if not is_plain(name):
                reason = f"the name of its command {name!r} is a path"
                raise UnreadableError(reason)
            yield name
