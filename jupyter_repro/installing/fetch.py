"""Read a small file from a place that may be asked, and from nowhere else.

A redirection is followed to the same host, or to that of another allowed place, never to another
scheme. Credentials go to the host that they belong to.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import io
import ssl
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    build_opener,
    url2pathname,
)

from jupyter_repro._version import __version__
from jupyter_repro.errors import ReproError
from jupyter_repro.installing.places import Place, host_of
from jupyter_repro.redact import printable, redact_url

SECONDS = 30
"""How long a server may say nothing."""

MAX_BYTES = 64 << 20
"""Of an answer, as it comes and as it is unpacked."""

_REDIRECTIONS = 5


class FetchError(ReproError):
    """A file was not read, and nobody knows whether it is there."""


class AbsentError(FetchError):
    """The server has no such file."""


class DeniedError(FetchError):
    """The server wants credentials, or others."""


class RefusedError(FetchError):
    """The server sends us to where we do not go, or sends more than we take."""


class Answer(NamedTuple):
    """What a server has sent; `url` is where it came from in the end, without credentials."""

    body: bytes
    content_type: str
    url: str


def fetch(
    place: Place,
    path: str,
    friends: Iterable[Place] = (),
    *,
    accept: str | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """Return a file below a place.

    Parameters
    ----------
    path
        Below the address of the place, of checked parts; empty for the place itself.
    friends
        Other places whose hosts may be redirected to.
    accept
        Media types, as HTTP writes them; None to ask only whether it is there, and read nothing.

    Raises
    ------
    FetchError
        In each case with a sentence that may be shown.
    """
    if place.scheme == "file":
        return _read_file(place, path)
    url, headers = _split_credentials(f"{place.request}/{path}" if path else place.request)
    headers |= {
        "Accept": accept or "*/*",
        "Accept-Encoding": "gzip",
        "User-Agent": f"jupyter_repro/{__version__}",
    }
    request = Request(url, headers=headers, method="GET" if accept else "HEAD")  # noqa: S310 - checked
    where = printable(urlsplit(place.address).netloc)
    try:
        with _opener([place, *friends]).open(request, timeout=seconds) as answer:
            body = _body(answer) if accept else b""
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            return Answer(body, kind, redact_url(answer.url))
    except HTTPError as error:
        with error:
            raise _of_status(error.code, where) from None
    except TimeoutError:
        reason = f"{where} said nothing for {seconds:g} s"
    except URLError as error:
        reason = f"{where} cannot be reached ({_cause(error.reason)})"
    except (http.client.HTTPException, OSError, EOFError, ValueError) as error:
        reason = f"{where} broke off ({type(error).__name__})"
    raise FetchError(reason)


def _read_file(place: Place, path: str) -> Answer:
    file = Path(url2pathname(urlsplit(place.address).path)) / path
    try:
        with (file / "index.html" if file.is_dir() else file).open("rb") as stream:
            body = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        reason = f"there is no {path} in {place.address}"
        raise AbsentError(reason) from None
    except OSError as error:
        reason = f"{path} in {place.address} cannot be read ({error.strerror})"
        raise FetchError(reason) from None
    _require_small(body)
    return Answer(body, "text/html", f"{place.address}/{path}")


def _split_credentials(url: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, {}
    user, _, host = parts.netloc.rpartition("@")
    token = base64.b64encode(unquote(user).encode()).decode()
    bare = urlunsplit((parts.scheme, host, parts.path, "", ""))
    return bare, {"Authorization": f"Basic {token}"}


class _Redirections(HTTPRedirectHandler):
    """Follow a redirection only to where the user has been before."""

    max_redirections = _REDIRECTIONS

    def __init__(self, places: list[Place]) -> None:
        self._hosts = [host_of(place.request) for place in places]

    def redirect_request(  # noqa: PLR0913, PLR0917 - the library's form
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> Request | None:
        before, after = host_of(req.full_url), host_of(newurl)
        if after not in self._hosts or (after[0] != before[0] and after[0] != "https"):
            fp.close()
            reason = (
                f"{before[1]} sends us to {printable(redact_url(newurl), 200)}, "
                "which is not one of your channels and indexes"
            )
            raise RefusedError(reason)
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and after != before:
            request.remove_header("Authorization")
        return request


def _opener(places: list[Place]) -> OpenerDirector:
    return build_opener(_Redirections(places), HTTPSHandler(context=_context()))


@cache
def _context() -> ssl.SSLContext:
    """Return one for all: loading the certificates takes longer than most answers."""
    return ssl.create_default_context()


def _body(answer: http.client.HTTPResponse) -> bytes:
    body = answer.read(MAX_BYTES + 1)
    _require_small(body)
    declared = answer.headers.get("Content-Length", "")
    if declared.isdecimal() and len(body) < int(declared):
        raise http.client.IncompleteRead(body)
    if answer.headers.get("Content-Encoding", "").lower() == "gzip":
        body = gzip.GzipFile(fileobj=io.BytesIO(body)).read(MAX_BYTES + 1)
        _require_small(body)
    return body


def _require_small(body: bytes) -> None:
    if len(body) > MAX_BYTES:
        reason = f"an answer is larger than {MAX_BYTES >> 20} MiB"
        raise RefusedError(reason)


def _of_status(status: int, where: str) -> FetchError:
    if status in {404, 410}:
        return AbsentError(f"{where} answers {status}: it has nothing there")
    if 300 <= status < 400:
        return RefusedError(f"{where} sends us to what is no web address, or round in circles")
    if status in {401, 403, 407}:
        return DeniedError(f"{where} answers {status}: it wants credentials")
    return FetchError(f"{where} answers {status}")


def _cause(reason: object) -> str:
    if isinstance(reason, ssl.SSLError):
        return "its certificate or its encryption is not accepted"
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return printable(reason.strerror, 100)
    return type(reason).__name__
