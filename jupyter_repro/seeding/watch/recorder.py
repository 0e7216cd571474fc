"""Record findings, and whose code caused them."""

from __future__ import annotations

import os
import sys
import sysconfig
from _thread import get_ident
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Literal

from jupyter_repro.model.findings import RunFinding
from jupyter_repro.seeding.findings import RunFindings
from jupyter_repro.seeding.hooks.import_guard import ImportGuard

Owner = Literal["cell", "module", "library"]
Severity = Literal["warning", "note"]

_STDLIB = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib")})


class Recorder:
    """Records what the interceptions of the ledger see.

    They may be called on any thread, and even after ``%repro off`` if your code has kept a wrapped
    function under a different name.

    Attributes
    ----------
    findings : RunFindings
        The recorded findings.
    cell_of, is_cell : callable
        Name of a code file → the cell, see `RunFinding.cell`; whether it is a cell.
    """

    def __init__(self, findings: RunFindings) -> None:
        self.findings = findings
        self.cell_of: Callable[[str], str | None] = lambda _file: None
        self.is_cell: Callable[[str], bool] = lambda _file: False
        self._active = False
        self._muted: set[int] = set()

    def start(self) -> None:
        """Record from now on."""
        self._active = True

    def stop(self) -> None:
        """Record nothing more."""
        self._active = False

    def is_listening(self) -> bool:
        """Return whether the actions of the calling thread are recorded."""
        return self._active and get_ident() not in self._muted

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Record nothing that the calling thread does inside the block."""
        thread = get_ident()
        before = thread in self._muted
        self._muted.add(thread)
        try:
            yield
        finally:
            if not before:
                self._muted.discard(thread)

    def owner_of(self, file: str) -> Owner:
        """Return whose code a file is: that of a cell, of the user's modules, or installed.

        A script that is run counts as a cell.
        """
        if self.is_cell(file) or file == getattr(sys.modules.get("__main__"), "__file__", None):
            return "cell"
        if file.startswith("<"):  # code without a file: `exec`, `%%time`
            return "library" if file.startswith("<frozen ") else "cell"
        installed = ImportGuard.covers(file) or file.startswith(_STDLIB)
        return "library" if installed else "module"

    def cell_frame(self, frame: FrameType | None) -> FrameType | None:
        """Return the innermost frame of a cell's own code, from there outwards."""
        while frame is not None and not self.is_cell(frame.f_code.co_filename):
            frame = frame.f_back
        return frame

    def add(  # noqa: PLR0913 - one finding, written down once
        self,
        kind: str,
        severity: Severity,
        what: str,
        advice: str,
        *,
        file: str | None = None,
        line: int | None = None,
        subject: str = "",
        more: bool = False,
    ) -> None:
        """Record a finding, or count it if it is known.

        Parameters
        ----------
        subject
            Distinguishes findings of one kind and place.
        more
            The finding is known and now has more detail: it is replaced, not counted.
        """
        if not more and self.findings.seen_again(kind, file, line, subject):
            return
        finding = RunFinding(
            kind=kind,
            severity=severity,
            what=what,
            advice=advice,
            cell=self.cell_of(file or ""),
            file=file,
            line=line,
        )
        (self.findings.replace if more else self.findings.add)(finding, subject)


def outside(frame: FrameType | None, folder: str) -> FrameType | None:
    """Return the first frame from there outwards whose code does not lie in a folder."""
    while frame is not None and frame.f_code.co_filename.startswith(folder):
        frame = frame.f_back
    return frame


def short_name(file: str) -> str:
    """Return the short name of a code file: below site-packages, else its last part.

    Examples
    --------
    >>> short_name("/opt/env/lib/python3.12/site-packages/transformers/trainer_utils.py")
    'transformers/trainer_utils.py'
    >>> short_name("/home/me/helpers.py")
    'helpers.py'
    """
    for folder in ("site-packages", "dist-packages"):
        _, found, rest = file.rpartition(f"{os.sep}{folder}{os.sep}")
        if found:
            return rest.replace(os.sep, "/")
    return os.path.basename(file)  # noqa: PTH119 - a name, no path
