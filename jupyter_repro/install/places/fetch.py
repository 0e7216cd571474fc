"""Read a file from a place that may be asked, and from nowhere else.

A redirection is followed to the same host or to the host of a different allowed place, never to a
different scheme. Credentials are sent only to the host that they belong to. A file whose hash is
known may also come from a different host by https, because channels keep their packages in stores:
the hash proves that it is the right file.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import http.client
import io
import queue
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, Literal, NamedTuple
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
from jupyter_repro.install.places.failures import (
    AbsentError,
    ElsewhereError,
    FetchError,
    HashError,
    RefusedError,
    of_status,
)
from jupyter_repro.install.places.places import Place, host_of
from jupyter_repro.safety.files import TooLargeError, load, open_stream
from jupyter_repro.safety.redact import redact_url
from jupyter_repro.safety.text import printable

SECONDS = 30
"""How long a server may be silent; an answer has to begin within twice that time."""

MAX_BYTES = 64 << 20
"""Maximum size of an answer, both as transferred and unpacked."""

_WHOLE = 2  # times `SECONDS`: until an answer begins, with all redirections
_REDIRECTIONS = 5
_BLOCK = 1 << 20
_SLOW = 1_000  # bytes per second at least, after the first minute of a file
_MINUTE = 60


class Digest(NamedTuple):
    """The hash of a file: ``sha256`` or ``md5``, and its digits."""

    algorithm: str
    digits: str


class Answer(NamedTuple):
    """What a server has sent; `url` is the address after redirections, without credentials."""

    body: bytes
    content_type: str
    url: str


def fetch(  # noqa: PLR0913 - one question
    place: Place,
    path: str,
    friends: Iterable[Place] = (),
    *,
    accept: str | None = None,
    method: Literal["GET", "HEAD"] = "HEAD",
    seconds: float = SECONDS,
) -> Answer:
    """Return a file below a place.

    Parameters
    ----------
    path
        Below the address of the place, made of checked parts; empty for the place itself.
    friends
        Other places whose hosts may be redirected to.
    accept
        Media types, as HTTP writes them; None only asks whether the file exists, and reads nothing.
    method
        How that is asked: a server may answer one method differently from the other one.

    Raises
    ------
    FetchError
        In every case with a sentence that may be shown.
    """
    if place.scheme == "file":
        return _read_file(place, path)
    opener = _opener([place, *friends])
    url = f"{place.request}/{path}" if path else place.request
    with _answering(opener, url, "GET" if accept else method, accept or "*/*", seconds) as answer:
        body = _body(answer, _WHOLE * seconds) if accept else b""
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(body, kind, redact_url(answer.url))


def is_there(
    place: Place, path: str, friends: Iterable[Place] = (), *, seconds: float = SECONDS
) -> bool:
    """Return whether a place has a file, without reading it.

    A redirection to a store of files on a different host, which is not asked, means that it has.

    Raises
    ------
    FetchError
        If that is not known.
    """
    if place.scheme == "file":
        return Path(url2pathname(urlsplit(place.address).path), path).is_file()
    try:
        fetch(place, path, friends, seconds=seconds)
    except AbsentError:
        return False
    except ElsewhereError:
        return True
    return True


def download(
    url: str,
    target: Path,
    digest: Digest,
    places: Iterable[Place],
    *,
    is_wanted: Callable[[], bool] = lambda: True,
) -> None:
    """Write a file whose hash is known; `target` exists only once the hash is right.

    Parameters
    ----------
    url
        With the credentials of its own place; hosts other than those of `places` only by https.
    target
        In a folder for this call alone; the part fetched so far lies beside it.
    is_wanted
        Called between blocks; once it returns False, the rest is not read.

    Raises
    ------
    HashError
        If the file is a different one.
    FetchError
        If it cannot be fetched.
    """
    known = [*places]
    scheme = urlsplit(url).scheme
    if scheme != "https" and (scheme != "http" or not any(one.has(url) for one in known)):
        reason = f"{printable(redact_url(url), 200)} is not one of your channels and indexes"
        raise RefusedError(reason)
    opener = _opener(known, is_known=True)
    found = hashlib.new(digest.algorithm, usedforsecurity=False)
    part = target.with_name(f"{target.name}.part")
    begun, size = time.monotonic(), 0
    with (
        _answering(opener, url, "GET", "*/*", SECONDS, "identity") as answer,
        part.open("wb") as file,
    ):
        while block := answer.read1(_BLOCK):
            found.update(block)
            _write(file, block, target)
            size += len(block)
            _require_speed(size, time.monotonic() - begun, _MINUTE)
            if not is_wanted():
                reason = "it is not wanted any more"
                raise FetchError(reason)
        declared = answer.headers.get("Content-Length", "")
    if declared.isdecimal() and size != int(declared):
        reason = f"it broke off after {size} of {declared} bytes"
        raise FetchError(reason)
    require_digest(target.name, digest, found.hexdigest())
    part.replace(target)


def _require_speed(size: int, passed: float, patience: float) -> None:
    """Refuse an answer that comes in drops: each of them ends the silence of its server."""
    if passed > patience and size < passed * _SLOW:
        reason = f"less than {_SLOW} bytes come in a second"
        raise FetchError(reason)


def _write(file: IO[bytes], block: bytes, target: Path) -> None:
    try:
        file.write(block)
    except OSError as error:
        reason = f"{target.parent} cannot be written ({error.strerror})."
        raise ReproError(reason) from None


def digest_of(path: Path, algorithm: str) -> str:
    """Return the digits of a file's hash."""
    digest = hashlib.new(algorithm, usedforsecurity=False)
    with open_stream(path) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def require_digest(name: str, expected: Digest, found: str) -> None:
    """Raise a `HashError` unless a file is the one that was recorded."""
    if found != expected.digits:
        reason = (
            f"{name} is not the file that was recorded (hash mismatch): its {expected.algorithm} "
            f"is {found[:12]}…, not {expected.digits[:12]}…; nothing was installed."
        )
        raise HashError(reason)


