"""Compare HTML: tables cell by cell, the rest as text.

What a script draws cannot be compared. How a page looks (style, classes) is not a result.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from jupyter_repro.comparing.outputs.generated_names import rename
from jupyter_repro.comparing.outputs.images import compare_images
from jupyter_repro.comparing.outputs.masks import mask
from jupyter_repro.comparing.outputs.text import (
    MAX_TEXT,
    Terms,
    compare_text,
    describe_noise,
    quoted,
)
from jupyter_repro.comparing.outputs.verdict import IDENTICAL, Outcome, apart_from, worst

MAX_OPEN = 1_000
"""Tags that are not closed: for each the parser reads on to the end."""

_PICTURE = re.compile(r"data:(image/[a-z+.-]{1,20});base64,([A-Za-z0-9+/=\s]+)")

_LOUD = frozenset(("href", "src", "alt", "title", "value", "colspan", "rowspan"))
"""Attributes that a reader sees the effect of."""

_SILENT = frozenset(("style", "script", "head"))


@dataclass
class Table:
    """The texts of a table, row by row; `heads` marks the rows that are headings."""

    rows: list[list[str]] = field(default_factory=list)
    heads: list[bool] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows, headings not counted, and the number of columns."""
        return self.heads.count(False), max(map(len, self.rows), default=0)

    def label(self, row: int, column: int) -> str:
        """Return how a reader would name a cell."""
        head = next(
            (
                cells[column]
                for cells, is_head in zip(self.rows, self.heads, strict=True)
                if is_head and column < len(cells) and cells[column]
            ),
            None,
        )
        first = self.rows[row][0] if column else ""
        named = [f"row {quoted(first)}" if first else f"row {row + 1}"]
        named.append(f"column {quoted(head)}" if head else f"column {column + 1}")
        return ", ".join(named)


class _Reader(HTMLParser):
    """Splits HTML into tables and the outline around them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[Table] = []
        self.outline: list[str] = []
        self.scripted = False
        self._silent = 0
        self._depth = 0
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripted |= tag in {"script", "iframe", "object", "embed"}
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append(Table())
                self.outline.append("\n<table>\n")
        elif tag == "tr" and self._depth == 1:
            self.end_cell()
            self.tables[-1].rows.append([])
            self.tables[-1].heads.append(True)
        elif tag in {"td", "th"} and self._depth == 1:
            self.end_cell()
            self._cell = []
            if tag == "td" and self.tables[-1].heads:
                self.tables[-1].heads[-1] = False
        elif not self._silent:
            loud = [f"{key}={value}" for key, value in attrs if key in _LOUD]
            self._write(f"\n<{' '.join([tag, *loud])}>\n" if loud or tag != "div" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag == "table" and self._depth:
            if self._depth == 1:
                self.end_cell()
            self._depth -= 1
        elif tag in {"td", "th", "tr"} and self._depth == 1:
            self.end_cell()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._write(data)

    def _write(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(text)
        elif not self._depth or (text.strip() and not text.startswith("\n<")):  # or a caption
            self.outline.append(text)

    def end_cell(self) -> None:
        """Put the text that was read since the last ``<td>`` into the table."""
        if self._cell is None:
            return
        table = self.tables[-1]
        if not table.rows:
            table.rows.append([])
            table.heads.append(False)
        table.rows[-1].append(" ".join("".join(self._cell).split()))
        self._cell = None


def _read(markup: str) -> _Reader | None:
    """Return the tables and the outline of HTML; None if no browser would show it."""
    if markup.count("<", markup.rfind(">") + 1) > MAX_OPEN:
        return None
    reader = _Reader()
    # Read comments and declarations as tags: the parser hangs on some, and raises on others
    reader.feed(markup.replace("<!", "<x-"))
    reader.close()
    reader.end_cell()  # of a table that is never closed
    return reader


def compare_html(stored: str, new: str, terms: Terms) -> Outcome:
    """Compare two pieces of HTML; pictures in them as pictures."""
    if stored == new:
        return IDENTICAL
    pictures = [_PICTURE.findall(markup) for markup in (stored, new)]
    if any(pictures) and len(pictures[0]) == len(pictures[1]):
        outcomes = [
            compare_images(now[0], old[1], now[1], terms)
            if old[0] == now[0]
            else Outcome("different", f"a picture of the kind {now[0]}, stored {old[0]}")
            for old, now in zip(*pictures, strict=True)
        ]
        stored, new = (_PICTURE.sub("a-picture", markup) for markup in (stored, new))
        return worst([compare_html(stored, new, terms), *outcomes])
    stored, new = rename(stored), rename(new)
    if stored == new:
        return Outcome("identical", "but for generated names")
    unread = Outcome("not comparable")
    if mask(stored) == mask(new):
        unread = Outcome("identical", "but for names, times, addresses or folders")
    if max(len(stored), len(new)) > MAX_TEXT:
        return _or(unread, f"HTML of {max(len(stored), len(new))} characters")
    old, now = _read(stored), _read(new)
    if old is None or now is None:
        return _or(unread, "HTML that cannot be read")
    if old.scripted or now.scripted:
        return _or(unread, "HTML that a script draws")
    if len(old.tables) != len(now.tables):
        return Outcome("different", f"{len(now.tables)} tables, stored {len(old.tables)}")
    outcomes = [
        compare_tables(one, other, terms) for one, other in zip(old.tables, now.tables, strict=True)
    ]
    outline = ("".join(old.outline), "".join(now.outline))
    return worst([*outcomes, compare_text(*outline, terms)])


def _or(outcome: Outcome, why: str) -> Outcome:
    return outcome if outcome.why else replace(outcome, why=why)


def compare_tables(stored: Table, new: Table, terms: Terms) -> Outcome:
    """Compare two tables cell by cell; rows in a different order are reported as such."""
    shapes = [table.shape for table in (stored, new)]
    if shapes[0] != shapes[1] or len(stored.rows) != len(new.rows):
        one, other = (f"{rows} rows and {columns} columns" for rows, columns in shapes)
        return Outcome("different", f"a table of {other}, stored {one}")
    first, sizes, outcomes = "", [], []
    for row, (old_cells, new_cells) in enumerate(zip(stored.rows, new.rows, strict=True)):
        if len(old_cells) != len(new_cells):
            return Outcome("different", f"row {row + 1} of the table has other columns")
        for column, (one, other) in enumerate(zip(old_cells, new_cells, strict=True)):
            found = compare_text(one, other, terms)
            outcomes.append(found)
            if found.status == "different":
                if _sorted_rows(stored) == _sorted_rows(new):
                    return Outcome("different", "the rows are the same, in a different order")
                return Outcome("different", f"{new.label(row, column)}: {found.why}")
            if found.status != "identical":
                first = first or (new.label(row, column) if found.size else "")
                sizes.append(found.size)
    left_out = worst(outcomes).left_out
    if not sizes:
        return apart_from(left_out) if left_out else IDENTICAL
    noise = describe_noise(sizes, sum(map(len, new.rows)))
    where = f", first in {first}" if first else ""
    return Outcome("within tolerance", f"{noise}{where}", max(sizes), left_out)


def _sorted_rows(table: Table) -> Counter[tuple[str, ...]]:
    return Counter(tuple(mask(cell) for cell in row) for row in table.rows)
