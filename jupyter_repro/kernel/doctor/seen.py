"""What code does that a second run in the same process cannot show.

Both runs of an examination share the process, and nearly the time. Code that seeds from the clock's
seconds gives the same numbers twice, and so does code that leaves its work to processes that are
there already. So one of the further runs is watched by Python's profiler, which reports each call;
the first run, which is the user's, is left alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from jupyter_repro.seeding.frames import is_library

CLOCK = "reads the clock"
ENTROPY = "takes entropy from the system (os.urandom, secrets, uuid4 or SystemRandom)"
PROCESSES = "leaves work to different processes, which do not have the seed"
THREADS = "starts threads, whose order may vary"

_CLOCK = {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"}
_CLOCK |= {
    "process_time",
    "clock_gettime",
    "now",
    "utcnow",
    "today",
    "ctime",
    "localtime",
    "gmtime",
}
_ENTROPY = {"urandom", "getrandom"}
_CLOCK_OWNERS = ("time", "datetime")

# File of the standard library or of a package, and the functions in it
_CALLS = {
    "concurrent/futures/process.py": ({"submit"}, PROCESSES),
    "loky/process_executor.py": ({"submit"}, PROCESSES),
    "loky/reusable_executor.py": ({"submit"}, PROCESSES),
    "multiprocessing/pool.py": ({"_map_async", "apply_async", "imap", "imap_unordered"}, PROCESSES),
    "multiprocessing/process.py": ({"start"}, PROCESSES),
    "subprocess.py": ({"_execute_child"}, PROCESSES),
    "concurrent/futures/thread.py": ({"submit"}, THREADS),
    "threading.py": ({"start"}, THREADS),
}
# They start threads of their own for what they do
_NAMES = frozenset[str]().union(*(names for names, _ in _CALLS.values()))
_OWN_THREADS = ("concurrent/futures/", "multiprocessing/", "loky/", "joblib/", "subprocess.py")


@contextmanager
def watched() -> Iterator[set[str]]:
    """Watch the calling thread; the set holds what the code did, to follow "The code".

    Where a profiler or a coverage tool is at work, nothing is watched.
    """
    seen: set[str] = set()
    if sys.getprofile() is not None:
        yield seen
        return
    sys.setprofile(_observer(seen))
    try:
        yield seen
    finally:
        sys.setprofile(None)


def _observer(seen: set[str]) -> Callable[[FrameType, str, Any], None]:
    def observe(frame: FrameType, event: str, arg: Any) -> None:  # noqa: ANN401 - as documented
        if event == "c_call":
            name = arg.__name__
            if name in _ENTROPY and not _called_by(frame, "tempfile.py"):
                seen.add(ENTROPY)
            elif (
                name in _CLOCK
                and _owner_of(arg) in _CLOCK_OWNERS
                and not is_library(frame.f_code.co_filename)
            ):
                seen.add(CLOCK)
        elif event == "call" and frame.f_code.co_name in _NAMES:
            file = frame.f_code.co_filename.replace("\\", "/")
            for end, (names, what) in _CALLS.items():
                if not file.endswith(end) or frame.f_code.co_name not in names:
                    continue
                if what is not THREADS or not _called_by(frame.f_back, *_OWN_THREADS):
                    seen.add(what)

    return observe


def _owner_of(function: Any) -> object:  # noqa: ANN401 - a function or method written in C
    owner = getattr(function, "__self__", None)
    return getattr(function, "__module__", None) or getattr(owner, "__module__", None)


def _called_by(frame: FrameType | None, *parts: str) -> bool:
    """Return whether a file whose path has one of these parts is among the callers."""
    depth = 0
    while frame is not None and depth < 30:
        file = frame.f_code.co_filename.replace("\\", "/")
        if any(part in file for part in parts):
            return True
        frame, depth = frame.f_back, depth + 1
    return False
