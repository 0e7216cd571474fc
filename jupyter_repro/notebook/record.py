"""Record a snapshot in a notebook's document.

The most important rule: a run in a different environment never replaces the reference. So you
cannot hide a mismatch by running a notebook again.

If the digest is equal, only facts that the reference lacks are added, and the file stays the same
byte for byte. If it is different, the new snapshot becomes ``latest`` until you accept it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from jupyter_repro.comparing.results.merge import accept_results, merge_results
from jupyter_repro.model.document import Document
from jupyter_repro.model.findings import RunFinding, for_document
from jupyter_repro.model.options import PolicyName
from jupyter_repro.model.results import RunResult
from jupyter_repro.model.snapshot import (
    LAYER_TYPES,
    SCHEMA_VERSION,
    DeterminismLayer,
    NotebookLayer,
    Snapshot,
)

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)


def record(  # noqa: PLR0913 - one rule, written down once
    document: Document | None,
    snapshot: Snapshot,
    *,
    accept: bool = False,
    policy: PolicyName | None = None,
    findings: Collection[RunFinding] | None = None,
    cells: Collection[str | None] | None = None,
    results: Mapping[str, RunResult] | None = None,
) -> Document:
    """Return the document with a snapshot recorded in it.

    Parameters
    ----------
    document
        The notebook's record so far, or None.
    snapshot
        The environment that produced its present outputs.
    accept
        Make the snapshot the reference, even if its digest is different.
    policy
        The requested policy; None keeps the recorded one.
    findings
        Findings of the run; None keeps the recorded ones.
    cells
        Ids of the cells that ran, if not all did: the findings of the others are kept.
    results
        Named results of the run. Other recorded results are kept.

    Returns
    -------
    Document
        The first snapshot becomes the reference. A snapshot with the same digest adds facts that
        the reference lacks and removes `latest`. One with a different digest becomes `latest`.
        Recording the same snapshot again changes nothing.
    """
    merged = merge_results(
        document.results if document else {}, results or {}, snapshot.digest[:12]
    )
    if accept:
        merged = accept_results(merged)
    if document is None:
        return Document(
            schema_version=SCHEMA_VERSION,
            reference=snapshot,
            policy=policy,
            findings=for_document(findings or ()),
            results=merged,
        )
    reference, latest = document.reference, None
    if accept:
        reference = _renew(_same(snapshot, document.reference, document.latest), snapshot)
    elif snapshot.digest == reference.digest:
        reference = _complete(reference, snapshot)
    else:
        latest = _renew(_same(snapshot, document.latest), snapshot)
    return Document(
        schema_version=SCHEMA_VERSION,
        reference=reference,
        latest=latest,
        policy=policy or document.policy,
        findings=document.findings if findings is None else _replace(document, findings, cells),
        results=merged,
    )


def record_earlier(
    document: Document | None, history: Sequence[Snapshot], snapshot: Snapshot
) -> Document | None:
    """Return the document with environments that cells recorded before anybody asked.

    Parameters
    ----------
    history
        Those environments, in order: the first cell's becomes the reference, not the last one's.
    snapshot
        The present one.
    """
    latest = None if document is None else document.latest
    for earlier in history:
        document = record(document, earlier)
    if document is not None and latest is not None and latest.digest == snapshot.digest:
        # An earlier one may have ended it: what is known of it stays, and its time
        document = msgspec.structs.replace(document, latest=latest)
    return document


def _replace(
    document: Document, findings: Collection[RunFinding], cells: Collection[str | None] | None
) -> list[RunFinding]:
    """Return the new findings, and the recorded ones of cells that did not run."""
    if cells is None:
        return for_document(findings)
    ran = {*cells, *(found.cell for found in findings)}
    kept = [
        found
        for found in document.findings
        # A number instead of an id belongs to an earlier kernel
        if found.cell is not None and " " not in found.cell and found.cell not in ran
    ]
    return for_document([*kept, *findings])


def _same(snapshot: Snapshot, *candidates: Snapshot | None) -> Snapshot | None:
    return next((other for other in candidates if other and other.digest == snapshot.digest), None)


def _renew(old: Snapshot | None, new: Snapshot) -> Snapshot:
    """Return `new` with the facts that only `old` has, and its time, so that git sees no change."""
    if old is None:
        return new
    complete = _complete(new, old)
    return msgspec.structs.replace(complete, created=old.created, tool=old.tool)


def _complete(base: Snapshot, extra: Snapshot) -> Snapshot:
    """Return `base` with the facts that only `extra` has about the same environment."""
    layers, more = base.layers, extra.layers
    complete: dict[str, Any] = {
        name: _complete_state(getattr(layers, name), getattr(more, name))
        for name, kind in LAYER_TYPES.items()
        if kind.IN_DIGEST
    }
    layers = msgspec.structs.replace(
        layers,
        notebook=_complete_notebook(layers.notebook, more.notebook),
        determinism=_complete_determinism(layers.determinism, more.determinism),
        **complete,
    )
    return msgspec.structs.replace(base, layers=layers)


def _complete_state(base: AnyStruct, extra: AnyStruct) -> AnyStruct:
    """Return a part of the same environment with the `STATE` that only `extra` has observed."""
    filled: dict[str, Any] = {}
    for name in base.__struct_fields__:
        ours, theirs = getattr(base, name), getattr(extra, name)
        if name == "reason":
            continue  # it belongs to the status
        if name in getattr(base, "STATE", ()):
            filled[name] = _observed(ours, theirs)
        elif isinstance(ours, list) and ours and hasattr(ours[0], "STATE"):
            more = {one.name: one for one in theirs}
            filled[name] = [_complete_state(one, more.get(one.name, one)) for one in ours]
    return msgspec.structs.replace(base, **filled) if filled else base


def _observed(base: Any, extra: Any) -> Any:  # noqa: ANN401 - a field of any layer
    if isinstance(base, dict):
        return _fill(base, extra)
    if isinstance(base, list) and base and isinstance(base[0], msgspec.Struct):
        names = {one.name for one in base}
        return [*base, *(one for one in extra if one.name not in names)]
    return base or extra


def _complete_notebook(base: NotebookLayer, extra: NotebookLayer) -> NotebookLayer:
    if base.status != "ok" or extra.status != "ok":
        return extra if base.status != "ok" and extra.status == "ok" else base
    return msgspec.structs.replace(
        base,
        kernel_name=base.kernel_name or extra.kernel_name,
        language=base.language or extra.language,
        git=base.git or extra.git,
        used=_union(base.used, extra.used),
    )


def _complete_determinism(base: DeterminismLayer, extra: DeterminismLayer) -> DeterminismLayer:
    if extra.status != "ok":
        return base
    if base.status != "ok" or (base.seed is None and extra.seed is not None):
        return extra
    if base.seed != extra.seed or base.determinism != extra.determinism:
        # A different seed is a difference to report, not a missing fact
        return base
    seeded = _union(base.seeded, extra.seeded)
    return msgspec.structs.replace(
        base,
        seeded=seeded,
        waiting=[name for name in _union(base.waiting, extra.waiting) if name not in seeded],
        variables=_fill(base.variables, extra.variables),
        torch=_fill(base.torch, extra.torch),
    )


def _fill(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    missing = {key: value for key, value in extra.items() if key not in base}
    return {**base, **missing} if missing else base


def _union(base: list[str], extra: list[str]) -> list[str]:
    return base if set(extra) <= set(base) else sorted({*base, *extra})
