"""How a snapshot travels from the kernel to the notebook: one MIME type, one small message.

The kernel displays it with a fixed ``display_id``; every front end keeps it in the cell's output,
so it survives where nothing of ours is installed. Whoever writes the notebook (the runner, the
lift, the JupyterLab extension) moves the snapshot into the notebook's metadata and leaves the
message without it.

Our front end must not have to ask for it: a kernel that ends in a later cell answers nothing any
more. So each message also carries an `Arrival` in its ``transient`` part, which no file keeps
(https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data).
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from jupyter_repro.errors import UnreadableError
from jupyter_repro.model.document import CellStamp, Stamps
from jupyter_repro.model.fields import Digest, Text
from jupyter_repro.model.findings import RunFinding, RunFindingList
from jupyter_repro.model.options import PolicyName
from jupyter_repro.model.results import Results, RunResult, RunResults
from jupyter_repro.model.snapshot import SCHEMA_VERSION, Snapshot

MIME_TYPE = "application/vnd.jupyter-repro.snapshot+json"

METADATA_KEY = "jupyter_repro"
"""Under it a notebook keeps its `Document`, and a cell its `CellStamp`."""

TRANSIENT_KEY = "jupyter_repro"
"""Of the `Arrival` in the ``transient`` part of a message."""

MAX_BYTES = 20_000_000
"""A decompressed snapshot larger than this is refused (50 000 packages take half of it)."""


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is displayed under `MIME_TYPE`.

    Parameters
    ----------
    digest
        Of the snapshot that the outputs from here on were made in.
    accept
        The user asked that this snapshot becomes the reference.
    policy
        The policy that the user chose, if any.
    snapshot
        The snapshot's JSON, zlib-compressed, base64; None once it was moved to the metadata.
    findings, results
        What was seen in the run up to here, and its named results; moved with the snapshot.
    stamps
        ``In [3]`` → what is known of that run of a cell; moved with the snapshot. By its number,
        because a cell of the same id may have been run again since.
    """

    schema_version: int
    digest: Digest
    accept: bool = False
    policy: PolicyName | None = None
    snapshot: Annotated[str, Meta(max_length=MAX_BYTES)] | None = None
    findings: RunFindingList = []
    results: RunResults = {}
    stamps: Stamps = {}


class Arrival(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one execution of a cell brings to its notebook, under `TRANSIENT_KEY`.

    Parameters
    ----------
    digest
        Of the environment that the cell ran in.
    does
        ``record``: the cell asked that the notebook begins to record; ``accept``: that this
        environment becomes the reference. Without either, only a notebook that has a record takes
        anything.
    cell
        Id of the cell, where the one who ran it said so.
    snapshot
        The environment; None where this front end was sent it before.
    policy
        The policy that the user chose, if any.
    findings
        What was seen up to here; a notebook without a record begins with it.
    results
        Named results of this cell, as a notebook without a record would begin with them.
    stamp
        What the metadata of the cell should hold; None until it has ended.
    """

    schema_version: int
    digest: Digest
    does: Literal["record", "accept"] | None = None
    cell: Text | None = None
    snapshot: Snapshot | None = None
    policy: PolicyName | None = None
    findings: RunFindingList = []
    results: Results = {}
    stamp: CellStamp | None = None


def pack(  # noqa: PLR0913 - one message, written down once
    snapshot: Snapshot,
    *,
    accept: bool = False,
    policy: PolicyName | None = None,
    findings: list[RunFinding] | None = None,
    results: Mapping[str, RunResult] | None = None,
    stamps: Stamps | None = None,
) -> dict[str, Any]:
    """Return the message for a snapshot and what came of the run, as plain JSON."""
    message = Message(
        schema_version=SCHEMA_VERSION,
        digest=snapshot.digest,
        accept=accept,
        policy=policy,
        snapshot=base64.b64encode(zlib.compress(msgspec.json.encode(snapshot))).decode("ascii"),
        findings=findings or [],
        results=dict(results or {}),
        stamps=stamps or {},
    )
    plain: dict[str, Any] = msgspec.to_builtins(message)
    return plain


def announce(
    snapshot: Snapshot, *, accept: bool = False, policy: PolicyName | None = None
) -> dict[str, Any]:
    """Return the message for a snapshot that travels by a different way; see `strip`."""
    message = Message(
        schema_version=SCHEMA_VERSION, digest=snapshot.digest, accept=accept, policy=policy
    )
    plain: dict[str, Any] = msgspec.to_builtins(message)
    return plain


def strip(plain: dict[str, Any]) -> bool:
    """Take from a message what the metadata hold now; tell whether it had a snapshot."""
    plain.pop("findings", None)
    plain.pop("results", None)
    plain.pop("stamps", None)
    return plain.pop("snapshot", None) is not None


def unpack(plain: object) -> tuple[Message, bytes | None]:
    """Return a message and the JSON of the snapshot that it carries.

    The JSON is not decoded here: it may be of an older version, see `migrations`.

    Raises
    ------
    UnreadableError
        If it is no such message, or would be larger than `MAX_BYTES`.
    """
    try:
        message = msgspec.convert(plain, Message)
        if message.snapshot is None:
            return message, None
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(message.snapshot, validate=True), MAX_BYTES)
    except (msgspec.ValidationError, ValueError, zlib.error) as error:
        reason = f"the output of %repro holds no readable snapshot ({error})"
        raise UnreadableError(reason) from None
    if inflate.unconsumed_tail or not inflate.eof:
        reason = "the snapshot in the output of %repro is cut off or too large"
        raise UnreadableError(reason)
    return message, data
