"""Read one requirement in pip's notation: a name with versions, an address, a folder.

A requirement that pins one version becomes a distribution; others are kept as requirements, also
addresses that do not name their package. See
https://pip.pypa.io/en/stable/reference/requirements-file-format/ and
https://packaging.python.org/en/latest/specifications/dependency-specifiers/.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from jupyter_repro.formats.importers.draft import LONGEST, Draft
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.safety.redact import redact_url
from jupyter_repro.safety.text import printable

_VCS = ("git", "hg", "svn", "bzr")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\[\]]*\])?\s*@\s*(\S+?)\s*(;.*)?")
_PLACE_IN_TEXT = re.compile(r"\S+://\S+")
_PATH = re.compile(r"[.~/\\]|[A-Za-z]:[\\/]")
_ARCHIVE = re.compile(r"\.(?:whl|tar\.gz|zip|tar\.bz2|tgz)(?:$|#)", re.IGNORECASE)
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,100}")
_HASH = re.compile(r"(?:md5|sha1|sha224|sha256|sha384|sha512)=[0-9a-f]{32,128}")
_EGG = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(\[[A-Za-z0-9._, -]*\])?")
# What pip reads although it is no address: git's short form of one
_SHORT_GIT = re.compile(r"((?:^|[\s@])git\+)(?:ssh://)?(git@[A-Za-z0-9.-]+):(?=[^/\s0-9])")
_PLACE = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")


class _Address(NamedTuple):
    """An address without personal parts, and the name, version and extras in it."""

    source: str
    name: str | None = None
    version: str | None = None
    extras: str = ""
    is_cut: bool = False


def add_pip_line(
    draft: Draft, text: str, *, editable: bool = False, told: tuple[str, str] | None = None
) -> None:
    """Add a requirement to a draft, or a note on why it could not be read.

    Parameters
    ----------
    text
        Without comments and options.
    editable
        Whether it follows ``-e``.
    told
        The name and the version, if they do not stand in the line.
    """
    text = _SHORT_GIT.sub(r"\1ssh://\2/", text.strip())
    text = text.removesuffix(";").rstrip()  # a condition that is empty
    if len(text) > LONGEST:
        draft.note(f"{printable(text, 40)}: it is too long.")
        return
    shown = _shown(text)
    if "${" in text:
        draft.note(f"{shown}: it holds a variable, and those are not read.")
        return
    named = _NAMED.fullmatch(text)
    if named:
        _add_named(draft, text, named, editable=editable)
    elif _PATH.match(text) or (_ARCHIVE.search(text) and "://" not in text) or editable:
        _add_address(draft, text, editable=editable, told=told)
    elif _ADDRESS.match(text):
        _add_address(draft, text, editable=False)
    else:
        _add_released(draft, text, shown)


def _shown(text: str) -> str:
    """Return a requirement for a message, with its address redacted."""
    return printable(_PLACE_IN_TEXT.sub(lambda found: redact_url(found[0]), text), 200)


def _add_released(draft: Draft, text: str, shown: str) -> None:
    try:
        requirement = Requirement(text)
    except InvalidRequirement:
        draft.note(f"{printable(shown, 100)!r} is not a requirement that pip would read.")
        return
    pin = pinned(requirement)
    if pin is None:
        draft.request(str(requirement))
    else:
        draft.add_distribution(Distribution(requirement.name, pin, "pip"))


def pinned(requirement: Requirement) -> str | None:
    """Return the version if a requirement is exactly ``name==version``."""
    if requirement.url or requirement.extras or requirement.marker:
        return None
    only = [*requirement.specifier]
    if len(only) != 1 or only[0].operator not in {"==", "==="} or "*" in only[0].version:
        return None
    try:  # `===` takes any text, and pip compares it letter by letter
        Version(only[0].version)
    except InvalidVersion:
        return None
    return str(only[0].version)


def _add_named(draft: Draft, text: str, named: re.Match[str], *, editable: bool) -> None:
    name, extras, url, marker = named.groups()
    address = _address(url)
    if address is None:
        draft.note(f"{_shown(text)}: an address that cannot be read.")
        return
    if extras or marker:
        try:
            Requirement(text)
        except InvalidRequirement:
            draft.note(f"{_shown(text)}: extras or a condition that cannot be read.")
            return
    _add(draft, address._replace(name=name, extras=extras or ""), marker or "", editable=editable)


def _add_address(
    draft: Draft, text: str, *, editable: bool, told: tuple[str, str] | None = None
) -> None:
    url, semicolon, marker = text.partition(" ;")
    address = _address(url.strip())
    if address is None:
        what = "an editable installation" if editable else "an address"
        draft.note(f"{_shown(text)}: {what} that cannot be read.")
    else:
        if told:
            address = address._replace(name=told[0], version=told[1])
        _add(draft, address, f";{marker}" if semicolon else "", editable=editable)


def _add(draft: Draft, address: _Address, marker: str, *, editable: bool) -> None:
    """Add a package from an address: as a distribution if nothing of it would be lost."""
    if address.is_cut:
        draft.note(f"The address {address.source} is kept without its query, which may be secret.")
    condition = f" ; {marker.lstrip('; ')}" if marker else ""
    is_local = address.source.startswith("file:")
    if address.name is None and is_local:
        what = "an editable installation" if editable else "an address"
        draft.note(f"{address.source}: {what} that does not name its package.")
    elif address.name is None or (editable and (address.extras or condition)):
        option = "-e " if editable else ""
        draft.request(f"{option}{address.source}{_as_egg(address)}{condition}")
    elif address.extras or condition:
        draft.request(f"{address.name}{address.extras} @ {address.source}{condition}")
    else:
        flags = ("editable",) if editable else ()
        draft.add_distribution(
            Distribution(address.name, address.version or "", "pip", flags, address.source)
        )


def _as_egg(address: _Address) -> str:
    """Return the name and the extras of a package behind its address, as pip reads them there."""
    if not address.name:
        return address.extras
    return f"{'&' if '#' in address.source else '#'}egg={address.name}{address.extras}"


def _address(text: str) -> _Address | None:
    """Return the parts of an address; of a local one, only the last part of the path is kept."""
    place, _, fragment = text.partition("#")
    egg = _EGG.match(parse_qs(fragment).get("egg", [""])[0])
    if "://" not in place and not place.startswith("file:"):
        place, bracket, extras = place.partition("[")
        place = place.replace("\\", "/").rstrip("/ ")
        source = f"file://***/{printable(place.rpartition('/')[2], 200)}"
        return _with_file_name(source, place, egg, f"[{extras}" if bracket else "")
    try:
        parts = urlsplit(place)
    except ValueError:
        return None
    vcs = parts.scheme.partition("+")[0]
    if vcs in _VCS:
        path, at, revision = parts.path.rpartition("@")
        source = redact_url(parts._replace(path=path if at else parts.path).geturl())
        if at:
            if not _REVISION.fullmatch(revision):
                return None
            source += f"@{revision}"
        name, extras = egg.groups() if egg else (None, "")
        return _Address(
            source + _fragment(fragment), name, extras=extras or "", is_cut=bool(parts.query)
        )
    source = redact_url(place) + _fragment(fragment)
    if "://" not in source:
        return None
    return _with_file_name(source, parts.path, egg)._replace(is_cut=bool(parts.query))


def _with_file_name(
    source: str, path: str, egg: re.Match[str] | None, extras: str = ""
) -> _Address:
    name, version = name_and_version(unquote(path.rpartition("/")[2]))
    told, more = egg.groups() if egg else (None, None)
    return _Address(source, name or told, version, extras or more or "")


def name_and_version(file: str) -> tuple[str | None, str | None]:
    """Return the project and the version from the name of a wheel or an sdist."""
    try:
        if file.endswith(".whl"):
            name, version, *_ = parse_wheel_filename(file)
        else:
            name, version = parse_sdist_filename(file)
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None, None
    return str(name), str(version)


def _fragment(text: str) -> str:
    """Return the digest and the subdirectory of an address, in pip's notation."""
    found = _HASH.search(text)
    notes = [found[0]] if found else []
    place = parse_qs(text).get("subdirectory", [""])[0]
    if _PLACE.fullmatch(place):
        notes.append(f"subdirectory={place}")
    return "#" + "&".join(notes) if notes else ""
