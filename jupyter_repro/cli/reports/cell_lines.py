"""In which line of its file each cell of a notebook begins."""

from __future__ import annotations

import re

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)


def cell_lines(raw: bytes) -> list[int]:
    """Return the line of each cell, from 1.

    Parameters
    ----------
    raw
        A notebook that was parsed before, so that its JSON is known to be valid.
    """
    text = raw.decode("utf-8-sig")
    depth, key, inside = 0, "", False
    lines: list[int] = []
    line, counted = 1, 0
    for match in _PIECE.finditer(text):
        piece = match[0]
        if piece[0] == '"':
            key = piece if depth == 1 else key
        elif piece in "{[":
            depth += 1
            if depth == 2:
                inside = piece == "[" and key == '"cells"'
            elif depth == 3 and inside:
                line += text.count("\n", counted, match.start())
                counted = match.start()
                lines.append(line)
        else:
            depth -= 1
    return lines
