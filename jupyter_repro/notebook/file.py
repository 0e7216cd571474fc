"""Read notebook files, and only the parts of them that are needed.

nbformat is not used, because its import takes half a second. Only the metadata and our own outputs
are decoded, so a notebook with 200 MB of images is read as fast as the disk allows. Everything in a
notebook may come from a stranger.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.model.document import CellStamp
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.safety.files import name_of, read_bytes

NBFORMAT = 4


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell, without its outputs.

    Parameters
    ----------
    env
        First digits of the digest of the environment that produced its outputs.
    messages
        Contents of the outputs of our MIME type.
    id, execution_count
        From the file.
    """

    code: bool
    has_outputs: bool
    id: str | None = None
    execution_count: int | None = None
    env: str | None = None
    messages: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """A notebook, without sources and outputs.

    Parameters
    ----------
    recorded
        JSON of ``metadata.jupyter_repro``, which `migrations` decodes, or None.
    """

    path: Path
    kernel_name: str | None
    recorded: bytes | None
    cells: tuple[Cell, ...]


class _CellMetadata(Struct):
    jupyter_repro: Raw | UnsetType = UNSET


class _Cell(Struct):
    cell_type: str
    metadata: _CellMetadata | UnsetType = UNSET
    outputs: list[Raw] = []
    id: Any = None
    execution_count: Any = None


class _Metadata(Struct):
    jupyter_repro: Raw | UnsetType = UNSET
    kernelspec: Any = None


class _Notebook(Struct):
    nbformat: int | UnsetType = UNSET
    metadata: _Metadata | UnsetType = UNSET
    cells: list[_Cell] | UnsetType = UNSET


class _Output(Struct):
    data: dict[str, Raw] | UnsetType = UNSET


def read_notebook(path: Path) -> Notebook:
    """Read what a notebook has recorded, and nothing else of it.

    Raises
    ------
    UnreadableError
        If the file is not a notebook that can be read. The message is one sentence.
    """
    return parse_notebook(path, read_bytes(path))


def parse_notebook(path: Path, raw: bytes) -> Notebook:
    """Return the notebook in `raw`; `path` is for the messages. See `read_notebook`."""
    found = decode_notebook(path, raw, _Notebook)
    ours = MIME_TYPE.encode() in raw
    metadata = _Metadata() if found.metadata is UNSET else found.metadata
    assert found.cells is not UNSET, "else it would have been refused"
    return Notebook(
        path=path,
        kernel_name=_kernel_name(metadata.kernelspec),
        recorded=None if metadata.jupyter_repro is UNSET else bytes(metadata.jupyter_repro),
        cells=tuple(_cell(cell, ours=ours) for cell in found.cells),
    )


class _File(Protocol):
    nbformat: int | UnsetType
    cells: Any


_F = TypeVar("_F", bound=_File)
_T = TypeVar("_T")


def decode_notebook(path: Path, raw: bytes, shape: type[_F]) -> _F:
    """Decode the parts of a notebook that a Struct names.

    Parameters
    ----------
    path
        For the messages.
    shape
        A Struct with at least ``nbformat`` and ``cells``. They stay unset if the file lacks them.

    Raises
    ------
    UnreadableError
        If it is not a notebook of format 4 with cells.
    """
    found = decode_json(path, raw, shape)
    if found.nbformat is UNSET:
        raise _unreadable(path, "is not a notebook: it has no nbformat.")
    if found.nbformat < NBFORMAT:
        raise _unreadable(
            path,
            f"is in the old format {found.nbformat}: open and save it in Jupyter, "
            "or run `jupyter nbconvert --to notebook` on it.",
        )
    if found.nbformat > NBFORMAT:
        raise _unreadable(path, f"is in format {found.nbformat}; this version reads format 4.")
    if found.cells is UNSET:
        raise _unreadable(path, "is not a notebook: it has no cells.")
    return found


