"""Why a file of a place was not read: absent, denied, refused and unknown are kept apart."""

from __future__ import annotations

from jupyter_repro.errors import ReproError


class FetchError(ReproError):
    """A file was not read, and it is not known whether it exists."""


class AbsentError(FetchError):
    """The server has no such file."""


class DeniedError(FetchError):
    """The server requires credentials, or different ones."""


class RefusedError(FetchError):
    """The server redirects to a place that is not allowed, or sends more than the limit."""


class ElsewhereError(RefusedError):
    """The server redirects to a host that is not allowed, by https."""


class HashError(ReproError):
    """A file is not the one that was recorded."""


def of_status(status: int, where: str) -> FetchError:
    """Return the error for the status of an answer, with the name of its server."""
    if status in {404, 410}:
        return AbsentError(f"{where} answers {status}: it has nothing there")
    if 300 <= status < 400:
        return RefusedError(f"{where} sends us to what is no web address, or round in circles")
    if status in {401, 403, 407}:
        return DeniedError(f"{where} answers {status}: it wants credentials")
    return FetchError(f"{where} answers {status}")
