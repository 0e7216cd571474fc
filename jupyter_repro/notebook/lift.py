"""The lift: move snapshots from cell outputs into the notebook's metadata.

Without our front end, a snapshot stays in the output of ``%repro``. `read_document` reads it there,
and `lift_file` moves it into the metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.model.document import ENV_LENGTH, CellStamp, Document, Stamps
from jupyter_repro.model.findings import with_ids
from jupyter_repro.model.message import METADATA_KEY, MIME_TYPE, Message, strip, unpack
from jupyter_repro.model.migrations import decode_document, decode_snapshot
from jupyter_repro.notebook.encode import encode_as
from jupyter_repro.notebook.file import (
    Notebook,
    load_json,
    parse_notebook,
    read_notebook,
    require_writable,
)
from jupyter_repro.notebook.record import record
from jupyter_repro.safety.files import name_of, read_bytes, write_atomically


@dataclass(frozen=True, kw_only=True)
class Lifted:
    """What the lift did.

    Parameters
    ----------
    document
        The notebook's record after the lift.
    moved
        Number of snapshots that were moved from outputs into the metadata.
    problems
        A sentence for each message that could not be read. Such messages are not moved.
    """

    document: Document | None
    moved: int
    problems: tuple[str, ...]


def read_document(path: Path) -> Document | None:
    """Return what a notebook has recorded, in its metadata or in its outputs.

    Raises
    ------
    UnreadableError
        If the file is not a notebook, or its record cannot be read.
    """
    document, problems = recorded(read_notebook(path))
    if document is None and problems:
        raise UnreadableError(problems[0])
    return document


def recorded(notebook: Notebook) -> tuple[Document | None, list[str]]:
    """Return what a notebook has recorded, and sentences on what could not be read.

    Raises
    ------
    UnreadableError
        If its metadata does not hold a valid document.
    """
    try:
        document = None if notebook.recorded is None else decode_document(notebook.recorded)
    except UnreadableError as error:
        reason = f"{name_of(notebook.path)}: {error}"
        raise UnreadableError(reason) from None
    problems = []
    ids = {cell.execution_count: cell.id for cell in notebook.cells if cell.execution_count}
    for number, cell in enumerate(notebook.cells, 1):
        for plain in cell.messages:
            document, problem = _record_message(document, plain, ids)
            if problem:
                problems.append(f"cell {number}: {problem}")
    return document, problems


def _record_message(
    document: Document | None, plain: object, ids: Mapping[int, str | None]
) -> tuple[Document | None, str | None]:
    """Return the document with a message's snapshot, and the reason if it cannot be read.

    Parameters
    ----------
    document
        The record so far.
    plain
        The decoded message.
    ids
        Execution count → id of the cell, for findings of a client that sends no ids.
    """
    try:
        message, data = unpack(plain)
        if data is None:
            return document, None
        snapshot = decode_snapshot(data)
    except UnreadableError as error:
        return document, str(error)
    # The message of an acceptance is displayed once, and its findings are not updated later
    findings = None if message.accept else with_ids(message.findings, ids)
    document = record(
        document,
        snapshot,
        accept=message.accept,
        policy=message.policy,
        findings=findings,
        results=message.results,
    )
    return document, None


def lift_file(path: Path) -> Lifted:
    """Move the snapshots in a notebook file, which is written only if a snapshot moved.

    Raises
    ------
    ReproError
        If it cannot be read or written. The file is unchanged then.
    """
    raw = read_bytes(path)
    notebook = parse_notebook(path, raw)
    document, _ = recorded(notebook)
    if not any(cell.messages for cell in notebook.cells):
        return Lifted(document=document, moved=0, problems=())
    plain = load_json(path, raw)
    lifted = lift(plain)
    if lifted.moved:
        require_writable(path)
        if read_bytes(path) != raw:
            reason = f"{name_of(path)} changed while it was read; run the command again."
            raise ReproError(reason)
        write_atomically(path, encode_as(raw, plain))
    return lifted


def lift(notebook: dict[str, Any]) -> Lifted:
    """Move the snapshots of a decoded notebook, in place.

    The messages stay in the outputs, without the snapshots. If a snapshot was moved, the code
    cells that certainly ran under a message are stamped with its environment.

    Raises
    ------
    UnreadableError
        If the metadata does not hold a valid document.
    """
    metadata = notebook.setdefault("metadata", {})
    before = metadata.get(METADATA_KEY)
    document = None if before is None else decode_document(before)
    moved, problems = 0, []
    stamps: Stamps = {}
    ids = {
        count: cell.get("id")
        for cell in notebook["cells"]
        if type(count := cell.get("execution_count")) is int
    }
    for number, cell in enumerate(notebook["cells"], 1):
        for plain in messages_of(cell):
            document, problem = _record_message(document, plain, ids)
            if problem:
                problems.append(f"cell {number}: {problem}")
            else:
                stamps |= unpack(plain)[0].stamps
                moved += strip(plain)
    if moved and document is not None:
        metadata[METADATA_KEY] = msgspec.to_builtins(document)
        _stamp_cells(notebook["cells"], stamps)
    return Lifted(document=document, moved=moved, problems=tuple(problems))


def messages_of(cell: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the contents of our MIME type in the outputs of a cell."""
    for output in cell.get("outputs") or ():
        data = output.get("data") if isinstance(output, dict) else None
        if isinstance(data, dict) and isinstance(data.get(MIME_TYPE), dict):
            yield data[MIME_TYPE]


def stamp(cell: dict[str, Any], stamped: CellStamp) -> None:
    """Write a stamp into a cell, which replaces an older one.

    Other keys of the metadata stay. An empty stamp leaves no key behind.
    """
    metadata = cell.setdefault("metadata", {})
    before = metadata.get(METADATA_KEY)
    kept = before if isinstance(before, dict) else {}
    others = {name: kept[name] for name in kept if name not in CellStamp.__struct_fields__}
    after = {**others, **msgspec.to_builtins(stamped)}
    if after:
        metadata[METADATA_KEY] = after
    elif isinstance(before, dict):
        del metadata[METADATA_KEY]


def _stamp_cells(cells: list[dict[str, Any]], stamps: Stamps) -> None:
    source: tuple[Message, Any] | None = None
    for cell in cells:
        if cell.get("cell_type") != "code" or not cell.get("outputs"):
            continue
        here = _readable_messages(cell)
        digest = None
        if here:
            source = here[-1], cell.get("execution_count")
            if len({message.digest for message in here}) == 1:
                digest = here[-1].digest
        elif source is not None and _made_under(cell, *source):
            digest = source[0].digest
        if digest is not None:
            seen = stamps.get(f"In [{cell.get('execution_count')}]", CellStamp())
            stamp(cell, msgspec.structs.replace(seen, env=digest[:ENV_LENGTH]))


def _readable_messages(cell: dict[str, Any]) -> list[Message]:
    found = []
    for plain in messages_of(cell):
        with suppress(UnreadableError):
            found.append(unpack(plain)[0])
    return found


def _made_under(cell: dict[str, Any], message: Message, count: object) -> bool:
    """Return whether a cell below a message has certainly run after it.

    The execution counts decide, or a tool has cleared both. An older stamp of a different
    environment may still be right, so only an accepted reference replaces it.
    """
    own = cell.get("execution_count")
    if isinstance(own, int) and isinstance(count, int):
        if own <= count:
            return False
    elif own is not count:
        return False
    old = cell.get("metadata", {}).get(METADATA_KEY)
    stamped = old.get("env") if isinstance(old, dict) else None
    return message.accept or stamped in (None, message.digest[:ENV_LENGTH])
