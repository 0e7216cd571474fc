"""Run a program for an installation, and end it together with all its children.

Each program gets a separate session. Ctrl-C in a terminal reaches every process of a group, and
conda would begin to clean up while we do. This way only we receive it, and we end the program with
all its children before the folder is removed. No further signal interrupts that.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from jupyter_repro.errors import ReproError
from jupyter_repro.safety.text import printable

GRACE = 10
"""Seconds that a program has to end after it is asked to."""

_TAIL = 65_536
_LINES = 4


def run_program(
    argv: Sequence[str], environ: Mapping[str, str], *, seconds: float | None = None
) -> str:
    """Run a program in an empty folder and return what it printed.

    It runs in a separate session: Ctrl-C reaches this process alone, which then ends the program
    with all its children before anything is removed.

    Parameters
    ----------
    argv
        The program and its arguments, never run through a shell.
    environ
        All of its environment variables.
    seconds
        How long it may take; None is without limit, since downloads can be large.

    Raises
    ------
    ReproError
        If it cannot be started, takes too long or fails, with the last error that it printed.
    """
    shown = printable(Path(argv[0]).name)
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as said:
        try:
            child = subprocess.Popen(  # noqa: S603 - a program of the user's, checked arguments
                argv,
                cwd=empty,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if seconds else said,
                stderr=said,
                start_new_session=True,
            )
        except OSError as error:
            reason = f"{shown} cannot be started ({error.strerror or error})."
            raise ReproError(reason) from None
        try:
            output, _ = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            reason = f"{shown} did not answer within {seconds} s."
            raise ReproError(reason) from None
        finally:
            _end(child)
        if child.returncode == 0:
            return (output or b"").decode(errors="replace")
        said.seek(0, os.SEEK_END)
        said.seek(max(said.tell() - _TAIL, 0))
        lines = [line.strip() for line in said.read().decode(errors="replace").splitlines()]
        told = printable(_complaint([line for line in lines if line]), 800)
        reason = f"{shown} failed with status {child.returncode}: {told}"
        raise ReproError(reason)


def _complaint(lines: list[str]) -> str:
    """Return the most useful output: the last line marked as an error, and what follows it."""
    starts = ("error", "critical", "\N{MULTIPLICATION SIGN}")
    errors = [number for number, line in enumerate(lines) if line.lower().startswith(starts)]
    first = errors[-1] if errors else len(lines) - 1
    return "; ".join(lines[first : first + _LINES]) or "it said nothing"


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        _signal(child, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE)
    _signal(child, getattr(signal, "SIGKILL", signal.SIGTERM))
    child.wait()
    if child.stdout:
        child.stdout.close()


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the program and its children; if that is not possible, to it alone."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, number)
        elif child.poll() is None:
            child.terminate()
