"""Conda's channels: their names and addresses, without credentials and personal folders.

rattler and pixi write credentials as clear text into their records, conda into its history.
"""

from __future__ import annotations

import re

from jupyter_repro.packages.platforms import is_subdir
from jupyter_repro.safety.package_grammar import keep_channel, keep_specification
from jupyter_repro.safety.redact import HIDDEN, hide_secrets, redact_url
from jupyter_repro.safety.text import printable

UNKNOWN = "unknown"
"""Stands for the channel folder of a record that has none."""

DEFAULTS = "https://repo.anaconda.com/pkgs/"
"""The channels for which ``defaults`` stands begin with it."""

_PUBLIC = "https://conda.anaconda.org/"
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"\]]+")
_TOKEN = re.compile(r"(?:^|(?<=[^/])/)t/[^/]+(?=/|$)")
_USER = re.compile(r"://[^/@\s]*@")
_PATH = re.compile(r"[/~.\\]|[A-Za-z]:[/\\]")


def channel_name(channel: str) -> str:
    """Return the name by which conda users know a channel, else its address."""
    return channel.removeprefix(_PUBLIC).strip("/")


def channel_address(channel: str) -> str:
    """Return the address of a channel's name; ``defaults`` stands for several, and is kept."""
    return channel if "://" in channel or channel == "defaults" else f"{_PUBLIC}{channel}"


def redact_folder(folder: str) -> str:
    """Return the folder that a package was taken from, ready to be stored.

    For a channel in a local folder only the platform is kept, for a package that was installed from
    a path nothing: such names are personal.
    """
    channel, _, subdir = folder.rpartition("/")
    if not folder or folder.startswith("<unknown>"):
        return UNKNOWN
    if not is_subdir(subdir):  # a package installed from a path or a bare address
        return f"file://{HIDDEN}" if folder.startswith("file:") else redact_channel(folder)
    if channel.startswith("file:"):
        return f"file://{HIDDEN}/{subdir}"
    return f"{redact_channel(channel)}/{subdir}"


def redact_spec(spec: str) -> str:
    """Return a match specification without the credentials of the addresses in it."""
    channel, colons, rest = spec.rpartition("::")
    if colons and "[" not in channel and _ADDRESS.fullmatch(channel):
        return f"{redact_channel(channel)}::{redact_spec(rest)}"
    if "://" in spec:
        spec = _ADDRESS.sub(lambda match: _redact_address(match.group()), spec)
    return keep_specification(printable(_without_token(spec)), hide_secrets)


def redact_channel(channel: str) -> str:
    """Return a channel's name or address without credentials and personal folders."""
    if "://" in channel:
        return _redact_address(channel)
    if _PATH.match(channel):
        return f"file://{HIDDEN}"
    if "@" in channel:
        return HIDDEN
    return keep_channel(printable(_without_token(channel.strip("/"))), hide_secrets)


def _without_token(text: str) -> str:
    """Return a text without the ``t/<token>/`` before the name of a channel."""
    is_there = "://" not in text and ("/t/" in text or text.startswith("t/"))
    return _TOKEN.sub("", text).removeprefix("/") if is_there else text


def _redact_address(address: str) -> str:
    # Masked addresses (https://host:37385********/x) do not parse: take out what can be seen first
    return redact_url(_TOKEN.sub("", _USER.sub("://", address)))
