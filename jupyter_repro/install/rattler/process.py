"""Start the child process of py-rattler, send it one task, and read its lines as they come.

The child runs in the given folder, not beside the notebook. We end it after too long a silence, and
in any case before we return.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

# The notebook's folder is not on the child's path: the child runs in its cache folder, and that
# folder is not on the path either (-P does the same, from Python 3.11 on)
_CODE = (
    "import sys; sys.path[:] = [one for one in sys.path if one] + sys.argv[1:]; "
    "from jupyter_repro.install.rattler.child import main; main()"
)
_ROOT = Path(__file__).resolve().parents[3]


class Progress(msgspec.Struct, frozen=True):
    """How far an installation is.

    Parameters
    ----------
    package
        The package of the latest step.
    fetched, linked, total
        Numbers of packages.
    bytes
        Downloaded so far.
    """

    package: str
    fetched: int
    linked: int
    total: int
    bytes: int


class ChildError(msgspec.Struct):
    """Why the child failed: the type of the exception, its first line, its cause."""

    type: str
    message: str
    cause: str = ""


class ChildLine(msgspec.Struct):
    """One line of the child: progress, or as the last line a result or an error."""

    result: msgspec.Raw = msgspec.Raw()
    error: ChildError | None = None
    progress: Progress | None = None


def run_child(
    task: Mapping[str, Any],
    folder: Path,
    seconds: int,
    on_progress: Callable[[Progress], None],
) -> ChildLine | None:
    """Return the last line of the child, or None if there is none."""
    child = subprocess.Popen(  # noqa: S603 - this interpreter, and a constant
        [sys.executable, "-c", _CODE, str(_ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # may hold paths and variables: never read
        cwd=folder,
        env=_environment(),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    watch = _Watch(seconds, child.kill)
    last = None
    try:
        with suppress(BrokenPipeError):  # the child ended before it read
            child.stdin.write(msgspec.json.encode(task))
            child.stdin.close()
        for text in child.stdout:
            watch.restart()
            try:
                line = msgspec.json.decode(text, type=ChildLine)
            except msgspec.DecodeError:  # a library printed it
                continue
            if line.progress is None:
                last = line
            else:
                on_progress(line.progress)
    finally:
        watch.stop()
        child.kill()
        child.wait()
        child.stdout.close()
    return last


class _Watch:
    """Calls a function once nothing has happened for some seconds."""

    def __init__(self, seconds: int, late: Callable[[], object]) -> None:
        self._seconds, self._late = seconds, late
        self._timer = self._start()

    def restart(self) -> None:
        self._timer.cancel()
        self._timer = self._start()

    def stop(self) -> None:
        self._timer.cancel()

    def _start(self) -> threading.Timer:
        timer = threading.Timer(self._seconds, self._late)
        timer.daemon = True
        timer.start()
        return timer


def _environment() -> dict[str, str]:
    """Return the variables of the child: it finds the same modules, though it runs elsewhere."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    absolute = [str(Path(path).absolute()) for path in paths if path]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(absolute)}
