"""Encode a changed notebook so that everything else in its file stays, byte by byte.

To decode and encode the whole file would rewrite its numbers (``1E5``), escapes and white space,
and git would show all of it as changed. So the text of each value that stays the same is copied.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from json.decoder import JSONDecoder
from typing import Any

_decode = JSONDecoder().raw_decode
_SPACE = re.compile(r"[ \t\r\n]*")


def encode_as(raw: bytes, plain: dict[str, Any]) -> bytes:
    """Encode a notebook; what differs from its file is written in the style of the file.

    Parameters
    ----------
    raw
        The file, whose JSON is known to be valid.
    plain
        The notebook, decoded by `jupyter_repro.notebook.file.load_json` and changed.
    """
    text = raw.decode("utf-8-sig")
    start = _space(text, 0)
    encoded, end = _Style.of(text).value(text, start, plain, 0)
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    # A lone surrogate becomes its JSON escape again
    whole = text[:start] + encoded + text[end:]
    return mark + whole.encode("utf-8", "backslashreplace")


@dataclass(frozen=True, kw_only=True)
class _Style:
    """How a file is written: its indent, line ends and escapes."""

    indent: str | None
    spaced: bool
    line_end: str
    ascii: bool

    @classmethod
    def of(cls, text: str) -> _Style:
        indent = re.match(r"\s*\{\r?\n([ \t]+)\"", text)
        return cls(
            indent=indent.group(1) if indent else None,
            spaced=re.match(r"\s*\{\s*\"[^\"]*\":\s", text) is not None,
            line_end="\r\n" if "\r\n" in text else "\n",
            ascii=text.isascii() and "\\u" in text,
        )

    def new(self, value: object, depth: int) -> str:
        """Encode a value that stands `depth` levels deep."""
        encoded = json.dumps(
            value,
            indent=self.indent,
            separators=(
                "," if self.indent or not self.spaced else ", ",
                ": " if self.spaced else ":",
            ),
            ensure_ascii=self.ascii,
        )
        return encoded.replace("\n", self.line_end + (self.indent or "") * depth)

    def value(self, text: str, start: int, after: object, depth: int) -> tuple[str, int]:
        """Return the text of the value at `start` that has become `after`, and its old end."""
        before, end = _decode(text, start)
        if [before] == [after]:  # in lists, one NaN equals itself
            return text[start:end], end
        if before and isinstance(before, dict) and isinstance(after, dict):
            return self._object(text, start, after, depth)
        if isinstance(before, list) and isinstance(after, list) and 0 < len(before) == len(after):
            return self._list(text, start, after, depth)
        return self.new(after, depth), end

    def _object(self, text: str, start: int, after: dict[str, Any], depth: int) -> tuple[str, int]:
        members, spaces = [], []
        seen = set()
        at, comma = start + 1, ","
        while comma == ",":
            key_start = _space(text, at)
            spaces.append(text[at:key_start])
            key, key_end = _decode(text, key_start)
            value_start = _space(text, _space(text, key_end) + 1)
            new, end = self.value(text, value_start, after.get(key), depth + 1)
            last = _space(text, end)
            comma, at = text[last], last + 1
            if key in after:
                tail = text[end:last] if comma == "," else ""
                members.append((spaces[-1], text[key_start:value_start] + new + tail))
            seen.add(key)
        between = spaces[1] if len(spaces) > 1 else spaces[0]
        if len(spaces) == 1 and not between and self.spaced:
            between = " "
        colon = ": " if self.spaced else ":"
        for key, value in after.items():
            if key not in seen:
                name = json.dumps(key, ensure_ascii=self.ascii)
                members.append((between, name + colon + self.new(value, depth + 1)))
        if not members:
            return "{}", at
        written = ",".join(
            (space if number else spaces[0]) + member
            for number, (space, member) in enumerate(members)
        )
        return "{" + written + text[end:at], at

    def _list(self, text: str, start: int, after: list[Any], depth: int) -> tuple[str, int]:
        written = []
        at = start
        for value in after:
            value_start = _space(text, at + 1)
            new, end = self.value(text, value_start, value, depth + 1)
            last = _space(text, end)
            written.append(text[at:value_start] + new + text[end:last])
            at = last
        return "".join(written) + "]", at + 1


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None, "it matches everywhere"
    return found.end()
