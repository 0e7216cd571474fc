"""Run a program for an installation, and end it together with all its children.

Each program gets a separate session. Ctrl-C in a terminal reaches every process of a group, and
conda would begin to clean up while we do. This way only we receive it, and we end the program with
all its children before the folder is removed. No further signal interrupts that.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from jupyter_repro.errors import ReproError
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import current_world

GRACE = 10
"""Seconds that a program has to end after it is asked to."""

_TAIL = 65_536
_LINES = 8  # of the errors, and without any, of the end
_AFTER = 3  # lines after each error
_TOLD = 1_200  # characters
# micromamba and pip mark errors by a word, uv by a sign, conda and Python by the name of a class
_ERROR = re.compile(
    r"(?:error|critical|fatal|\N{MULTIPLICATION SIGN})(?![\w-])"
    r"|[A-Za-z_][\w.]*(?:Error|Exception)\b",
    re.ASCII | re.IGNORECASE,
)
# mamba's last word, whatever happened
_EMPTY = re.compile(r"(?:error|critical)\s+libmamba\s+Aborting\.?", re.ASCII)


class ProgramError(ReproError):
    """A program has failed.

    Parameters
    ----------
    message
        The errors that it has printed.
    output
        The end of everything that it has printed, redacted.
    """

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


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
    ProgramError
        If it fails, with the errors that it has printed.
    ReproError
        If it cannot be started or takes too long.
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
        raise _failure(shown, child.returncode, said.read().decode(errors="replace"))


def _failure(program: str, status: int, output: str) -> ProgramError:
    world = current_world()
    lines = [redact_text(line, world, _TOLD) for line in output.splitlines() if line.strip()]
    told = printable("; ".join(complaint(lines)) or "it said nothing", _TOLD)
    return ProgramError(f"{program} failed with status {status}: {told}", "\n".join(lines))


def complaint(lines: Sequence[str]) -> list[str]:
    """Return the most useful part of an output: the errors, and what follows each of them.

    A program may print an error twice, and end with a sentence that fits any error.
    """
    lines = [line for line in lines if not _EMPTY.fullmatch(line)]
    errors = [number for number, line in enumerate(lines) if _ERROR.match(line)]
    if not errors:
        return [*lines[-_LINES:]]
    near = {number + after for number in errors for after in range(_AFTER + 1)}
    kept = [line for number, line in enumerate(lines) if number in near]
    return [*dict.fromkeys(kept)][:_LINES]


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
