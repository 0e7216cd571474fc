"""What a user can do wrong, as one clear sentence each."""

from __future__ import annotations


def clause(message: object) -> str:
    """Return what a library says of an error, for use before the full stop of a sentence.

    Examples
    --------
    >>> clause(ValueError("the state is too short."))
    'the state is too short'
    """
    return str(message).rstrip(". ")


class ReproError(Exception):
    """A mistake in use or in input: the message says what is wrong and what to do.

    In a notebook it is shown as one line without a traceback, but still as an error output, so
    that a headless run fails on it; on the command line it ends the process with status 2.
    """

    def _render_traceback_(self) -> list[str]:
        """Let IPython show the sentence alone.

        See https://ipython.readthedocs.io/en/stable/config/integrating.html#custom-exception-tracebacks
        """
        return [f"{type(self).__name__}: {self}"]


class UnreadableError(ReproError):
    """A file or a document cannot be read as what it should be."""


class UsageError(ReproError):
    """A command, a key or a value is not one of the known ones."""
