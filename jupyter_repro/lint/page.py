"""A notebook as the rules read it: its code cells with their sources and outputs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from jupyter_repro.errors import UnreadableError
from jupyter_repro.model.document import CellStamp, Document
from jupyter_repro.model.message import METADATA_KEY, MIME_TYPE
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.notebook.cell_keys import source_digest
from jupyter_repro.notebook.file import decode_notebook, parse_notebook
from jupyter_repro.notebook.lift import recorded


class _Output(Struct):
    output_type: Any = None
    name: Any = None
    text: Any = None
    data: Any = None
    ename: Any = None
    evalue: Any = None
    traceback: Any = None


class _CellMetadata(Struct):
    jupyter_repro: Raw | UnsetType = UNSET
    tags: Any = None


class _Cell(Struct):
    cell_type: str
    source: Any = None
    metadata: _CellMetadata | UnsetType = UNSET
    outputs: list[_Output] = []
    id: Any = None
    execution_count: Any = None


class _Metadata(Struct):
    kernelspec: Any = None
    language_info: Any = None


class _File(Struct):
    nbformat: int | UnsetType = UNSET
    metadata: _Metadata | UnsetType = UNSET
    cells: list[_Cell] | UnsetType = UNSET


class Output:
    """An output of a cell: its kind and its texts."""

    def __init__(self, plain: _Output) -> None:
        self.kind = plain.output_type
        self.stream = plain.name if plain.output_type == "stream" else None
        self.error = _text(plain.ename) if plain.output_type == "error" else None
        self.message = _text(plain.evalue)
        self._plain = plain

    @cached_property
    def text(self) -> str:
        """Its plain text: a stream, or the ``text/plain`` of a result."""
        data = self._plain.data
        if self.stream is not None:
            return _text(self._plain.text)
        return _text(data.get("text/plain")) if isinstance(data, dict) else ""

    def texts(self) -> Iterator[str]:
        """Yield all texts that a person could read in it. Images are left out."""
        plain = self._plain
        for part in (plain.text, plain.ename, plain.evalue, plain.traceback):
            if part is not None:
                yield _text(part)
        if isinstance(plain.data, dict):
            for mime_type, content in plain.data.items():
                if mime_type.startswith("image/") and not mime_type.endswith("svg+xml"):
                    continue
                if mime_type != MIME_TYPE:
                    yield content if isinstance(content, str) else _text(content)


@dataclass(frozen=True)
class CodeCell:
    """A code cell.

    Parameters
    ----------
    number
        Among all cells, from 1.
    stamp
        What is known of the run that made its outputs; empty if the cell has no readable stamp.
    """

    number: int
    id: str | None
    source: str
    count: int | None
    outputs: tuple[Output, ...]
    tags: frozenset[str]
    stamp: CellStamp

    @property
    def is_blank(self) -> bool:
        """Whether it contains nothing to run."""
        lines = map(str.strip, self.source.splitlines())
        return all(not line or line.startswith("#") for line in lines)

    @property
    def has_run(self) -> bool:
        """Whether it shows any trace of a run."""
        return self.count is not None or bool(self.outputs)

    @cached_property
    def is_edited(self) -> bool:
        """Whether its source is certainly not the one that ran.

        A line break at the end is ignored, because editors and formatters change it.
        """
        if self.stamp.source is None or not self.has_run:
            return False
        end = self.source.rstrip("\r\n")
        return self.stamp.source not in map(source_digest, (self.source, end, f"{end}\n"))


@dataclass(frozen=True)
class Page:
    """A notebook for the rules.

    Parameters
    ----------
    document
        Its record, in its metadata or still in its outputs.
    problem
        Why that cannot be read, as a sentence.
    is_python
        Whether the metadata name Python, or no language.
    """

    path: Path
    raw: bytes
    cells: tuple[CodeCell, ...]
    document: Document | None
    problem: str | None
    is_python: bool

    def snapshot_of(self, cell: CodeCell) -> tuple[Snapshot, ...]:
        """Return the recorded environments that may have made a cell's outputs."""
        if self.document is None:
            return ()
        known = (self.document.reference, self.document.latest)
        env = cell.stamp.env
        return tuple(one for one in known if one and (env is None or one.digest.startswith(env)))


def read_page(path: Path, raw: bytes) -> Page:
    """Decode a notebook.

    Raises
    ------
    UnreadableError
        With one sentence that says why this is no notebook that can be read here.
    """
    found = decode_notebook(path, raw, _File)
    assert found.cells is not UNSET
    document, problem = _recorded(path, raw)
    metadata = _Metadata() if found.metadata is UNSET else found.metadata
    return Page(
        path=path,
        raw=raw,
        cells=tuple(
            _code_cell(number, cell)
            for number, cell in enumerate(found.cells, 1)
            if cell.cell_type == "code"
        ),
        document=document,
        problem=problem,
        is_python=_is_python(metadata),
    )


def _recorded(path: Path, raw: bytes) -> tuple[Document | None, str | None]:
    if METADATA_KEY.encode() not in raw and MIME_TYPE.encode() not in raw:
        return None, None
    try:
        document, problems = recorded(parse_notebook(path, raw))
    except UnreadableError as error:
        return None, str(error)
    return document, problems[0] if problems else None


def _is_python(metadata: _Metadata) -> bool:
    languages = [
        found.get(key)
        for found, key in ((metadata.language_info, "name"), (metadata.kernelspec, "language"))
        if isinstance(found, dict)
    ]
    names = {name.lower() for name in languages if isinstance(name, str)}
    return not names or any("python" in name for name in names)


def _code_cell(number: int, cell: _Cell) -> CodeCell:
    metadata = _CellMetadata() if cell.metadata is UNSET else cell.metadata
    tags = metadata.tags if isinstance(metadata.tags, list) else []
    stamp = CellStamp()
    if metadata.jupyter_repro is not UNSET:
        with suppress(msgspec.MsgspecError):
            stamp = msgspec.json.decode(metadata.jupyter_repro, type=CellStamp)
    return CodeCell(
        number=number,
        id=cell.id if isinstance(cell.id, str) else None,
        source=_text(cell.source),
        count=cell.execution_count if type(cell.execution_count) is int else None,
        outputs=tuple(map(Output, cell.outputs)),
        tags=frozenset(tag for tag in tags if isinstance(tag, str)),
        stamp=stamp,
    )


def _text(value: object) -> str:
    """Return text that may be kept as a list of lines; "" for what is no text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return ""
