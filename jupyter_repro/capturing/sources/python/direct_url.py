"""Read a ``direct_url.json``: the source of a distribution that is not from an index.

See https://packaging.python.org/en/latest/specifications/direct-url/. Folders are personal: only
the last part of a local path is recorded.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from jupyter_repro.safety.redact import HIDDEN, redact_url
from jupyter_repro.safety.text import printable

MAX_BYTES = 65_536

_HEXADECIMAL = re.compile(r"[0-9a-f]{32,128}")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{0,15}")
_SUBDIRECTORY = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")
_DRIVE = re.compile(r"^/[A-Za-z]:")


class _Folder(Struct, frozen=True):
    editable: bool = False


class _Repository(Struct, frozen=True):
    vcs: str
    commit_id: str


class _Archive(Struct, frozen=True):
    hash: str | None = None
    hashes: dict[str, str] | None = None


class _Document(Struct, frozen=True):
    url: str
    dir_info: _Folder | None = None
    vcs_info: _Repository | None = None
    archive_info: _Archive | None = None
    subdirectory: str | None = None


_DECODER = msgspec.json.Decoder(_Document)


class DirectUrl(NamedTuple):
    """The contents of a ``direct_url.json``.

    `source` is redacted and contains ``://``; `folder` is the path of a local folder, to read it
    and never to record it.
    """

    source: str
    editable: bool = False
    folder: str | None = None


def parse_direct_url(data: bytes) -> DirectUrl | None:
    """Return the source of a distribution, or None if the file is broken.

    Parameters
    ----------
    data
        Contents of the file.

    Examples
    --------
    >>> parse_direct_url(b'{"url": "file:///home/me/mine", "dir_info": {"editable": true}}')
    DirectUrl(source='file://***/mine', editable=True, folder='/home/me/mine')
    """
    try:
        document = _DECODER.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    address = _address(document.url)
    if document.vcs_info is not None:
        return DirectUrl(_repository(address, document.vcs_info) + _fragment(document))
    if document.dir_info is not None:
        return DirectUrl(address, document.dir_info.editable, _local_folder(document.url))
    return DirectUrl(address + _fragment(document))


def _address(url: str) -> str:
    address = redact_url(url)
    return address if "://" in address else f"unknown://{HIDDEN}"


def _repository(address: str, info: _Repository) -> str:
    vcs = info.vcs if _WORD.fullmatch(info.vcs) else "vcs"
    prefix = "" if address.startswith(f"{vcs}+") else f"{vcs}+"
    # Subversion and Bazaar number their commits, Mercurial and git hash them
    commit = printable(info.commit_id, 64)
    return f"{prefix}{address}@{commit}" if commit.isalnum() else prefix + address


def _fragment(document: _Document) -> str:
    """Return ``#sha256=…`` or ``#subdirectory=…``, as pip writes them."""
    notes = []
    archive = document.archive_info
    if archive is not None:
        name, _, value = (archive.hash or "").partition("=")
        for algorithm, digest in {name: value, **(archive.hashes or {})}.items():
            if _WORD.fullmatch(algorithm) and _HEXADECIMAL.fullmatch(digest):
                notes.append(f"{algorithm}={digest}")
    if document.subdirectory and _SUBDIRECTORY.fullmatch(document.subdirectory):
        notes.append(f"subdirectory={document.subdirectory}")
    return "#" + "&".join(dict.fromkeys(notes)) if notes else ""


def _local_folder(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        return None
    path = unquote(parts.path)
    return path[1:] if _DRIVE.match(path) else path
