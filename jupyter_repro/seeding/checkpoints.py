"""Checkpoints of the random generators, in memory and in files that hold only plain data.

A file is JSON: a number, or bytes in base64, under the library's and the part's name. Nothing in
it is ever run, imported or unpickled.

The numbers and bytes are checked piece by piece when they are read: at a wrong position NumPy
itself would read beyond the end of its state. All libraries are restored, or none.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from jupyter_repro.errors import ReproError, UnreadableError, UsageError
from jupyter_repro.model.fields import Name
from jupyter_repro.safety.files import load
from jupyter_repro.seeding.states import RngState

MAX_FILE = 4 * 2**20
MAX_CHECKPOINTS = 100
"""In memory, each some 12 kB."""

_Part = bytes | int | float | None
_States = Annotated[
    dict[Name, Annotated[dict[str, _Part], Meta(max_length=1_000)]], Meta(max_length=100)
]


class _File(Struct, frozen=True, kw_only=True):
    format: Literal["jupyter_repro checkpoint"]
    schema_version: Literal[1]
    states: _States


class Checkpoints:
    """The checkpoints of one session by name."""

    def __init__(self) -> None:
        self._states: dict[str, RngState] = {}

    def keep(self, name: str, states: RngState) -> None:
        """Keep states under a name, instead of earlier ones; if it is full, drop the oldest."""
        self._states.pop(name, None)
        if len(self._states) >= MAX_CHECKPOINTS:
            del self._states[next(iter(self._states))]
        self._states[name] = states

    def find(self, name: str) -> RngState:
        """Return the states of a name.

        Raises
        ------
        UsageError
            If there are none.
        """
        if name in self._states:
            return self._states[name]
        known = f"there are {', '.join(sorted(self._states))}" if self._states else "there are none"
        reason = f"There is no checkpoint {name!r} ({known}); %repro checkpoint {name} makes one."
        raise UsageError(reason)


def write_checkpoint(path: Path, states: RngState) -> None:
    """Write states to a file completely or not at all.

    Raises
    ------
    ReproError
        If it cannot be written.
    """
    data = msgspec.json.encode(
        _File(format="jupyter_repro checkpoint", schema_version=1, states=states)
    )
    data = msgspec.json.format(data, indent=1) + b"\n"
    temporary = None
    try:
        number, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
        with open(number, "wb") as file:  # noqa: PTH123 - of a descriptor
            file.write(data)
        os.replace(temporary, path)  # noqa: PTH105 - a name, no path
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 - a name, no path
        reason = f"The checkpoint cannot be written to {path.name}: {error.strerror}."
        raise ReproError(reason) from None


def read_checkpoint(path: Path) -> RngState:
    """Return the states in a file.

    Raises
    ------
    UnreadableError
        If there is no such file, or it is not a checkpoint.
    """
    try:
        data = load(path, MAX_FILE)
    except OSError as error:
        reason = f"The checkpoint {path.name} cannot be read: {error.strerror}."
        raise UnreadableError(reason) from None
    try:
        return msgspec.json.decode(data, type=_File).states
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        reason = f"{path.name} is not a checkpoint of %repro: {error}."
        raise UnreadableError(reason) from None
