"""Which names a package may put into an environment: only those that stay inside it.

An installer links what a package lists, and not all installers check where a name leads: ``../x``
in a list of paths was seen to replace and to remove files beside the new environment. So the names
in an archive and in its lists are read before anything is linked.

A link that leads out is refused as well, since a different package could write through it. There is
one exception: a link to a program of this machine, which some builds contain.

Names that differ only by case are two files in real packages (ncurses has ``share/terminfo/N`` and
``n``). They are refused only where a trial shows that the file system treats them as one.
"""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

Fold: TypeAlias = Callable[[str], str]
"""Returns a name as a file system compares it: two names with one result are one file."""

_DRIVE = re.compile(r"[A-Za-z]:")
_SEPARATOR = re.compile(r"[/\\]")
# An absolute path, a drive, a NUL, or a part of dots and spaces alone except "."
_LEADS_OUT = re.compile(
    r"[/\\]|[A-Za-z]:|(?:.*[/\\])?(?!\.?(?:[/\\]|\Z))[. ]+(?:[/\\]|\Z)|.*\0", re.DOTALL
)
_ODD = re.compile(r"/$|//|(?:^|/)\.(?:/|$)")
_MAX_STEPS = 200
_FOLDED = ("A", "e\N{COMBINING ACUTE ACCENT}")


class Entry(NamedTuple):
    """One name of a package.

    Parameters
    ----------
    link
        The target of a symbolic link; None for all else.
    same
        The other name of a hard link; None for all else.
    is_listed
        Whether it is from a list of the package; the file itself has a separate entry.
    """

    name: str
    link: str | None = None
    same: str | None = None
    is_listed: bool = False


class _Link(NamedTuple):
    package: str
    target: str


_Links: TypeAlias = Mapping[str, Sequence[_Link]]


def complaints(packages: Mapping[str, Sequence[Entry]], fold: Fold) -> dict[str, str]:
    """Return what is wrong with the names of each package; correct packages are left out.

    Parameters
    ----------
    packages
        File of a package → its names; all of one environment, since one package may write through
        the links of others.
    fold
        Returns a name as the file system of the environment compares it, see `folding`.
    """
    links: dict[str, list[_Link]] = {}
    for package, entries in packages.items():
        for entry in entries:
            if entry.link is not None:
                links.setdefault(fold(_plain(entry.name)), []).append(_Link(package, entry.link))
    found = {}
    for package, entries in packages.items():
        told = next(_by_itself(entries, fold), None)
        if told is None and links:
            told = next(_through_links(package, entries, links, fold), None)
        if told is not None:
            found[package] = told
    if any(fold(name) != name for name in _FOLDED):
        found = dict(_across(packages, fold)) | found
    return found


def is_safe(name: str) -> bool:
    """Return whether a name stays below the folder that it is relative to."""
    return bool(name) and not _LEADS_OUT.match(name)


def is_plain(name: str) -> bool:
    """Return whether a name is that of a file, without folders."""
    return is_safe(name) and not _SEPARATOR.search(name) and name != "."


def folding(folder: Path) -> Fold:
    """Return how the file system of a folder compares names, as far as a trial shows.

    Real packages contain names that differ by case alone (``share/terminfo/N`` and ``n``), which
    are two files on a file system that distinguishes case.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".jupyter_repro-", dir=folder) as name:
            trial = Path(name)
            (trial / "a").touch()
            (trial / "\N{LATIN SMALL LETTER E WITH ACUTE}").touch()
            case = (trial / "A").exists()
            unicode = (trial / "e\N{COMBINING ACUTE ACCENT}").exists()
    except OSError:
        case = unicode = True

    def fold(name: str) -> str:
        if unicode or case:
            name = unicodedata.normalize("NFC", name)
        return name.casefold() if case else name

    return fold


def _plain(name: str) -> str:
    if not _ODD.search(name):
        return name
    return "/".join(part for part in name.split("/") if part not in {"", "."})


def _by_itself(entries: Iterable[Entry], fold: Fold) -> Iterator[str]:
    seen: dict[str, str] = {}
    for entry in entries:
        if not is_safe(entry.name):
            yield f"{entry.name!r} leads out of the environment"
        if entry.same is not None and not is_safe(entry.same):
            yield f"{entry.name!r} is a link to {entry.same!r}, which leads out"
        if not entry.is_listed:
            plain = _plain(entry.name)
            other = seen.setdefault(fold(plain), plain)
            if other != plain:
                yield f"{other!r} and {plain!r} are one file on this file system"


def _across(packages: Mapping[str, Sequence[Entry]], fold: Fold) -> Iterator[tuple[str, str]]:
    """Yield the packages that would write into a file of another one, under a different name."""
    seen: dict[str, tuple[str, str]] = {}
    for package, entries in packages.items():
        for entry in entries:
            if entry.is_listed:
                continue
            plain = _plain(entry.name)
            other, owner = seen.setdefault(fold(plain), (plain, package))
            if other != plain and owner != package:
                yield (
                    package,
                    f"{plain!r} and {other!r} of {owner} are one file on this file system",
                )


def _through_links(
    package: str, entries: Iterable[Entry], links: _Links, fold: Fold
) -> Iterator[str]:
    above: dict[str, list[_Link]] = {}
    for entry in entries:
        here = fold(_plain(entry.name))
        folder, _, _ = here.rpartition("/")
        if entry.link is not None:
            if not _is_program(entry.link) and (
                _is_absolute(entry.link) or _leads_out(f"{folder}/{entry.link}", links, fold)
            ):
                yield f"{entry.name!r} is a link to {entry.link!r}, which leads out"
            continue
        if entry.same is not None and _leads_out(fold(_plain(entry.same)), links, fold):
            yield f"{entry.name!r} is a link to {entry.same!r}, which leads out"
        if folder not in above:
            parts = folder.split("/")
            ways = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
            above[folder] = [link for one in ways for link in links.get(one, ())]
        met = above[folder]
        if here in links:  # a package's own list names its links too
            met = met + [
                one for one in links[here] if one.package != package or not entry.is_listed
            ]
        if met and _leads_out(here, links, fold):
            yield f"{entry.name!r} would be written through a link of {met[0].package}"


def _is_absolute(target: str) -> bool:
    return target.startswith(("/", "\\")) or bool(_DRIVE.match(target)) or "\0" in target


def _is_program(target: str) -> bool:
    """Return whether a link points to a program of this machine: an existing executable file."""
    return (
        target.startswith("/")
        and "\0" not in target
        and Path(target).is_file()
        and os.access(target, os.X_OK)
    )


def _leads_out(name: str, links: _Links, fold: Fold) -> bool:
    """Return whether a name can lead outside once the links on its way are followed.

    If two packages have a link of the same name, both are followed. Circular links count as leading
    out: no needed file lies behind them.
    """
    ways: list[tuple[list[str], list[str]]] = [([], name.split("/")[::-1])]
    for _ in range(_MAX_STEPS):
        if not ways:
            return False
        at, left = ways.pop()
        if not left:
            continue
        part = left.pop()
        if part == "..":
            if not at:
                return True
            at.pop()
        elif part not in {"", "."}:
            at.append(part)
            met = links.get("/".join(at), ())
            if any(_is_absolute(one.target) for one in met):
                return True
            if met:
                for one in met:
                    target = fold(one.target).replace("\\", "/" if os.name == "nt" else "\\")
                    ways.append((at[:-1], left + target.split("/")[::-1]))
                continue
        ways.append((at, left))
    return True
