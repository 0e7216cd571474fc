"""What a notebook should record now: decided from values, without touching the session."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Struct

from jupyter_repro.model.document import Document
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.options import PolicyName
from jupyter_repro.model.results import RunResult
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.notebook.record import record, record_earlier


class CheckRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Argument of `remote.check`, as JSON.

    Parameters
    ----------
    document
        The notebook's present ``metadata.jupyter_repro``, or None.
    attached
        The front end writes the metadata, so the outputs need not carry the snapshot.
    policy
        The policy that the user chose in the front end.
    accept
        Make the kernel's snapshot the reference.
    wrote
        Whether cells of this notebook have brought what it holds, in this kernel and since its
        model was loaded: an answer may add to that alone. Version 0.1.0 does not send it.
    cells
        Ids of the notebook's cells. Findings and stamps of others are left out: they were
        deleted, or belong to a different notebook on the same kernel.
    """

    document: msgspec.Raw = msgspec.Raw(b"null")
    attached: bool = False
    policy: PolicyName | None = None
    accept: bool = False
    wrote: bool | msgspec.UnsetType = msgspec.UNSET
    cells: list[str] | None = None

    @property
    def is_old(self) -> bool:
        """A front end of version 0.1.0 asks, which does not say whether it wrote."""
        return self.wrote is msgspec.UNSET


class Known(NamedTuple):
    """What a kernel knows when it is asked.

    Parameters
    ----------
    snapshot
        The present environment.
    results
        What the run gave for its named results.
    history
        The environments that were recorded in this kernel, in order; empty where none was.
    findings
        What was seen in the run, in cells of this notebook.
    policy
        As the user chose it in the kernel.
    accepted
        The user has accepted in the kernel, and no front end has written it yet.
    ran_last
        The last cell that was run in the kernel is one of this notebook's.
    ran
        Cells that were run in the kernel, of any notebook.
    """

    snapshot: Snapshot
    results: Mapping[str, RunResult]
    history: Sequence[Snapshot]
    findings: Sequence[RunFinding] = ()
    policy: PolicyName | None = None
    accepted: bool = False
    ran_last: bool = True
    ran: Collection[str] = ()


def recorded_now(sent: Document | None, known: Known, request: CheckRequest) -> Document | None:
    """Return what a notebook should hold now.

    Parameters
    ----------
    sent
        What it holds.

    Returns
    -------
    Document or None
        A front end of version 0.1.0 gets everything that the kernel has recorded. With a newer
        one the cells themselves have brought environments and results: it gets what is known
        since, and nothing where the environment has changed for a different notebook.
    """
    document, accept, results = sent, request.accept, known.results
    if request.is_old:
        accept = accept or known.accepted
        document = record_earlier(sent, known.history, known.snapshot)
    elif not accept:
        if sent is None:
            return None
        newest = sent.latest or sent.reference
        if known.snapshot.digest != newest.digest and not known.ran_last:
            return sent
        results = {}
    return record(
        document,
        known.snapshot,
        accept=accept,
        policy=request.policy or known.policy,
        findings=known.findings,
        cells=settled_cells(document, known.ran, request.cells),
        results=results,
    )


def settled_cells(
    document: Document | None, ran: Collection[str], cells: Collection[str] | None
) -> set[str | None]:
    """Return the cells whose recorded findings do not count any more: run anew, or deleted."""
    settled: set[str | None] = {*ran}
    if document is not None and cells is not None:
        settled |= {found.cell for found in document.findings} - {*cells}
    return settled