def load_json(path: Path, raw: bytes, **options: Any) -> Any:  # noqa: ANN401 - plain JSON
    """Decode JSON as Python's own decoder does, with NaN and halves of surrogate pairs.

    Raises
    ------
    UnreadableError
        With the line and the column of the mistake.
    """
    try:
        text = raw.decode("utf-8-sig")
        return json.loads(text, **options)
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 text (byte {error.start})."
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        if not text.strip():
            reason = "is empty."
        elif error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            reason = f"is cut off: its JSON does not end ({where})."
        else:
            reason = f"is not JSON ({where}: {error.msg})."
    except RecursionError:
        reason = "is nested too deeply to be a notebook."
    except ValueError as error:  # a number with thousands of digits
        reason = f"cannot be read ({error})."
    raise _unreadable(path, reason)


def decode_json(path: Path, raw: bytes | Raw, shape: type[_T]) -> _T:
    """Decode a notebook or a part of one, also where Jupyter's JSON is none for msgspec.

    Raises
    ------
    UnreadableError
        If it does not have this shape.
    """
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    # msgspec refuses some JSON that Jupyter writes and reads: NaN, halves of surrogate pairs, a BOM
    plain = load_json(path, bytes(raw), parse_constant=lambda _: None)
    clean = json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")
    try:
        return msgspec.json.decode(clean, type=shape)
    except msgspec.MsgspecError as error:
        raise _unreadable(path, f"is not a notebook ({error}).") from None
    except RecursionError:
        raise _unreadable(path, "is nested too deeply to be a notebook.") from None


def _unreadable(path: Path, reason: str) -> UnreadableError:
    return UnreadableError(f"{name_of(path)} {reason}")


def _kernel_name(kernelspec: object) -> str | None:
    name = kernelspec.get("name") if isinstance(kernelspec, dict) else None
    return name if isinstance(name, str) and name else None


def _cell(cell: _Cell, *, ours: bool) -> Cell:
    return Cell(
        code=cell.cell_type == "code",
        has_outputs=bool(cell.outputs),
        id=cell.id if isinstance(cell.id, str) else None,
        execution_count=cell.execution_count if type(cell.execution_count) is int else None,
        env=_env(cell.metadata),
        messages=tuple(_messages(cell.outputs)) if ours else (),
    )


def _env(metadata: _CellMetadata | UnsetType) -> str | None:
    if metadata is UNSET or metadata.jupyter_repro is UNSET:
        return None
    with suppress(msgspec.MsgspecError):
        return msgspec.json.decode(metadata.jupyter_repro, type=CellStamp).env
    return None


def _messages(outputs: list[Raw]) -> list[Any]:
    found = []
    for output in outputs:
        if MIME_TYPE.encode() not in bytes(output):
            continue
        with suppress(msgspec.MsgspecError, RecursionError):
            data = msgspec.json.decode(output, type=_Output).data
            if data is not UNSET and MIME_TYPE in data:
                found.append(msgspec.json.decode(data[MIME_TYPE]))
    return found


def require_writable(path: Path) -> None:
    """Check that a file can be written later, as far as that can be known now.

    Raises
    ------
    ReproError
        If it or its folder is write-protected, or the folder does not exist.
    """
    target = Path(os.path.realpath(path))
    reason = None
    if target.is_dir():
        reason = "is a folder; name a file."
    elif target.exists() and not target.is_file():
        reason = "is not a regular file; name a different one."
    elif not target.parent.is_dir():
        reason = "cannot be written: its folder does not exist."
    elif target.exists() and not (target.stat().st_mode & 0o222 and os.access(target, os.W_OK)):
        reason = "is write-protected; nothing was done. Use -o FILE to write to a different file."
    elif not os.access(target.parent, os.W_OK):
        reason = "cannot be written: its folder is write-protected."
    if reason:
        message = f"{name_of(path)} {reason}"
        raise ReproError(message)
