"""Read what the lock files of several tools have in common: entries, digests, platforms.

A Python package is stored by name only if its address is a file of PyPI (or of a mirror of it), or
one of its vendor: by name, any other would be taken from the public index, where anyone can publish
a different package of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.draft import Draft
from jupyter_repro.formats.importers.pip_line import add_pip_line, name_and_version
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.packages.platforms import is_subdir
from jupyter_repro.packages.vendor_indexes import vendor_index
from jupyter_repro.safety.redact import redact_url
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.yaml import Plain

# A mirror of PyPI keeps the folders of its files, which are a digest of the file
_OF_PYPI = re.compile(
    r"https?://(?:[^/@]*@)?(?:(?:files\.pythonhosted\.org|pypi\.org|pypi\.python\.org)/"
    r"|[^?#]*/packages/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{60}/[^/]+$)"
)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUBDIRECTORY = re.compile(r"(?:^|&)(subdirectory=[A-Za-z0-9_./-]+)")


def entries(value: Plain | None) -> Iterator[dict[str, Plain]]:
    """Yield the mappings in a list; other values are not entries."""
    for entry in value if isinstance(value, list) else ():
        if isinstance(entry, dict):
            yield entry


def text_of(entry: Mapping[str, Plain], key: str) -> str:
    """Return a text of an entry, empty if there is none."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def digest_of_entry(entry: Mapping[str, Plain]) -> str | None:
    """Return the sha256 of an entry, else its md5."""
    return text_of(entry, "sha256") or text_of(entry, "md5") or None


def choose_platform(draft: Draft, platforms: Mapping[str, str]) -> str:
    """Choose the platform to read from a lock file, and note which others it has.

    Parameters
    ----------
    platforms
        Name of each platform in the file → conda's name of it, which is the same in most files.

    Returns
    -------
    str
        The name in the file.

    Raises
    ------
    UnreadableError
        If the requested platform is missing, or several have its name; a single platform is always
        taken.
    """
    known = {name: subdir for name, subdir in sorted(platforms.items()) if is_subdir(subdir)}
    wanted = draft.platform
    fitting = [name for name, subdir in known.items() if subdir == wanted]
    if wanted in known or len(known) == 1:
        fitting = [wanted] if wanted in known else [*known]
    if len(fitting) != 1:
        shown = [
            f"{one} ({known[one]})" if known[one] not in {one, wanted} else one for one in known
        ]
        listed = printable(", ".join(fitting or shown), 200) or "none"
        reason = (
            f"has several platforms for {wanted}: {listed}; choose one with --platform."
            if fitting
            else f"is not for {wanted}, but for {listed}: choose one with --platform."
        )
        raise UnreadableError(reason)
    chosen = fitting[0]
    draft.platform = draft.system["platform"] = known[chosen]
    if len(known) > 1:
        others = ", ".join(name for name in known if name != chosen)
        draft.note(f"Of its platforms {chosen} was read, not {others}.")
    return chosen


class LockedPython(NamedTuple):
    """A Python package of a lock file.

    Parameters
    ----------
    name, version
        Empty if only the name of the file tells them.
    address
        Of its file, its repository or its folder.
    digest
        The sha256 of its file, or empty.
    is_direct
        Whether the user named the address.
    """

    name: str
    version: str
    address: str
    digest: str
    is_direct: bool = False
    editable: bool = False


def add_python(draft: Draft, one: LockedPython) -> None:
    """Add a Python package of a lock file, by name or by its address."""
    if one.address.startswith("git+"):
        line = f"{one.name} @ {_with_commit(one.address)}"
        add_pip_line(draft, line, editable=one.editable)
        return
    place, _, fragment = one.address.partition("#")
    file = place.replace("\\", "/").rstrip("/").rpartition("/")[2]
    if not place or (not one.is_direct and _is_released(one)):
        source = ""
    elif "://" in place:
        below = _SUBDIRECTORY.search(fragment)
        notes = [f"sha256={one.digest}"] if _SHA256.fullmatch(one.digest) else []
        notes += [below[1]] if below else []
        source = redact_url(place) + (f"#{'&'.join(notes)}" if notes else "")
    else:
        source = f"file://***/{printable(file, 200)}"
    told = name_and_version(unquote(file))
    flags = ("editable",) if one.editable else ()
    name, version = one.name or told[0] or "", one.version or told[1] or ""
    draft.add_distribution(Distribution(name, version, "pip", flags, source))


def _is_released(one: LockedPython) -> bool:
    """Return whether an installer finds the file by name and version, and no different one."""
    if _OF_PYPI.match(one.address):
        return True
    vendor = vendor_index(one.name, one.version, torch="2.0")
    return vendor is not None and _domain(one.address) == _domain(vendor.address)


def _domain(address: str) -> str:
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return address
    return ".".join(host.split(".")[-2:])


def _with_commit(address: str) -> str:
    """Return the address of a commit as pip writes it; pixi writes ``?rev=main#<commit>``."""
    place, _, fragment = address.partition("#")
    place, _, query = place.partition("?")
    if not _COMMIT.fullmatch(fragment):
        return address
    below = parse_qs(query).get("subdirectory", [""])[0]
    return f"{place}@{fragment}{f'#subdirectory={below}' if below else ''}"
