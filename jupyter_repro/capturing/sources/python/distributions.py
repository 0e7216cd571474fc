"""Scan the Python distributions on ``sys.path``, and write each as one line of a snapshot.

Used by the probes of packages, frameworks and the notebook. The scan lists folders and reads the
small files that installers write (https://packaging.python.org/en/latest/specifications/);
`importlib.metadata` parses whole ``METADATA`` files and takes fifty times as long.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from dataclasses import replace as replaced
from os.path import exists, join, normpath
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from jupyter_repro.capturing.sources.python import direct_url
from jupyter_repro.model.fields import MAX_PACKAGES
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.files import read_head
from jupyter_repro.safety.redact import HIDDEN
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

MAX_ENTRIES = 1_000
"""Maximum number of entries of ``sys.path`` that are read."""

MAX_BESIDE = 1_000
"""Maximum number of distributions that are read in the present folder and below."""

LEFT_OUT = "distributions left out"
"""Key in `World.memo` of how many distributions the last scan has not read."""

_HEAD = 1_024
_SUFFIXES = (".dist-info", ".egg-info", ".egg-link")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,126}[a-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,100}")
_INSTALLER = re.compile(r"[a-z0-9][a-z0-9._-]{0,30}")
_HEADER = re.compile(rb"^(Name|Version):[ \t]*([^\r\n]*)", re.MULTILINE)
_EGG_TAIL = re.compile(r"-py\d[\d.]*(?:-[\w.-]+)?$")


class InstalledDistribution(Distribution, frozen=True):
    """A distribution, and where it was found.

    Parameters
    ----------
    info
        Its metadata on disk: a dist-info, an egg-info or an egg.
    site
        Entry of ``sys.path`` where it was found.
    folder
        Source folder of an editable installation.
    beside
        It lies in the present folder or below, which may come from a stranger. What such metadata
        name is not followed, and their long lists are not read.
    """

    info: str = ""
    site: str = ""
    folder: str | None = None
    beside: bool = False


def distributions_of(world: World) -> list[InstalledDistribution]:
    """Return what `scan` finds, read once for all probes of one capture."""
    found: list[InstalledDistribution] | None = world.memo.get("distributions")
    if found is None:
        found = world.memo["distributions"] = scan(world)
    return found


def scan(world: World) -> list[InstalledDistribution]:
    """Return the distributions on ``sys.path``, in the order in which Python finds them.

    Parameters
    ----------
    world
        Its `sys_path` is searched; entries that do not exist are skipped.

    Returns
    -------
    list of InstalledDistribution
        If several have the same name, Python imports the first; the others have the flag
        ``shadowed``. At most `MAX_PACKAGES`.
    """
    folders: list[_Folder] = []
    room = MAX_BESIDE
    for entry in _entries(world):
        folders.append(_scan_entry(entry, room if entry.beside else MAX_PACKAGES))
        room -= folders[-1].read if entry.beside else 0
    linked = set[str]().union(*(folder.links for folder in folders))
    every = [one for folder in folders for one in folder.found]
    found = every[:MAX_PACKAGES]
    world.memo[LEFT_OUT] = sum(one.left_out for one in folders) + len(every) - len(found)
    if linked:
        found = [_develop(one) if one.name in linked else one for one in found]
    return _mark_shadowed(_without_source_eggs(found))


def installed_world(world: World) -> World:
    """Return the context without entries of ``sys.path`` that may come from a stranger.

    The current folder may come from a stranger. It is left out with all folders below it, except
    those that this Python installs into: the project's folder may contain a virtual environment.
    """
    kept = [entry.path for entry in _entries(world) if not entry.beside]
    return replaced(world, sys_path=kept)


@dataclass(frozen=True)
class _Entry:
    """An existing entry of ``sys.path``, its flags, and whether it may be a stranger's."""

    path: str
    flags: tuple[str, ...]
    beside: bool = False


