"""Decode the text of a file that a different tool wrote, perhaps years ago on Windows.

PowerShell writes ``pip freeze > requirements.txt`` in UTF-16, some programs without a byte order
mark; comments are in whatever encoding the editor used. Names and versions are ASCII in all of
them, so a wrong guess harms only a comment.
"""

from __future__ import annotations

import re

_FALLBACKS = {"gb18030": "GBK", "cp1252": "Windows-1252"}
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


def decode(raw: bytes) -> tuple[str | None, str | None]:
    """Return the text, and the name of its encoding if that is neither UTF-8 nor marked.

    Returns
    -------
    text, encoding : str or None
        No text if it is in none of the known encodings, or binary.
    """
    if raw[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _strictly(raw, "utf-16"), None
    if b"\x00" in raw:
        # Of ASCII text every second byte is zero, of other text some are
        first, second = raw[::2].count(0), raw[1::2].count(0)
        big = first > second
        if max(first, second) * 8 < len(raw):
            return None, None
        return _strictly(raw, "utf-16-be" if big else "utf-16-le"), "UTF-16"
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        pass
    for name, shown in _FALLBACKS.items():
        text = _strictly(raw, name)
        if text is not None:
            return text, shown
    return None, None


def _strictly(raw: bytes, encoding: str) -> str | None:
    """Return the text, or None if it is not in this encoding or has binary parts."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if _BINARY.search(text) else text
