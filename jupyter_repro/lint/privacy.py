"""Credentials and home folders in outputs, which everyone who gets the file can read."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_repro.lint.finding import Seen
from jupyter_repro.lint.page import CodeCell, Page
from jupyter_repro.safety.redact import find_homes, find_secrets, hide_secrets

_HOMES = (b"/home/", b"/Users/", b":\\\\Users\\\\", b":\\\\\\\\Users", b":\\\\users", b":/Users")


def _credentials(text: str) -> bool:
    return bool(find_secrets(text, frozenset()))


def find(page: Page) -> Iterator[Seen]:
    """Yield cells whose outputs contain one. The credential itself is not repeated."""
    may_have_homes = any(mark in page.raw for mark in _HOMES)
    for cell in page.cells:
        if cell.outputs:
            yield from _find(cell, may_have_homes=may_have_homes)


def _find(cell: CodeCell, *, may_have_homes: bool) -> Iterator[Seen]:
    texts = [text for output in cell.outputs for text in output.texts()]
    if any(map(_credentials, texts)):
        begin = _beginning(texts)
        yield Seen("secret", f"An output contains a credential{begin}.", cell.number)
    if may_have_homes:
        homes = dict.fromkeys(home for text in texts for home in find_homes(text))
        if homes:
            what = f"An output names a person's home folder: {', '.join([*homes][:3])}."
            yield Seen("home-folder", what, cell.number)


def _beginning(texts: list[str]) -> str:
    """Return the text before the first credential on its line, so that you can find it."""
    for text in texts:
        for line in text.splitlines():
            if _credentials(line):
                start, _, _ = hide_secrets(line).partition("***")
                return f" after {start.strip()[-40:]!r}" if start.strip() else ""
    return ""