def _entries(world: World) -> tuple[_Entry, ...]:
    """Return the existing entries of ``sys.path``, each once."""
    cwd = str(world.cwd)
    python_path = {
        normpath(join(cwd, entry))  # noqa: PTH118 - text, see `read_head`
        for entry in world.environ.get("PYTHONPATH", "").split(os.pathsep)
        if entry
    }
    user_bases = _user_bases(world)
    own = tuple(f"{folder}{os.sep}" for folder in (world.prefix, world.base_prefix))
    here = os.path.realpath(cwd)
    prefixes = tuple(os.path.realpath(one) for one in (world.prefix, world.base_prefix))
    found: dict[str, _Entry] = {}
    for entry in world.sys_path[:MAX_ENTRIES]:
        path = normpath(join(cwd, entry))  # noqa: PTH118
        if path in found:
            continue
        if not exists(path):  # noqa: PTH110 - text, see `read_head`
            continue
        flags = ("user-site",) if _is_user_site(path, user_bases, own) else ()
        beside = not flags and _is_beside(os.path.realpath(path), here, prefixes)
        flags = (*flags, *(("PYTHONPATH",) * (path in python_path)))
        found[path] = _Entry(path, flags, beside)
    return tuple(found.values())


def _is_beside(path: str, here: str, prefixes: tuple[str, ...]) -> bool:
    if path == here:
        return True
    return _lies_in(path, here) and not any(_lies_in(path, prefix) for prefix in prefixes)


def _user_bases(world: World) -> tuple[str, ...]:
    """Return the folders of user sites, see https://docs.python.org/3/library/site.html."""
    if base := world.environ.get("PYTHONUSERBASE"):
        return (normpath(base) + os.sep,)
    bases = [world.home / ".local", world.home / "Library" / "Python"]
    if folder := world.environ.get("APPDATA"):
        bases.append(Path(folder) / "Python")
    return tuple(f"{folder}{os.sep}" for folder in bases)


def _is_user_site(path: str, user_bases: tuple[str, ...], own: tuple[str, ...]) -> bool:
    # Tools keep whole interpreters and virtual environments in ~/.local/share
    return (
        path.endswith("site-packages") and path.startswith(user_bases) and not path.startswith(own)
    )


class _Folder(NamedTuple):
    """The distributions in one entry of ``sys.path``, and the names of its egg-links."""

    found: list[InstalledDistribution]
    links: frozenset[str]
    read: int = 0
    left_out: int = 0


def _scan_entry(entry: _Entry, room: int) -> _Folder:
    """Return the distributions in one folder, or the distribution of an egg or a wheel.

    At most `room` of a folder are read, the first by name.
    """
    if entry.path.endswith((".egg", ".whl")):
        one = _read_archive(entry)
        return _Folder([one] if one else [], frozenset())
    try:
        listed = os.listdir(entry.path)  # noqa: PTH208 - hundreds of names
        named = [name for name in listed if name.endswith(_SUFFIXES)]
    except OSError:  # a zip file, or a forbidden folder
        named = []
    names = named if len(named) <= room else sorted(named)[:room]
    links = {normalise(name[: -len(".egg-link")]) for name in names if name.endswith(".egg-link")}
    found = [one for name in names if (one := _read_info(entry, name)) is not None]
    if len({one.name for one in found}) < len(found):
        # An interrupted upgrade left two: the files of the later one are installed
        found.sort(key=lambda one: -_changed(one.info))
    return _Folder(found, frozenset(links), len(names), len(named) - len(names))


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0


