"""Read an old notebook without a record: sources, text outputs, metadata of other tools."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.module_names import distribution_of
from jupyter_repro.notebook.file import decode_json, decode_notebook

MAX_TEXT = 1_000_000
"""Maximum number of characters that are read from one text output."""

_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)|import[ \t]+([^#;\n]+))", re.MULTILINE)
_NAME = re.compile(r"\s*([A-Za-z_]\w{0,100})")


@dataclass(frozen=True, kw_only=True)
class TextCell:
    """A code cell: its source, and its printed or displayed text."""

    source: str
    output: str


@dataclass(frozen=True, kw_only=True)
class NotebookText:
    """The code cells of a notebook, and the metadata of other tools as plain JSON."""

    cells: tuple[TextCell, ...]
    metadata: dict[str, Any]
    kernel_name: str | None = None


class _Cell(Struct):
    cell_type: str
    source: Any = ""
    outputs: list[Raw] = []


class _Notebook(Struct):
    nbformat: int | UnsetType = UNSET
    cells: list[_Cell] | UnsetType = UNSET
    metadata: dict[str, Raw] = {}


class _Data(Struct):
    plain: Any = msgspec.field(name="text/plain", default="")


class _Output(Struct):
    text: Any = ""
    data: _Data | None = None


_WANTED = ("kernelspec", "uv", "uv.lock", "runt", "conda")


def read_text(path: Path, raw: bytes) -> NotebookText:
    """Return the texts of a notebook. Outputs that are pictures or HTML tables are not decoded.

    Raises
    ------
    UnreadableError
        If it cannot be read here; `path` is for the message.
    """
    found = decode_notebook(path, raw, _Notebook)
    assert found.cells is not UNSET, "else it would have been refused"
    metadata: dict[str, Any] = {}
    for key in _WANTED:
        with suppress(KeyError, UnreadableError):
            metadata[key] = decode_json(path, found.metadata[key], Any)
    kernelspec = metadata.pop("kernelspec", None)
    name = kernelspec.get("name") if isinstance(kernelspec, dict) else None
    return NotebookText(
        cells=tuple(
            TextCell(source=_join(cell.source), output="".join(_texts(path, cell)))
            for cell in found.cells
            if cell.cell_type == "code"
        ),
        metadata=metadata,
        kernel_name=name if isinstance(name, str) else None,
    )


def _texts(path: Path, cell: _Cell) -> Iterator[str]:
    for raw in cell.outputs:
        with suppress(UnreadableError):
            output = decode_json(path, raw, _Output)
            yield _join(output.text)
            if output.data is not None:
                yield _join(output.data.plain)


def _join(text: object) -> str:
    """Return a text that a notebook contains whole or as a list of lines."""
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    return text[:MAX_TEXT] if isinstance(text, str) else ""


def imported_distributions(text: NotebookText) -> set[str]:
    """Return the names of the distributions that the cells import, from the lines of their code.

    This is a guess: except for well-known ones, modules are assumed to have the name of their
    distribution, and an import inside a string counts as well.
    """
    modules = set[str]()
    for cell in text.cells:
        for source, listed in _IMPORT.findall(cell.source):
            names = [source] if source else listed.split(",")
            modules.update(found[1] for found in map(_NAME.match, names) if found)
    return {distribution_of(name) for name in modules - sys.stdlib_module_names}
