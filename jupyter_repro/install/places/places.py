"""Addresses of channels and indexes: with credentials for requests, without them for display."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from jupyter_repro.safety.redact import redact_url
from jupyter_repro.safety.text import printable

Kind: TypeAlias = Literal["channel", "index"]

# No blank, quote, backslash, query or fragment; `@` and `:` belong to credentials and ports
_ADDRESS = re.compile(r"(?:https?://[A-Za-z0-9\[]|file:///)[A-Za-z0-9._~/:@%+=&,!*$()\[\]-]*")
_HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
_LABEL = re.compile(r"/label/[A-Za-z0-9_.-]+")
_PORTS = {"https": 443, "http": 80}


UNCONFIGURED = "conda's own default"
"""Origin of the channels if the user has configured none."""


@dataclass(frozen=True)
class Place:
    """A channel or a package index that may be asked.

    Parameters
    ----------
    kind
        ``channel`` (conda) or ``index`` (Python packages).
    address
        Normalised and without credentials: this form is shown, compared and remembered.
    origin
        Where the consent comes from: the name of a file of the user's configuration, or an option.
    request
        The address with the credentials of the user's own configuration. It is sent only to its own
        host, never shown and never stored.
    """

    kind: Kind
    address: str
    origin: str
    request: str = field(repr=False, compare=False)

    @property
    def scheme(self) -> str:
        """``https``, ``http`` or ``file``."""
        return self.address.partition("://")[0]

    @property
    def is_page(self) -> bool:
        """Whether it is one page with links to files (pip's ``--find-links``), not an index."""
        return self.address.endswith(".html")

    @property
    def is_chosen(self) -> bool:
        """Whether the user has named it, in a configuration or an option."""
        return self.origin != UNCONFIGURED

    @property
    def has_credentials(self) -> bool:
        """Whether the request contains more than may be shown."""
        return self.request != self.address

    def holds(self, address: str) -> bool:
        """Return whether an address is this place, or a label of this channel."""
        other = normal_address(address)
        if other == self.address:
            return True
        rest = (other or "").removeprefix(self.address)
        return self.kind == "channel" and rest != other and bool(_LABEL.fullmatch(rest))

    def has(self, url: str) -> bool:
        """Return whether a file is on this place's own host, with the same scheme."""
        return host_of(url) == host_of(self.address) and (
            self.scheme != "file" or url.startswith(f"{self.address}/")
        )

    def hide(self, text: str) -> str:
        """Return a text without this place's credentials."""
        return text.replace(self.request, self.address) if self.has_credentials else text


def make_place(kind: Kind, address: str, origin: str) -> Place | None:
    """Return the place at an address that a user wrote, or None if it is not an address."""
    request = address.strip().rstrip("/")
    shown = normal_address(request)
    if shown is None:
        return None
    if shown.startswith("file:"):
        return Place(kind, shown, origin, shown)
    has_credentials = redact_url(request).casefold() != request.casefold()
    return Place(kind, shown, origin, request if has_credentials else shown)


def normal_address(address: str) -> str | None:
    """Return an address normalised and without credentials, or None if it is not an address.

    Examples
    --------
    >>> normal_address("https://bob:sekret@Conda.Example.org:443/t/my-token/main/")
    'https://conda.example.org/main'
    """
    address = address.strip()
    if not _ADDRESS.fullmatch(address) or "/../" in f"{address}/" or "/./" in f"{address}/":
        return None
    if address.startswith("file:"):
        return address.rstrip("/")
    try:
        parts = urlsplit(redact_url(address))
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or not _HOST.fullmatch(host):
        return None
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS.get(parts.scheme):
        shown += f":{port}"
    return printable(f"{parts.scheme}://{shown}{parts.path.rstrip('/')}")


def host_of(address: str) -> tuple[str, str, int]:
    """Return scheme, host and port of an address; empty and 0 if there are none."""
    try:
        parts = urlsplit(address)
        port = parts.port if parts.port is not None else _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", "", 0
    return parts.scheme, (parts.hostname or "").lower(), port