@contextmanager
def _answering(  # noqa: PLR0913, PLR0917 - one request
    opener: OpenerDirector,
    url: str,
    method: str,
    accept: str,
    seconds: float,
    encoding: str = "gzip",
) -> Iterator[http.client.HTTPResponse]:
    """Yield the answer to a request; every failure is a `FetchError`."""
    url, headers = _split_credentials(url)
    headers |= {
        "Accept": accept,
        "Accept-Encoding": encoding,
        "User-Agent": f"jupyter_repro/{__version__}",
    }
    request = Request(url, headers=headers, method=method)  # noqa: S310 - checked
    where = printable(urlsplit(url).netloc)
    try:
        with _open(opener, request, seconds) as answer:
            yield answer
    except HTTPError as error:
        with error:
            raise of_status(error.code, where) from None
    except TimeoutError:
        reason = f"{where} said nothing for {seconds:g} s"
        raise FetchError(reason) from None
    except URLError as error:
        reason = f"{where} cannot be reached ({_cause(error.reason)})"
        raise FetchError(reason) from None
    except (http.client.HTTPException, OSError, EOFError, ValueError) as error:
        reason = f"{where} broke off ({type(error).__name__})"
        raise FetchError(reason) from None


def _open(opener: OpenerDirector, request: Request, seconds: float) -> http.client.HTTPResponse:
    """Return an answer that has begun within a limit.

    The limit of a socket starts again with each line, so a server could send headers for hours.
    The thread of a request that is given up ends with its server, or with this process.
    """
    done: queue.SimpleQueue[http.client.HTTPResponse | BaseException] = queue.SimpleQueue()
    given_up = threading.Event()

    def work() -> None:
        try:
            answer = opener.open(request, timeout=seconds)
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            done.put(error)
            return
        if given_up.is_set():
            answer.close()
        done.put(answer)

    threading.Thread(target=work, daemon=True).start()
    try:
        found = done.get(timeout=_WHOLE * seconds)
    except queue.Empty:
        given_up.set()
        where = printable(urlsplit(request.full_url).netloc)
        reason = f"{where} has not answered within {_WHOLE * seconds:g} s"
        raise FetchError(reason) from None
    if isinstance(found, BaseException):
        raise found
    return found


def _read_file(place: Place, path: str) -> Answer:
    file = Path(url2pathname(urlsplit(place.address).path)) / path
    try:
        body = load(file / "index.html" if file.is_dir() else file, MAX_BYTES)
    except FileNotFoundError:
        reason = f"there is no {path} in {place.address}"
        raise AbsentError(reason) from None
    except TooLargeError as error:
        reason = f"{path} in {place.address} cannot be read ({error.strerror})"
        raise RefusedError(reason) from None
    except OSError as error:
        reason = f"{path} in {place.address} cannot be read ({error.strerror})"
        raise FetchError(reason) from None
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
    """Follow a redirection only to allowed hosts, or by https if the hash is known."""

    max_redirections = _REDIRECTIONS

    def __init__(self, places: list[Place], *, is_known: bool) -> None:
        self._hosts = [host_of(place.request) for place in places]
        self._is_known = is_known

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
        is_there = after in self._hosts or (self._is_known and after[0] == "https")
        if not is_there or (after[0] != before[0] and after[0] != "https"):
            fp.close()
            kind = ElsewhereError if after[0] == "https" else RefusedError
            reason = (
                f"{before[1]} sends us to {printable(redact_url(newurl), 200)}, "
                "which is not one of your channels and indexes"
            )
            raise kind(reason)
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and after != before:
            request.remove_header("Authorization")
        return request


def _opener(places: list[Place], *, is_known: bool = False) -> OpenerDirector:
    """Return an opener; `is_known` if the hash of the answer is known."""
    redirections = _Redirections(places, is_known=is_known)
    return build_opener(redirections, HTTPSHandler(context=_context()))


@cache
def _context() -> ssl.SSLContext:
    """Return one context for all: loading the certificates takes longer than most answers."""
    return ssl.create_default_context()


def _body(answer: http.client.HTTPResponse, patience: float) -> bytes:
    begun, blocks, size = time.monotonic(), [], 0
    while size <= MAX_BYTES and (block := answer.read1(_BLOCK)):
        blocks.append(block)
        size += len(block)
        _require_speed(size, time.monotonic() - begun, patience)
    body = b"".join(blocks)
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


def _cause(reason: object) -> str:
    if isinstance(reason, ssl.SSLError):
        return "its certificate or its encryption is not accepted"
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return printable(reason.strerror, 100)
    return type(reason).__name__
