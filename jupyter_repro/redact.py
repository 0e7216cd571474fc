"""Take secrets, personal paths and control characters out of a text before it is stored.

Every probe passes the free text that it read through one of these; `capture` runs `find_secrets`
over the whole snapshot as a second net.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from jupyter_repro.world import World

HIDDEN = "***"

_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+",
)
# anaconda.org and mirrors put a token into the path: /t/<token>/channel
_TOKEN_IN_PATH = re.compile(r"/t/[^/]+")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")
# Shapes of well-known credentials: GitHub, GitLab, PyPI, Hugging Face, AWS, OpenAI, Slack, W&B
_SECRET = re.compile(
    r"(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|pypi-[A-Za-z0-9_-]{16,}|hf_[A-Za-z0-9]{20,}|AKIA[0-9A-Z]{16}|sk-[A-Za-z0-9_-]{20,}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,})"
)
_SECRET_NAME = re.compile(r"key|token|secret|passw|credential|auth", re.IGNORECASE)
# Shorter values, or plain words, are no secrets but names that may stand anywhere
_SECRET_VALUE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])\S{12,}")


def printable(text: str, limit: int = 500) -> str:
    """Return `text` on one line, without control characters, cut to `limit` characters."""
    clean = _CONTROL.sub(" ", text).strip()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def redact_url(url: str) -> str:
    """Return the address without user, password, ``/t/<token>/``, query and fragment.

    Addresses of files keep the file name alone: the folders are personal.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # a masked or broken address, such as https://host:37385********/x
        scheme, _, rest = url.partition("://")
        return printable(f"{scheme}://{HIDDEN}/{rest.rpartition('/')[2]}".partition("?")[0])
    if parts.scheme == "file":
        return f"file://{HIDDEN}/{printable(parts.path.rstrip('/').rpartition('/')[2])}"
    netloc = f"{host}:{port}" if port else host
    path = _TOKEN_IN_PATH.sub("", parts.path)
    return hide_secrets(printable(urlunsplit((parts.scheme, netloc, path, "", ""))))


def hide_secrets(text: str) -> str:
    """Return `text` with everything that looks like a credential replaced by ``***``."""
    return _SECRET.sub(HIDDEN, text)


def redact_text(text: str, world: World, limit: int = 500) -> str:
    """Return a free text without credentials, addresses' secrets and personal folders."""
    text = _URL.sub(lambda match: redact_url(match.group()), text)
    for folder, name in (
        (world.prefix, "<prefix>"),
        (world.base_prefix, "<base prefix>"),
        (world.cwd, "<folder>"),
        (world.home, "~"),
    ):
        if folder != Path(folder.anchor):
            text = text.replace(str(folder), name)
    text = re.sub(r"(/home|/Users|[A-Za-z]:\\Users)([/\\])[^/\\\s:]+", r"\1\2" + HIDDEN, text)
    return hide_secrets(printable(text, limit))


def find_secrets(text: str, environ: Mapping[str, str]) -> list[str]:
    """Return the credentials that `text` holds: known shapes, and values of secret variables.

    Parameters
    ----------
    text
        What is about to be stored.
    environ
        Variables whose names sound secret are looked for by their values.
    """
    found = set(_SECRET.findall(text))
    for name, value in environ.items():
        if _SECRET_NAME.search(name) and _SECRET_VALUE.fullmatch(value) and value in text:
            found.add(value)
    decoded = unquote(text)
    if decoded != text:
        found.update(_SECRET.findall(decoded))
    return sorted(found, key=len, reverse=True)
