"""Derive seeds from one seed: equal at the same place in the run, unrelated at any other.

Derived seeds are keyed, not drawn. A seed depends on the master seed, the thread, a counter, and in
a forked child the number of the fork. The main thread's counter does not count what other threads
make: threads that start in the same order get the same seeds however they overlap. Tasks of a pool
with several threads do not, because any thread may take any task.

Each library gets a different seed: Python and NumPy seeded with the same long number would give the
same numbers.

In the scope of a cell, the seed and the cell's id give the starting state. Only an outermost cell
on the main thread has such a scope; cells inside cells, subshells and threads go on drawing in it.
Without an id, the source and a counter are used, because two equal cells must not draw the same
numbers.
"""

from __future__ import annotations

import re
import threading
from _thread import get_ident
from hashlib import blake2b

import msgspec

_MAX_DIGEST = 512
"""Bits of the longest digest of BLAKE2b."""

_NUMBERED = re.compile(r"(Thread|Dummy)-([0-9]+)")
_POOLED = re.compile(r"ThreadPoolExecutor-[0-9]+(?=_[0-9]+$)")


def derive(bits: int, *key: int | str) -> int:
    """Return an integer of at most `bits` bits that depends on every part of a key.

    It uses BLAKE2b, so that neighbouring seeds and counters give unrelated numbers.

    Examples
    --------
    >>> derive(64, 42, "cell", "a") == derive(64, 42, "cell", "a") != derive(64, 42, "cell", "b")
    True
    """
    text = repr(key).encode("utf-8", "surrogatepass")
    if bits <= _MAX_DIGEST:
        digest = blake2b(text, digest_size=(bits + 7) // 8).digest()
    else:
        blocks = range((bits + _MAX_DIGEST - 1) // _MAX_DIGEST)
        digest = b"".join(blake2b(text, salt=b"%d" % block).digest() for block in blocks)
    return int.from_bytes(digest, "little") & ((1 << bits) - 1)


class Streams:
    """Entropy for the generators of a process, one number after the other.

    The main thread has its own stream, so other threads do not change it in the meantime. The
    stream of any other thread depends on its name; in the names that Python gives (``Thread-7``)
    the number counts from the last `restart`, and pools count in the order of their first use. So
    threads that are started in the same order get the same streams, however they overlap. It is not
    fixed which task of a pool of several threads gets which number, since any thread may run it.
    """

    def __init__(self) -> None:
        self._path: tuple[int | str, ...] = ()
        self._counts: dict[str, int] = {}
        self._pools: dict[str, int] = {}
        self._first_thread = 0
        self._forks = 0
        self._aside: tuple[int | str, ...] | None = None
        self._aside_count = 0
        self._after_fork()

    def restart(self, *path: int | str) -> None:
        """Start again; each path gives different numbers."""
        self._path = path
        self._counts = {}
        self._pools = {}
        self._forks = 0
        self._first_thread = _number_of_next_thread()

    def next(self, bits: int) -> int:
        """Return the calling thread's next number."""
        thread = self._thread()
        if self._aside is not None and not thread:
            self._aside_count += 1
            return derive(bits, *self._aside, self._aside_count)
        with self._lock:
            count = self._counts.get(thread, 0)
            self._counts[thread] = count + 1
        return derive(bits, *self._path, thread, count)

    def give_back(self) -> None:
        """Make the calling thread's last number its next one again."""
        thread = self._thread()
        if self._aside is not None and not thread:
            self._aside_count -= 1
            return
        with self._lock:
            self._counts[thread] = max(0, self._counts.get(thread, 0) - 1)

    def enter_import(self, name: str) -> None:
        """Give the main thread the numbers of an import, which a second run does not draw."""
        self._aside = (*self._path[:1], "import", name)
        self._aside_count = 0

    def leave_import(self) -> None:
        """Go back to the stream that `enter_import` left."""
        self._aside = None

    def is_aside(self) -> bool:
        """Return whether the calling thread gets the numbers of an import."""
        return self._aside is not None and not self._thread()

    def before_fork(self) -> None:
        """Count a child that is about to be forked."""
        self._forks += 1

    def after_fork_in_child(self) -> None:
        """Switch to the child's own numbers."""
        self._after_fork()
        self.restart(*self._path, "fork", self._forks)

    def path(self) -> tuple[int | str, ...]:
        """Return the key from which the numbers are derived."""
        return self._path

    def position(self) -> bytes:
        """Return the position of the streams, for `move_to`."""
        with self._lock:
            return msgspec.json.encode((self._path, self._counts, self._forks))

    def move_to(self, position: bytes) -> None:
        """Go on from a `position`.

        Raises
        ------
        msgspec.DecodeError
            If it is not a position; then nothing has changed.
        """
        path, counts, forks = msgspec.json.decode(
            position, type=tuple[tuple[int | str, ...], dict[str, int], int]
        )
        self._path, self._counts, self._forks = path, counts, forks

    def _thread(self) -> str:
        """Return the name of the calling thread's stream; empty for the main thread."""
        if get_ident() == self._main:
            return ""
        name = threading.current_thread().name
        found = _POOLED.match(name)
        if found is not None:
            pool = self._pools.setdefault(found[0], len(self._pools))
            return f"pool {pool}{name[found.end() :]}"
        found = _NUMBERED.match(name)
        if found is None:
            return name
        return f"{found[1]}-{int(found[2]) - self._first_thread}{name[found.end() :]}"

    def _after_fork(self) -> None:
        self._main = threading.main_thread().ident
        self._lock = threading.Lock()


def _number_of_next_thread() -> int:
    # A thread that is never started: there is no public way to read the counter
    found = _NUMBERED.match(threading.Thread().name)
    return int(found[2]) + 1 if found else 0