def _read_info(entry: _Entry, file_name: str) -> InstalledDistribution | None:
    """Return the distribution that a dist-info or egg-info describes, if its name is valid."""
    stem, _, kind = file_name.rpartition(".")
    if kind == "egg-link":
        return None
    info = f"{entry.path}{os.sep}{file_name}"
    if kind == "egg-info":
        stem = _EGG_TAIL.sub("", stem)
        head = read_head(f"{info}{os.sep}PKG-INFO", _HEAD) or read_head(info, _HEAD)
    elif stem.count("-") == 1 and "_" not in stem[stem.index("-") :]:
        head = None  # the folder's name is unambiguous
    else:
        head = read_head(f"{info}{os.sep}METADATA", _HEAD)
    name, version = _name_and_version(stem, head)
    if name is None:
        return None
    installer = _installer(read_head(f"{info}{os.sep}INSTALLER", 64))
    data = None
    if installer != "conda":  # conda's names a folder of the machine that built the package
        limit = _HEAD if entry.beside else direct_url.MAX_BYTES
        data = read_head(f"{info}{os.sep}direct_url.json", limit)
    origin = direct_url.parse_direct_url(data) if data else None
    if origin is None:
        return InstalledDistribution(
            name, version, installer, entry.flags, "", info, entry.path, beside=entry.beside
        )
    flags = ("editable", *entry.flags) if origin.editable else entry.flags
    folder = origin.folder if origin.editable and not entry.beside else None
    return InstalledDistribution(
        name, version, installer, flags, origin.source, info, entry.path, folder, entry.beside
    )


def _develop(one: InstalledDistribution) -> InstalledDistribution:
    """Return the egg-info that an egg-link points to, as an editable installation."""
    if not one.info.endswith(".egg-info"):
        return one
    head, tail = os.path.split(one.site)
    name = Path(head).name if tail == "src" else tail
    return replace(
        one,
        flags=("editable", *one.flags),
        source=f"file://{HIDDEN}/{printable(name, 100)}",
        folder=one.site,
    )


def _read_archive(entry: _Entry) -> InstalledDistribution | None:
    """Return the distribution of an egg or a wheel on ``sys.path``; zip files are not opened."""
    stem = Path(entry.path).stem
    if entry.path.endswith(".egg"):
        stem = _EGG_TAIL.sub("", stem)
        head = read_head(f"{entry.path}{os.sep}EGG-INFO{os.sep}PKG-INFO", _HEAD)
    else:
        stem, head = "-".join(stem.split("-")[:2]), None
    name, version = _name_and_version(stem, head)
    if name is None:
        return None
    return InstalledDistribution(
        name,
        version,
        flags=entry.flags,
        info=entry.path,
        site=entry.path,
        beside=entry.beside,
    )


def _name_and_version(stem: str, head: bytes | None) -> tuple[str | None, str]:
    """Return the name and the version from the metadata, else from the name of the folder."""
    name, _, version = stem.rpartition("-") if "-" in stem else (stem, "", "")
    if head is not None:
        told = {key: value.decode("utf-8", "replace") for key, value in _HEADER.findall(head)}
        name, version = told.get(b"Name", name).strip(), told.get(b"Version", version).strip()
    name = normalise(name)
    return (
        name if _NAME.fullmatch(name) else None,
        version if _VERSION.fullmatch(version) else "",
    )


def _installer(data: bytes | None) -> str:
    if data in {b"pip\n", b"conda", b"uv"}:
        return data.decode().rstrip()
    if not data or not (text := data.decode("utf-8", "replace").strip().lower()):
        return "unknown"
    return text if _INSTALLER.fullmatch(text) else "other"


def _without_source_eggs(found: list[InstalledDistribution]) -> list[InstalledDistribution]:
    """Leave out the egg-info in the source folder of an editable installation: a duplicate."""
    folders = {one.name: one.folder for one in found if one.folder and ".dist-info" in one.info}
    return [
        one
        for one in found
        if not (one.info.endswith(".egg-info") and _lies_in(one.info, folders.get(one.name)))
    ]


def _lies_in(path: str, folder: str | None) -> bool:
    return folder is not None and path.startswith(normpath(folder) + os.sep)


def _mark_shadowed(found: list[InstalledDistribution]) -> list[InstalledDistribution]:
    seen: set[str] = set()
    marked = []
    for one in found:
        if one.name in seen:
            marked.append(replace(one, flags=(*one.flags, "shadowed")))
        else:
            seen.add(one.name)
            marked.append(one)
    return marked
