"""Read an old notebook without a record: sources, text outputs, metadata of other tools."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.module_names import STANDARD, distribution_of, is_local
from jupyter_repro.lint.python_code import parse
from jupyter_repro.notebook.file import decode_json, decode_notebook

MAX_TEXT = 1_000_000
"""Maximum number of characters that are read from one text output."""

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([A-Za-z_]\w*)[\w.]*[ \t]+import\b|import[ \t]+([^#;\n]+))", re.MULTILINE
)
_NAME = re.compile(r"\s*([A-Za-z_]\w{0,100})\s*(?:$|\.|as\s)")
_WRITTEN = re.compile(r"\A\s*%%(?:writefile|file)[ \t]+(?:-a[ \t]+)?([A-Za-z_]\w*)\.py\s")


@dataclass(frozen=True, kw_only=True)
class TextCell:
    """A code cell: its source, its printed text, and all of its printed or displayed text."""

    source: str
    printed: str
    output: str


@dataclass(frozen=True, kw_only=True)
class NotebookText:
    """The code cells of a notebook, and the metadata of other tools as plain JSON.

    Parameters
    ----------
    folder
        Where the notebook is, and its own modules may be.
    """

    cells: tuple[TextCell, ...]
    metadata: dict[str, Any]
    kernel_name: str | None = None
    folder: Path | None = None


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
        cells=tuple(_text_cell(path, cell) for cell in found.cells if cell.cell_type == "code"),
        metadata=metadata,
        kernel_name=name if isinstance(name, str) else None,
        folder=path.absolute().parent,
    )


def _text_cell(path: Path, cell: _Cell) -> TextCell:
    printed, output = [], []
    for raw in cell.outputs:
        with suppress(UnreadableError):
            found = decode_json(path, raw, _Output)
            shown = "" if found.data is None else _join(found.data.plain)
            printed.append(_join(found.text))
            output += [printed[-1], shown]
    return TextCell(source=_join(cell.source), printed="".join(printed), output="".join(output))


def _join(text: object) -> str:
    """Return a text that a notebook contains whole or as a list of lines."""
    if isinstance(text, list):
        text = "".join(line for line in text if isinstance(line, str))
    return text[:MAX_TEXT] if isinstance(text, str) else ""


def imported_modules(text: NotebookText) -> set[str]:
    """Return the top-level modules that the cells import, without those of Python itself.

    Modules beside the notebook, and those that a cell writes into a file, are left out as well.
    In a cell that is not valid Python, lines that look like imports count.
    """
    modules = set[str]()
    written = set[str]()
    with warnings.catch_warnings():
        # Of the notebook's own code, such as "\d" in a string
        warnings.simplefilter("ignore")
        for cell in text.cells:
            written.update(_WRITTEN.findall(cell.source))
            if "import" in cell.source:
                modules.update(_imports(cell.source))
    modules -= STANDARD | written
    folder = text.folder
    return {name for name in modules if folder is None or not is_local(folder, name)}


def imported_distributions(text: NotebookText) -> set[str]:
    """Return the likely names of the distributions that the cells import.

    This is a guess: except for well-known ones, modules are assumed to have the name of their
    distribution.
    """
    return set(map(distribution_of, imported_modules(text)))


def _imports(source: str) -> Iterator[str]:
    """Yield the top-level modules that a cell imports."""
    tree = parse(source)
    if tree is None:
        for named, listed in _IMPORT.findall(source):
            names = [named] if named else listed.split(",")
            yield from (found[1] for found in map(_NAME.match, names) if found)
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
