"""The record of a notebook that runs headless, cell by cell.

Messages of the kernel come in, a document and stamps come out. How the notebook runs is the
business of `client`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from jupyter_repro.errors import UnreadableError
from jupyter_repro.model.document import ENV_LENGTH, CellStamp, Document, Stamps
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.message import Message, strip, unpack
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.options import PolicyName
from jupyter_repro.model.results import RunResult
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.notebook.cell_keys import source_digest
from jupyter_repro.notebook.lift import messages_of, stamp
from jupyter_repro.notebook.record import record


@dataclass(kw_only=True)
class Recording:
    """The state of recording one run.

    Parameters
    ----------
    document
        What the notebook has recorded so far.
    accept
        Whether the environment of this run becomes the reference.
    policy
        The policy that the user chose for this run.

    Attributes
    ----------
    snapshot : Snapshot or None
        The newest one that the kernel has sent.
    notes : list of str
        Sentences for the user.
    findings : list of RunFinding
        The findings that the kernel has reported so far.
    results : dict
        The named results that it has reported, by name.
    """

    document: Document | None
    accept: bool = False
    policy: PolicyName | None = None
    snapshot: Snapshot | None = None
    notes: list[str] = field(default_factory=list)
    findings: list[RunFinding] = field(default_factory=list)
    results: dict[str, RunResult] = field(default_factory=dict)
    _stamped: list[tuple[dict[str, Any], CellStamp]] = field(default_factory=list)
    _confirmed: int = 0
    _stamps: Stamps = field(default_factory=dict)

    def begin(self, plain: object) -> None:
        """Take the kernel's first answer.

        Raises
        ------
        UnreadableError
            If this version cannot read a snapshot in it.
        """
        self._take(plain)

    def see(self, plain: object) -> None:
        """Take a message that was displayed while a cell ran."""
        try:
            message = self._take(plain)
        except UnreadableError as error:
            self.notes.append(str(error))
            return
        self._confirmed = len(self._stamped)
        if message.accept and self.snapshot is not None:
            self.document = record(
                self.document, self.snapshot, accept=True, results=message.results
            )

    def stamp(self, cell: dict[str, Any]) -> None:
        """Stamp a cell that has just been run, with its source and the newest environment."""
        if self.snapshot is not None:
            env = self.snapshot.digest[:ENV_LENGTH]
            stamped = CellStamp(env=env, source=source_digest(cell["source"]))
            stamp(cell, stamped)
            self._stamped.append((cell, stamped))

    def finish(self, plain: object | None) -> None:
        """Record the environment at the end of the run.

        Parameters
        ----------
        plain
            The kernel's last answer; None if it no longer answers.
        """
        before = self.snapshot
        if plain is not None:
            try:
                self._take(plain)
            except UnreadableError as error:
                self.notes.append(str(error))
        if self.snapshot is None:
            return
        changed = before is not None and before.digest != self.snapshot.digest
        if changed:
            self.notes.append("The environment changed while the notebook ran.")
        for index, (cell, stamped) in enumerate(self._stamped):
            sent = self._stamps.get(f"In [{cell.get('execution_count')}]")
            # Code that runs other cells raises the count in the kernel and not in the file
            rng = sent.rng if sent is not None and sent.source == stamped.source else {}
            # It is unknown after which cell it changed: no environment is better than a wrong one
            env = None if changed and index >= self._confirmed else stamped.env
            stamp(cell, msgspec.structs.replace(stamped, env=env, rng=rng))
        self.document = record(
            self.document,
            self.snapshot,
            accept=self.accept,
            policy=self.policy,
            findings=self.findings,
            results=self.results,
        )

    def _take(self, plain: object) -> Message:
        message, data = unpack(plain)
        if data is not None:
            self.snapshot = decode_snapshot(data)
        self.policy = self.policy or message.policy
        if not message.accept:
            self.findings = message.findings
            self._stamps |= message.stamps
        self.results |= message.results
        return message


def clear(cell: dict[str, Any]) -> None:
    """Remove what an earlier run left in a code cell."""
    cell["outputs"] = []
    cell["execution_count"] = None
    stamp(cell, CellStamp())


def strip_messages(cell: dict[str, Any]) -> None:
    """Remove the snapshots, which the metadata now hold, from a cell's outputs."""
    for plain in messages_of(cell):
        strip(plain)
