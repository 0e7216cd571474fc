"""Decide whether a git work tree has uncommitted changes, by reading files only.

The index contains the size and time of every tracked file as git last saw it, so most files need
one `lstat` and are not read (https://git-scm.com/docs/index-format). If that does not decide, the
file is hashed. If filters may change a file on its way to its object, hashing cannot decide, and
the answer is "unknown", never a guess.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jupyter_repro.capturing.sources.git.objects import digest_object, read_tree_of_commit
from jupyter_repro.safety.files import read_whole

MAX_ENTRIES = 2_000
"""Number of tracked files. Above it the answer is unknown: the probe has only milliseconds."""

MAX_PATH = 4_096
"""Bytes of a path. An index may write a long one as a few bytes more than the one before it, and
2,000 such paths were seen taking a gigabyte."""

MAX_FOLDERS = 100
"""Folders in a path."""

MAX_INDEX = 2_000_000
MAX_HASHED = 4_000_000

_LINK, _SUBMODULE, _FOLDER = 0o120000, 0o160000, 0o040000
_ASSUME_VALID, _EXTENDED, _SKIP_WORKTREE, _INTENT_TO_ADD = 0x8000, 0x4000, 0x4000, 0x2000


class UndecidableError(Exception):
    """The files cannot decide whether there are changes."""


class Entry(NamedTuple):
    """The entry of one tracked file in the index."""

    path: bytes
    mode: int
    digest: bytes
    size: int
    changed: int
    flags: int
    extended: int


def is_modified(
    root: Path, git_dir: Path, common_dir: Path, commit: str, *, modes: bool = True
) -> bool | None:
    """Return whether tracked files differ from the commit, or None if that cannot be decided.

    Parameters
    ----------
    root
        The work tree.
    git_dir, common_dir
        The repository of this work tree, and the part that all work trees share.
    commit
        The commit that is checked out.
    modes
        Whether a changed executable bit counts (``core.filemode``).

    Returns
    -------
    bool or None
        Untracked files do not count. Neither do changes of ``*.ipynb`` in the work tree, because
        the running notebook is saved with new outputs.
    """
    try:
        path = git_dir / "index"
        data = read_whole(path, MAX_INDEX)
        if data is None:
            return None
        entries, tree = parse_index(data, len(commit) // 2)
        doubtful = _find_doubtful(root, entries, path.stat().st_mtime_ns, modes=modes)
        if doubtful is None or _any_differs(doubtful, entries, git_dir):
            return True
        committed = read_tree_of_commit(common_dir, commit)
    except (UndecidableError, OSError, ValueError, IndexError, RecursionError, struct.error):
        return None
    return None if committed is None else (tree or _tree_of(entries)) != committed


def parse_index(data: bytes, digest_size: int = 20) -> tuple[list[Entry], bytes | None]:
    """Return the entries of an index, and the digest of the tree that was last written from it.

    Parameters
    ----------
    data
        The file: version 2, 3 or 4.
    digest_size
        20 for SHA-1, 32 for SHA-256.

    Raises
    ------
    UndecidableError
        If the file is not an index, is split or sparse, or has more than `MAX_ENTRIES` entries, or
        a path beyond `MAX_PATH` and `MAX_FOLDERS` or one that leads out of the work tree.
    ValueError, IndexError, struct.error
        If the file is damaged.
    """
    signature, version, count = struct.unpack_from(">4sII", data)
    if signature != b"DIRC" or version not in {2, 3, 4} or count > MAX_ENTRIES:
        raise UndecidableError
    fixed = struct.Struct(f">8xII8xI8xI{digest_size}sH")
    entries: list[Entry] = []
    position, path = 12, b""
    for _ in range(count):
        start = position
        seconds, fraction, mode, size, digest, flags = fixed.unpack_from(data, start)
        position += fixed.size
        extended = 0
        if flags & _EXTENDED:
            (extended,) = struct.unpack_from(">H", data, position)
            position += 2
        kept = b""
        if version == 4:
            dropped, position = _offset(data, position)
            kept = path[: len(path) - dropped]
        end = data.index(b"\0", position)
        path = kept + data[position:end]
        if len(path) > MAX_PATH or path.count(b"/") > MAX_FOLDERS or _leads_out(path):
            raise UndecidableError
        position = end + 1 if version == 4 else start + ((end - start + 8) & ~7)
        changed = seconds * 1_000_000_000 + fraction
        entries.append(Entry(path, mode, digest, size, changed, flags, extended))
    return entries, _cached_tree(data, position, digest_size)


def _leads_out(path: bytes) -> bool:
    """Return whether a path leads out of the work tree, or is none that git writes."""
    return not {b"", b".", b".."}.isdisjoint(path.split(b"/"))


def _offset(data: bytes, position: int) -> tuple[int, int]:
    """Return a number in git's offset encoding, and where it ends."""
    byte = data[position]
    value = byte & 127
    while byte & 128:
        position += 1
        byte = data[position]
        value = ((value + 1) << 7) + (byte & 127)
    return value, position + 1


