"""Read ``conda-meta/*.json``, conda's records of what it installed, without reading most of it.

A record is mostly a list of files: a whole environment has tens of megabytes of records, but only
a few hundred bytes per package are needed. They come before the list of files or after it. So the
first 4 KiB and the last 1 KiB are read, and the part between is skipped if the layout (indented
JSON, one key per line) is unambiguous. A record with any other layout is decoded whole.

Nothing here runs conda, writes, or fails because of one record: ``conda list`` was seen deleting
records, and py-rattler writes them readable only for their owner.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from jupyter_repro.packages.addresses import UNKNOWN, redact_folder, redact_spec
from jupyter_repro.packages.archives import CONDA_EXTENSIONS, split_stem
from jupyter_repro.packages.platforms import is_subdir
from jupyter_repro.safety.files import open_regular
from jupyter_repro.safety.text import printable

HEAD_BYTES = 4096
TAIL_BYTES = 1024

MAX_RECORD_BYTES = 64 << 20
"""A larger record is not decoded; the largest of 475 real records has 4 MB."""

MAX_RECORDS = 20_000
"""No more records than this are read; the largest real environments have about 3 000."""

T = TypeVar("T")

_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch
_MD5 = re.compile(r"[0-9a-f]{32}").fullmatch


class CondaRecord(Struct, frozen=True, gc=False):
    """One installed package.

    Parameters
    ----------
    name, version, build
        As recorded; for an unreadable record, from its file name.
    folder
        Folder of the channel, ready to be stored: without credentials, query or personal path.
        `UNKNOWN` if the record does not contain it.
    fn
        File name of the package; without an extension if the record does not contain it.
        ``folder/fn`` is the package's address.
    digest
        Its sha256, else its md5, in hexadecimal digits.
    requested
        The match specifications with which the user requested it, if they were read.
    depends
        Names of the packages that it needs.
    readable
        False if only the file name of the record could be read.
    """

    name: str
    version: str
    build: str
    folder: str
    fn: str
    digest: str | None = None
    requested: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    readable: bool = True

    @property
    def subdir(self) -> str | None:
        """Platform folder (``linux-64``, ``noarch``), or None if the record has none."""
        last = self.folder.rpartition("/")[2]
        return last if is_subdir(last) else None

    @property
    def url(self) -> str | None:
        """Address without credentials, or None if the record has none."""
        return None if self.folder == UNKNOWN else f"{self.folder}/{self.fn}"


class Records(NamedTuple):
    """The records of a prefix, in the order of their file names, and their number."""

    records: list[CondaRecord]
    total: int


class _Fields(Struct, gc=False):
    build: str | None = None
    channel: str | None = None
    depends: list[str] | None = None
    fn: str | None = None
    md5: str | None = None
    name: str | None = None
    requested_spec: str | None = None
    requested_specs: list[str] | None = None
    sha256: str | None = None
    subdir: str | None = None
    url: str | None = None
    version: str | None = None


# How an object at the outermost level ends, with a key after it: two spaces (conda, mamba 1,
# rattler) or four (libmamba). Strings in JSON contain no raw line breaks, and at a deeper level the
# rest would not be balanced, so a part that decodes was cut at the right place.
_OBJECT_ENDS = tuple(
    f"{newline}{indent}}},{newline}".encode()
    for newline in ("\n", "\r\n")
    for indent in ("  ", "    ")
)
# How `paths_data` ends with sorted keys, and `link` in every order: `requested_spec` comes later
_LAST_OBJECTS = (b'"paths_version": 1', b'"type": 1')
_decode = msgspec.json.Decoder(_Fields).decode


def _seek_and_read(file: int, size: int, offset: int) -> bytes:
    os.lseek(file, offset, os.SEEK_SET)
    return os.read(file, size)


_read_at: Callable[[int, int, int], bytes] = getattr(os, "pread", _seek_and_read)
"""Windows lacks `os.pread`."""


def read_records(meta: Path, limit: int = MAX_RECORDS, *, requested: bool = True) -> Records:
    """Return the records of a ``conda-meta`` folder.

    Parameters
    ----------
    meta
        The ``conda-meta`` folder of a prefix.
    limit
        At most this many records are read, the first ones by file name.
    requested
        Whether to read the user's requests. They are in the last lines of a record; skipping them,
        if the history has them, saves a fifth of the time.

    Returns
    -------
    Records
        A record that cannot be read counts: its name, version and build come from its file name.

    Raises
    ------
    OSError
        If the folder itself cannot be listed.
    """
    names = sorted(n for n in os.listdir(meta) if n.endswith(".json") and n[0] != ".")  # noqa: PTH208 - five times the speed
    folders: dict[str, str] = {}
    start = f"{meta}{os.sep}"
    records = [
        _read_record(start + name, name[:-5], folders, requested=requested)
        for name in names[:limit]
    ]
    return Records(records, len(names))


def parse_record(data: bytes, stem: str, *, requested: bool = True) -> CondaRecord:
    """Return the package that the text of a whole record describes.

    Parameters
    ----------
    data
        The JSON text.
    stem
        The file name of the record without ``.json``.
    requested
        As in `read_records`.
    """
    try:
        return _build_record(_decode(data), stem, {}, requested=requested)
    except (msgspec.DecodeError, ValueError):
        return _from_file_name(stem)


def _read_record(path: str, stem: str, folders: dict[str, str], *, requested: bool) -> CondaRecord:
    try:
        file = open_regular(path)
    except (OSError, ValueError):
        return _from_file_name(stem)
    try:
        fields = _read_ends(file, requested=requested, decode=_decode)
        record = _assemble(fields, stem, folders, requested=requested) if fields else None
        if record is None:
            fields = _decode(_read_all(file))
            record = _build_record(fields, stem, folders, requested=requested)
    except (OSError, ValueError, RecursionError):  # broken JSON, UTF-8: ValueErrors
        return _from_file_name(stem)
    else:
        return record
    finally:
        os.close(file)


def read_record(
    path: Path, decode: Callable[[bytes], T], is_complete: Callable[[T], object]
) -> T | None:
    """Return some fields of a record, from both of its ends if they contain them.

    Parameters
    ----------
    decode
        Turns JSON text into the requested fields. None of them may be one of the long lists.
    is_complete
        Whether the two ends contain all fields. If not, the record is read whole, because with
        sorted keys some fields are in the middle.

    Returns
    -------
    T or None
        None if there is no such record, or it cannot be read.
    """
    try:
        file = open_regular(path)
    except (OSError, ValueError):
        return None
    try:
        found = _read_ends(file, requested=True, decode=decode)
        whole = found is None or not is_complete(found)
        return decode(_read_all(file)) if whole else found
    except (OSError, ValueError):
        return None
    finally:
        os.close(file)


def _read_ends(file: int, *, requested: bool, decode: Callable[[bytes], T]) -> T | None:
    """Return the fields at both ends of a record, or None if its layout is unknown."""
    head = os.read(file, HEAD_BYTES)
    if len(head) < HEAD_BYTES:
        return decode(head)
    cut = head.find(b'"files": [')
    if cut < 0:
        return None
    complete = head.find(b'"url"', 0, cut) >= 0 and head.find(b'"depends"', 0, cut) >= 0
    try:
        if complete and not requested:
            return decode(head[:cut] + b'"": 0}')
        # With sorted keys, everything but the dependencies comes after the list of files
        rest = _read_rest(file)
        return None if rest is None else decode(head[:cut] + rest)
    except ValueError:
        return None


def _read_rest(file: int) -> bytes | None:
    """Return the keys after the last object at the outermost level, from the end of a record."""
    os.lseek(file, -TAIL_BYTES, os.SEEK_END)
    tail = os.read(file, TAIL_BYTES)
    for object_end in _OBJECT_ENDS:
        cut = tail.rfind(object_end)
        if cut >= 0:
            break
    else:
        return None
    if not tail.endswith(_LAST_OBJECTS, 0, cut) and tail.find(b"requested_spec", 0, cut) >= 0:
        return None
    return tail[cut + len(object_end) :]


def _assemble(
    fields: _Fields, stem: str, folders: dict[str, str], *, requested: bool
) -> CondaRecord | None:
    """Return the record, or None if a field is missing or unexpected.

    Name and build come from the name of the record, which the package's file name confirms.
    """
    url, digest, parts = fields.url, fields.sha256, stem.rsplit("-", 2)
    if not (url and digest and len(parts) == 3 and stem.isprintable()) or fields.depends is None:
        return None
    name, version, build = parts
    if (
        version != fields.version
        or fields.name not in (None, name)
        or fields.build not in (None, build)
        or not _is_sha256(digest)
    ):
        return None
    end = len(url) - len(stem)
    for extension in CONDA_EXTENSIONS:
        raw = url[: end - len(extension) - 1]
        if url.endswith(f"/{stem}{extension}"):
            break
    else:
        return None
    folder = folders.get(raw)
    if folder is None:
        folder = folders[raw] = redact_folder(raw)
    specs = _requested(fields) if requested else ()
    depends = _depends(fields)
    return CondaRecord(name, version, build, folder, stem + extension, digest, specs, depends)


def _is_sha256(text: str) -> bool:
    try:  # twice as fast as a regular expression
        return len(text) == 64 and len(bytes.fromhex(text)) == 32 and text == text.lower()
    except ValueError:
        return False


def _read_all(file: int) -> bytes:
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_size > MAX_RECORD_BYTES:
        reason = "no regular file of a record's size"
        raise ValueError(reason)
    os.lseek(file, 0, os.SEEK_SET)
    # A buffer of exactly this size: a larger one makes reading several times slower
    data = os.read(file, found.st_size)
    while len(data) < found.st_size:
        more = os.read(file, found.st_size - len(data))
        if not more:
            break
        data += more
    return data


def _build_record(
    fields: _Fields, stem: str, folders: dict[str, str], *, requested: bool
) -> CondaRecord:
    name, version, build = split_stem(stem)
    if not (fields.name and fields.version) and not fields.url:
        reason = "no record of a package"
        raise ValueError(reason)
    folder, fn = _split_address(fields, stem, folders)
    digest = (fields.sha256 or fields.md5 or "").lower()
    return CondaRecord(
        _clean(fields.name or name),
        _clean(fields.version or version),
        _clean(fields.build or build),
        folder,
        fn,
        digest if _SHA256(digest) or _MD5(digest) else None,
        _requested(fields) if requested else (),
        _depends(fields),
    )


def _depends(fields: _Fields) -> tuple[str, ...]:
    # The name ends at the first blank, as in: python >=3.11,<3.12.0a0
    return tuple(spec.partition(" ")[0] for spec in fields.depends or ())


def _from_file_name(stem: str) -> CondaRecord:
    name, version, build = map(_clean, split_stem(stem))
    return CondaRecord(name, version, build, UNKNOWN, _clean(stem), readable=False)


def _split_address(fields: _Fields, stem: str, folders: dict[str, str]) -> tuple[str, str]:
    """Return the channel's folder, redacted, and the package's file name."""
    url = fields.url
    if url:
        cut = url.rfind("/")
        fn = url[cut + 1 :]
        if not (fn.startswith(stem) and fn[len(stem) :] in CONDA_EXTENSIONS):
            url = re.split("[?#]", url, maxsplit=1)[0]
            cut = url.rfind("/")
            fn = unquote(url[cut + 1 :])
        raw = url[: max(cut, 0)]
    else:
        fn = fields.fn or ""
        raw = (fields.channel or "").rstrip("/")
        if raw and fields.subdir and not raw.endswith(f"/{fields.subdir}"):
            raw = f"{raw}/{fields.subdir}"
    folder = folders.get(raw)
    if folder is None:
        folder = folders[raw] = redact_folder(raw)
    return folder, _clean(fn) if fn.endswith(CONDA_EXTENSIONS) else _clean(stem)


def _requested(fields: _Fields) -> tuple[str, ...]:
    specs = fields.requested_specs or (fields.requested_spec,)
    # mamba writes the word None
    return tuple(redact_spec(spec) for spec in specs if spec and spec != "None")


def _clean(text: str) -> str:
    return text if len(text) < 256 and text.isprintable() else printable(text, 255)
