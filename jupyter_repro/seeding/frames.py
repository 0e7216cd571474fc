"""Whose code makes a call: frames of the stack, and whether a code file is the user's."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import FrameType

_STDLIB = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib")})
_INSTALLED = tuple(f"{os.sep}{name}{os.sep}" for name in ("site-packages", "dist-packages"))
# They run the code that they are given, so a generator made there is still the user's
_RUNNERS = ("threading", "functools", "contextlib", "dataclasses", "timeit", "runpy", "bdb")
_RUNNER_PACKAGES = ("concurrent", "asyncio", "multiprocessing")
_NUMPY_PICKLE = os.path.join("numpy", "random", "_pickle.py")  # noqa: PTH118 - an end, no path

OURS = os.path.dirname(os.path.dirname(__file__)) + os.sep  # noqa: PTH120 - compared as text
"""Where this package lies: its functions stand between `random.seed` and the code that calls it."""


def is_exempt(file: str) -> bool:
    """Return whether the generators that a code file makes keep their own entropy.

    Those are the standard library's (`tempfile` names must not be predictable, `copy` and `pickle`
    set the state directly afterwards) and those that NumPy makes to unpickle one.

    Examples
    --------
    >>> import tempfile, threading
    >>> is_exempt(tempfile.__file__), is_exempt(threading.__file__), is_exempt("mine.py")
    (True, False, False)
    """
    if file.endswith(_NUMPY_PICKLE):
        return True
    if file.startswith("<frozen "):
        return True
    if not file.startswith(_STDLIB) or any(part in file for part in _INSTALLED):
        return False
    inside = next(file[len(folder) :] for folder in _STDLIB if file.startswith(folder))
    package, _, rest = inside.partition(os.sep)
    return package not in _RUNNER_PACKAGES if rest else package[:-3] not in _RUNNERS


def is_library(file: str) -> bool:
    """Return whether a code file is not the user's, but the standard library's or installed."""
    return file.startswith((*_STDLIB, "<frozen ")) or any(part in file for part in _INSTALLED)


def calling_frame(depth: int) -> FrameType | None:
    """Return the frame `depth` above the caller's, or None if there is none."""
    try:
        return sys._getframe(depth + 1)  # noqa: SLF001 - documented, and inspect's is slow
    except ValueError:
        return None


def first_foreign(frame: FrameType | None) -> FrameType | None:
    """Return the first frame from there outwards that is not from this package."""
    while frame is not None and frame.f_code.co_filename.startswith(OURS):
        frame = frame.f_back
    return frame


def first_outside(frame: FrameType | None, file: str) -> FrameType | None:
    """Return the first frame from there outwards that is not from a code file."""
    while frame is not None and frame.f_code.co_filename == file:
        frame = frame.f_back
    return frame
