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
_SHA256 = re.compile(r"[0-9a-f]{64}")
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
            found[name] = checked_details(
                CondaDetails(
                    md5=fields.md5,
                    sha256=fields.sha256,
                    depends=fields.depends,
                    constrains=fields.constrains,
                    license=fields.license,
                    size=fields.size,
                    timestamp=fields.timestamp,
                )
            )
    return found


def _has_md5(fields: _Fields) -> bool:
    return fields.md5 is not None


def checked_details(one: CondaDetails) -> CondaDetails:
    """Return only the facts that are safe in files of other tools."""
    return CondaDetails(
        md5=one.md5 if one.md5 and _MD5.fullmatch(one.md5) else None,
        sha256=one.sha256 if one.sha256 and _SHA256.fullmatch(one.sha256) else None,
        depends=tuple(spec for spec in one.depends if _SPEC.fullmatch(spec)),
        constrains=tuple(spec for spec in one.constrains if _SPEC.fullmatch(spec)),
        license=one.license if one.license and _LICENSE.fullmatch(one.license) else None,
        size=one.size if one.size and 0 < one.size < 1 << 53 else None,
        timestamp=one.timestamp if one.timestamp and 0 < one.timestamp < 1 << 53 else None,
    )
