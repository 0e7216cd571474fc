"""Facts in conda's records that lock files need beyond a snapshot: dependencies, a second digest.

A snapshot does not contain them, because they would make every notebook larger, and an index has
them as well. They are looked up only while the recorded environment still exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from jupyter_repro.capturing.sources.conda.records import read_record
from jupyter_repro.packages.archives import split_extension

# Written into other tools' files: only printable ASCII, without quotes and backslashes
_SPEC = re.compile(r"[A-Za-z0-9_][ !#-\[\]-~]{0,300}")
_LICENSE = re.compile(r"[A-Za-z0-9(][A-Za-z0-9 .,()+/-]{0,200}")
_MD5 = re.compile(r"[0-9a-f]{32}")


class CondaDetails(Struct, frozen=True, kw_only=True):
    """Further facts about one file of a channel.

    Parameters
    ----------
    depends, constrains
        Match specifications.
    size
        Size of the file in bytes.
    timestamp
        When it was built, in milliseconds since 1970.
    """

    md5: str | None = None
    sha256: str | None = None
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    license: str | None = None
    size: int | None = None
    timestamp: int | None = None


class _Fields(Struct, gc=False):
    md5: str | None = None
    sha256: str | None = None
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    license: str | None = None
    size: int | None = None
    timestamp: int | None = None
    fn: str | None = None
    url: str | None = None


_decode = msgspec.json.Decoder(_Fields).decode


def read_details(meta: Path, files: Iterable[tuple[str, str]]) -> dict[str, CondaDetails]:
    """Return what the records of a prefix contain about some files of channels.

    Parameters
    ----------
    meta
        The ``conda-meta`` folder.
    files
        File names with their digest, a sha256 or an md5.

    Returns
    -------
    dict
        By file name, without files that are not installed there or have a different digest.
    """
    found = {}
    for name, digest in files:
        stem, _ = split_extension(name)
        fields = read_record(meta / f"{stem}.json", _decode, _has_md5)
        if fields is None or not digest or digest not in (fields.sha256, fields.md5):
            continue
        if name in (fields.fn, (fields.url or "").rpartition("/")[2]):
            found[name] = _checked(fields)
    return found


def _has_md5(fields: _Fields) -> bool:
    return fields.md5 is not None


def _checked(fields: _Fields) -> CondaDetails:
    return CondaDetails(
        md5=fields.md5 if fields.md5 and _MD5.fullmatch(fields.md5) else None,
        sha256=fields.sha256,
        depends=tuple(spec for spec in fields.depends if _SPEC.fullmatch(spec)),
        constrains=tuple(spec for spec in fields.constrains if _SPEC.fullmatch(spec)),
        license=fields.license if fields.license and _LICENSE.fullmatch(fields.license) else None,
        size=fields.size if fields.size and 0 < fields.size < 1 << 53 else None,
        timestamp=fields.timestamp if fields.timestamp and 0 < fields.timestamp < 1 << 53 else None,
    )