def _cached_tree(data: bytes, position: int, digest_size: int) -> bytes | None:
    """Return the root of the cached tree, or None if entries were staged since then."""
    found = None
    while position + 8 <= len(data) - digest_size:
        name, size = struct.unpack_from(">4sI", data, position)
        position += 8
        if not name[:1].isupper():  # a reader that does not support this extension must stop
            raise UndecidableError
        if name == b"TREE":
            root, _, rest = data[position : position + size].partition(b"\n")
            if root.startswith(b"\0") and not root.startswith(b"\0-"):
                found = rest[:digest_size]
        position += size
    return found


class _Doubtful(NamedTuple):
    """A file whose size and time do not prove that it is unchanged since it was added."""

    path: Path
    entry: Entry
    size: int


def _find_doubtful(
    root: Path, entries: Sequence[Entry], index_time: int, *, modes: bool
) -> list[_Doubtful] | None:
    """Return the files that must be hashed, or None if one certainly differs."""
    base = os.fsencode(root) + b"/"
    doubtful = []
    for entry in entries:
        if (entry.flags >> 12) & 3 or entry.extended & _INTENT_TO_ADD:
            return None
        if not _counts(entry):
            continue
        path = base + entry.path
        try:
            found = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if _is_of_another_kind(entry.mode, found.st_mode, modes=modes):
            return None
        if not _is_as_added(entry, found, index_time):
            doubtful.append(_Doubtful(Path(os.fsdecode(path)), entry, found.st_size))
    return doubtful


def _counts(entry: Entry) -> bool:
    kind = stat.S_IFMT(entry.mode)
    if kind == _FOLDER:  # a sparse index
        raise UndecidableError
    return not (
        entry.flags & _ASSUME_VALID
        or entry.extended & _SKIP_WORKTREE
        or kind == _SUBMODULE
        or entry.path.endswith(b".ipynb")
    )


def _is_of_another_kind(added: int, found: int, *, modes: bool) -> bool:
    if os.name != "posix":
        if stat.S_IFMT(added) != stat.S_IFMT(found):  # on Windows, links are checked out as files
            raise UndecidableError
        return False
    if stat.S_IFMT(added) != stat.S_IFMT(found):
        return True
    return modes and stat.S_ISREG(found) and bool((added ^ found) & 0o100)


def _is_as_added(entry: Entry, found: os.stat_result, index_time: int) -> bool:
    """Return whether size and time prove that a file is unchanged since it was added."""
    changed = found.st_mtime_ns
    # Other tools write indexes without fractions of a second
    same = changed == entry.changed or (
        entry.changed % 1_000_000_000 == 0 and changed // 1_000_000_000 == entry.changed // 10**9
    )
    # A file that changed at the same time as the index may have changed again afterwards
    return same and changed < index_time and found.st_size & 0xFFFFFFFF == entry.size


def _any_differs(doubtful: Sequence[_Doubtful], entries: Sequence[Entry], git_dir: Path) -> bool:
    """Return whether the content of one of the files changed since it was added."""
    undecided = sum(one.size for one in doubtful) > MAX_HASHED
    for path, entry, size in doubtful:
        # git writes 0 if it cannot be sure of the time
        if entry.size not in {0, size & 0xFFFFFFFF}:
            return True
        if undecided:
            continue
        link = stat.S_IFMT(entry.mode) == _LINK
        content = os.fsencode(path.readlink()) if link else _content(path)
        if digest_object(b"blob", content, len(entry.digest)) == entry.digest:
            continue
        if b"\r\n" not in content and not _has_filters(entries, git_dir):
            return True
        undecided = True
    if undecided:
        raise UndecidableError
    return False


def _content(path: Path) -> bytes:
    content = read_whole(path, MAX_HASHED)
    if content is None:
        raise UndecidableError
    return content


def _has_filters(entries: Sequence[Entry], git_dir: Path) -> bool:
    """Return whether attributes may put a filter between the files and their objects."""
    return (
        any(entry.path.endswith(b".gitattributes") for entry in entries)
        or (git_dir / "info" / "attributes").exists()
    )


def _tree_of(
    entries: Sequence[Entry], start: int = 0, end: int | None = None, skip: int = 0
) -> bytes:
    """Return the digest of the tree that git would write from a part of the index.

    Parameters
    ----------
    start, end
        The entries that lie in the folder.
    skip
        Length of the folder's path. Shortened copies of the paths, a set for each level, were seen
        taking 400 MB.
    """
    end = len(entries) if end is None else end
    size = len(entries[0].digest) if entries else 20
    listing: list[bytes] = []
    position = start
    while position < end:
        entry = entries[position]
        slash = entry.path.find(b"/", skip)
        if slash < 0:
            listing.append(b"%o %b\0%b" % (entry.mode, entry.path[skip:], entry.digest))
            position += 1
            continue
        folder, first = entry.path[: slash + 1], position
        while position < end and entries[position].path.startswith(folder):
            position += 1
        digest = _tree_of(entries, first, position, slash + 1)
        listing.append(b"40000 %b\0%b" % (entry.path[skip:slash], digest))
    return digest_object(b"tree", b"".join(listing), size)
