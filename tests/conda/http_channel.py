"""Serve a channel, or a package index, over real HTTP on the loopback interface.

It can want a token or a password, send elsewhere, miss files, be slow and break off. What is slow
waits until the server is closed: no test has to sleep.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote


@dataclass
class Site:
    """What a server does. A path is what follows the address, without a slash before it.

    Parameters
    ----------
    folder
        Whose files are served.
    token
        Has to stand before each path: ``/t/TOKEN/``.
    password
        ``user:password`` that each request has to bring.
    pages
        Path → content type and body, before the folder is looked into.
    redirects, get_redirects
        Path → address; of the second for GET alone.
    encodings
        Path → how its page is packed.
    slow, cut
        Beginnings of paths that are never answered, and that break off in the middle.
    drip
        Beginnings of paths to which a line comes again and again, without an end: of headers, or of
        the body for those in `pages`.
    """

    folder: Path | None = None
    token: str | None = None
    password: str | None = None
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    get_redirects: dict[str, str] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)
    slow: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    drip: tuple[str, ...] = ()
    address: str = ""
    requests: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def with_token(self) -> str:
        """The address with its token."""
        return f"{self.address}/t/{self.token}"

    @property
    def with_password(self) -> str:
        """The address with user and password."""
        return self.address.replace("://", f"://{self.password}@")


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """Serve a site until the block ends."""

    class Handler(_Handler):
        served = site

    server = _Server(("127.0.0.1", 0), Handler)
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def index_page(
    name: str, files: Mapping[str, Mapping[str, Any]], *, html: bool = False
) -> dict[str, tuple[str, bytes]]:
    """Return the page of a project in an index, as JSON (PEP 691) or HTML (PEP 503).

    Parameters
    ----------
    files
        File name → further fields of PEP 691.
    """
    if html:
        lines = [
            f'<a href="../files/{file}#sha256={told.get("hashes", {}).get("sha256", "")}"'
            + (f' data-yanked="{told["yanked"]}"' if told.get("yanked") else "")
            + f' data-requires-python="{told.get("requires-python", "")}">{file}</a>'
            for file, told in files.items()
        ]
        return {f"{name}/": ("text/html", "\n".join(lines).encode())}
    plain = {
        "meta": {"api-version": "1.1"},
        "name": name,
        "files": [
            {"filename": file, "url": f"../../files/{file}", "hashes": {}, **told}
            for file, told in files.items()
        ],
    }
    return {f"{name}/": ("application/vnd.pypi.simple.v1+json", json.dumps(plain).encode())}


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # closing it waits for what it still answers


class _Handler(BaseHTTPRequestHandler):
    served: Site
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        site = self.served
        path = unquote(self.path.partition("?")[0]).removeprefix("/")
        site.requests.append(path)
        if self.command == "GET":
            site.fetched.append(path)
        if authorization := self.headers.get("Authorization"):
            site.authorizations.append(authorization)
        if site.password and authorization != _basic(site.password):
            self._answer(401, b"")
            return
        if site.token:
            if not path.startswith(f"t/{site.token}/"):
                self._answer(403, b"")
                return
            path = path.removeprefix(f"t/{site.token}/")
        if path.startswith(site.slow) and site.slow:
            site.closing.wait()
            self.close_connection = True
        elif path.startswith(site.drip) and site.drip:
            self._drip(path)
        elif path in site.redirects or (self.command == "GET" and path in site.get_redirects):
            self.send_response(302)
            self.send_header("Location", site.redirects.get(path) or site.get_redirects[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(path)

    def _drip(self, path: str) -> None:
        self.close_connection = True
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if path in self.served.pages:
            self.wfile.write(b"\r\n")
        with suppress(OSError):
            while not self.served.closing.wait(0.05):
                self.wfile.write(b"X-Line: 1\r\n")

    def _send(self, path: str) -> None:
        site = self.served
        kind, body = site.pages.get(path, ("application/octet-stream", None))
        if body is None and site.folder is not None:
            file = (site.folder / path).resolve()
            if file.is_file() and site.folder.resolve() in file.parents:
                body = file.read_bytes()
        if body is None:
            self._answer(404, b"")
        elif path.startswith(site.cut) and site.cut:
            self._answer(200, body[: len(body) // 2], kind, length=len(body))
            self.close_connection = True
        else:
            self._answer(200, body, kind)

    def _answer(
        self, status: int, body: bytes, kind: str = "text/plain", length: int | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if encoding := self.served.encodings.get(unquote(self.path).removeprefix("/")):
            self.send_header("Content-Encoding", encoding)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the base
        """Keep quiet."""


def _basic(password: str) -> str:
    return f"Basic {base64.b64encode(password.encode()).decode()}"
