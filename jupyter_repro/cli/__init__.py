"""``jupyter repro``: run a command, and what an exit code means.

Nothing but argparse is imported here; a command is imported when it is called.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TextIO, cast

from jupyter_repro.cli.parser import make_parser
from jupyter_repro.errors import ReproError
from jupyter_repro.safety.runner_commands import GuardedStream
from jupyter_repro.safety.text import printable

HOLDS, DOES_NOT_HOLD, NOT_CHECKED = 0, 1, 2
"""Exit codes. Of several notebooks the worst counts: 2, then 1, then 0."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    A mistake of the user is one sentence on standard error; any other exception is raised.

    Raises
    ------
    SystemExit
        For ``--help``, ``--version``, and arguments that are not valid (status 2).
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal without Unicode
    words = sys.argv[1:] if arguments is None else arguments
    with _guarded():
        return _run(words)


@contextmanager
def _guarded() -> Iterator[None]:
    """Let nothing that a command prints be a command to the runner of a CI server."""
    streams = sys.stdout, sys.stderr
    guards = [GuardedStream(stream) for stream in streams]
    sys.stdout, sys.stderr = (cast("TextIO", guard) for guard in guards)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        for guard in guards:
            with suppress(OSError, ValueError):  # the reader has gone; the stream is closed
                guard.flush()


def _run(words: Sequence[str]) -> int:
    try:
        parser = make_parser(words)
        args = parser.parse_args(words)
        if args.run is None:
            parser.print_help(sys.stderr)
            return NOT_CHECKED
        code: int = args.run(args)
        sys.stdout.flush()
    except ReproError as error:
        complain(str(error))
        return NOT_CHECKED
    except KeyboardInterrupt:
        complain("interrupted; no file was changed.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of the pipe has gone. Without this Python would complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOT_CHECKED
    return code


def complain(sentence: str) -> None:
    """Print a sentence to standard error, without what could steer a terminal."""
    print(f"jupyter repro: {printable(sentence, 2_000)}", file=sys.stderr)  # noqa: T201
