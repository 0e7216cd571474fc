"""Credentials and home folders in outputs: they travel with the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import CodeCell, Page
from jupyter_repro.redact import find_homes, find_secrets, hide_secrets

_HOMES = (b"/home/", b"/Users/", b":\\\\Users\\\\", b":\\\\\\\\Users", b":\\\\users", b":/Users")

# What is stored is hidden on the safe side. To raise an alarm, names such as glove-twitter-27B-100d
# and sk-learn-pipeline-2-of-3 must be told from tokens
_GITLAB = re.compile(r"gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|ffct|oas|wt)-")
_DIGITS = re.compile(r"[0-9]")


def _credentials(text: str) -> bool:
    """Tell whether a text surely holds a credential."""
    return any(map(_is_certain, find_secrets(text, frozenset())))


def _is_certain(secret: str) -> bool:
    if secret.startswith("gl"):
        return _GITLAB.match(secret) is not None
    return not secret.startswith("sk-") or len(_DIGITS.findall(secret)) >= 4


def find(page: Page) -> Iterator[Seen]:
    """Yield cells whose outputs hold one, with what it is and not with the thing itself."""
    may_have_homes = any(mark in page.raw for mark in _HOMES)
    for cell in page.cells:
        if cell.outputs:
            yield from _find(cell, may_have_homes=may_have_homes)


def _find(cell: CodeCell, *, may_have_homes: bool) -> Iterator[Seen]:
    texts = [text for output in cell.outputs for text in output.texts()]
    if any(map(_credentials, texts)):
        begin = _beginning(texts)
        yield Seen("secret", f"An output holds a credential{begin}.", cell.number)
    if may_have_homes:
        homes = dict.fromkeys(home for text in texts for home in find_homes(text))
        if homes:
            what = f"An output names a person's home folder: {', '.join([*homes][:3])}."
            yield Seen("home-folder", what, cell.number)


def _beginning(texts: list[str]) -> str:
    """Return what stands before the first credential on its line, so that it can be found."""
    for text in texts:
        for line in text.splitlines():
            if _credentials(line):
                start, _, _ = hide_secrets(line).partition("***")
                return f" after {start.strip()[-40:]!r}" if start.strip() else ""
    return ""
