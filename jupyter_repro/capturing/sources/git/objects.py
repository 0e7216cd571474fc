"""Read the tree of a commit from git's object store: loose, or in a pack.

See https://git-scm.com/docs/gitformat-pack. It reads only what the state of a work tree needs:
commits that are stored as a delta to a different object are not read.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

from jupyter_repro.safety.files import open_stream, read_head

MAX_PACKS = 200

_TREE = re.compile(rb"tree ([0-9a-f]{40,64})\n")
_COMMIT_TYPE = 1


def digest_object(kind: bytes, content: bytes, size: int) -> bytes:
    """Return the name of an object: SHA-1 if names are 20 bytes long, SHA-256 if 32."""
    whole = b"%b %d\0%b" % (kind, len(content), content)
    if size == 32:
        return hashlib.sha256(whole).digest()
    return hashlib.sha1(whole, usedforsecurity=False).digest()


def read_tree_of_commit(common_dir: Path, commit: str) -> bytes | None:
    """Return the name of a commit's tree, or None if the commit cannot be read this way.

    Parameters
    ----------
    common_dir
        The repository.
    commit
        Hexadecimal digits.
    """
    objects = common_dir / "objects"
    try:
        loose = read_head(objects / commit[:2] / commit[2:], 4_096)
        if loose is not None:
            kind, _, text = _inflate(loose).partition(b"\0")
            return _parse_commit(text) if kind.startswith(b"commit ") else None
        indexes = sorted((objects / "pack").glob("*.idx"))[:MAX_PACKS]
        for index in indexes:
            offset = _find_in_pack_index(index, bytes.fromhex(commit))
            if offset is not None:
                return _read_packed_commit(index.with_suffix(".pack"), offset)
    except (OSError, ValueError, IndexError, struct.error, zlib.error):
        pass
    return None


def _inflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, 256)


def _parse_commit(text: bytes) -> bytes | None:
    tree = _TREE.match(text)
    return bytes.fromhex(tree[1].decode()) if tree else None


def _find_in_pack_index(path: Path, name: bytes) -> int | None:
    """Return where an object begins in the pack of an index of version 2.

    The names are sorted, so a few short reads find one: whole tables of many packs would be
    gigabytes.
    """
    with open_stream(path) as stream:
        head = stream.read(8 + 1_024)
        if not head.startswith(b"\377tOc\0\0\0\2"):
            return None
        fanout = (0, *struct.unpack_from(">256I", head, 8))
        first, last, count = fanout[name[0]], fanout[name[0] + 1], fanout[256]
        end = last
        while first < end:
            middle = (first + end) // 2
            if _at(stream, len(head) + middle * len(name), len(name)) < name:
                first = middle + 1
            else:
                end = middle
        if first >= last or _at(stream, len(head) + first * len(name), len(name)) != name:
            return None
        # After the names come a checksum of four bytes and an offset of four bytes for each
        offsets = len(head) + count * (len(name) + 4)
        (offset,) = struct.unpack(">I", _at(stream, offsets + 4 * first, 4))
        if offset & 0x80000000:
            place = offsets + 4 * count + 8 * (offset & 0x7FFFFFFF)
            (offset,) = struct.unpack(">Q", _at(stream, place, 8))
        return int(offset)


def _at(stream: BinaryIO, place: int, size: int) -> bytes:
    stream.seek(place)
    return stream.read(size)


def _read_packed_commit(path: Path, offset: int) -> bytes | None:
    data = read_head(path, 4_096, start=offset)
    if not data or (data[0] >> 4) & 7 != _COMMIT_TYPE:
        return None
    start = 1
    while data[start - 1] & 128:
        start += 1
    return _parse_commit(_inflate(data[start:]))
