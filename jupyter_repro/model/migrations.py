"""Read stored documents of this version and of older ones.

Older documents are brought forward one version at a time, as plain JSON, before the model
validates them. Newer ones are refused: half of what they say would be lost silently.

A new field that may be missing, and that an older version may drop without harm, needs no new
version: the findings of a run are replaced by the next one anyway. To change the stored form
otherwise: raise `SCHEMA_VERSION`, add a `Step` to `STEPS` under the version that
it starts from, and keep a document of the old version among the test fixtures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

from jupyter_repro.errors import UnreadableError
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.document import Document
from jupyter_repro.model.message import MAX_BYTES
from jupyter_repro.model.snapshot import SCHEMA_VERSION, Snapshot
from jupyter_repro.safety.text import printable

Plain = dict[str, Any]
T = TypeVar("T")


def _unchanged(plain: Plain) -> Plain:
    return plain


class Step(NamedTuple):
    """How one version of the stored form becomes the next.

    Parameters
    ----------
    snapshot
        Changes a snapshot, whether it stands alone or in a document.
    document
        Changes what a document holds besides its snapshots.

    Notes
    -----
    Each gets a dictionary of its own that it may change, and returns what follows. It must not
    touch ``schema_version``. What is missing in a hostile document may raise any `LookupError`,
    `TypeError`, `ValueError` or `AttributeError`.
    """

    snapshot: Callable[[Plain], Plain] = _unchanged
    document: Callable[[Plain], Plain] = _unchanged


STEPS: Mapping[int, Step] = {}
"""Version → the step to the next one."""


def migrate(
    raw: bytes | str | Mapping[str, Any],
    *,
    steps: Mapping[int, Step] = STEPS,
    version: int = SCHEMA_VERSION,
) -> Plain:
    """Return a document or a snapshot in the form of the current version.

    Parameters
    ----------
    raw
        JSON, or what a reader of JSON made of it. It is not changed.
    steps, version
        The steps, and the version that they lead to.

    Raises
    ------
    UnreadableError
        If it is no JSON object, is larger than `MAX_BYTES`, tells no version, is newer than
        `version`, or does not have the form that a step expects.
    """
    plain = _decode(raw)
    if "reference" not in plain:
        return _migrate_one(plain, steps, version, "snapshot")
    snapshots = {
        name: _migrate_one(plain[name], steps, version, "snapshot")
        for name in ("reference", "latest")
        if plain.get(name) is not None
    }
    rest = {name: value for name, value in plain.items() if name not in {"reference", "latest"}}
    return {**_migrate_one(rest, steps, version, "document"), **snapshots}


def decode_document(raw: bytes | str | Mapping[str, Any]) -> Document:
    """Return what a notebook keeps under ``metadata.jupyter_repro``.

    Parameters
    ----------
    raw
        JSON, or what a reader of JSON made of it, of this version or an older one.

    Raises
    ------
    UnreadableError
        If it is not valid; the message is one sentence without what the document says.
    """
    document = _convert(migrate(raw), Document, "record of the environment")
    return msgspec.structs.replace(
        document,
        reference=_with_own_digest(document.reference),
        latest=_with_own_digest(document.latest) if document.latest else None,
    )


def decode_snapshot(raw: bytes | str | Mapping[str, Any]) -> Snapshot:
    """Return a snapshot. See `decode_document`; the digest is always that of what it holds."""
    return _with_own_digest(_convert(migrate(raw), Snapshot, "snapshot"))


def _with_own_digest(snapshot: Snapshot) -> Snapshot:
    # Edited by hand, or migrated: what it says counts, not what it says of itself
    digest = digest_of(snapshot.layers, snapshot.third_party)
    if digest == snapshot.digest:
        return snapshot
    return msgspec.structs.replace(snapshot, digest=digest)


def _decode(raw: bytes | str | Mapping[str, Any]) -> Plain:
    """Return plain JSON of limited size that shares nothing with `raw`."""
    try:
        data = raw if isinstance(raw, bytes) else _encode(raw)
        if len(data) > MAX_BYTES:
            reason = (
                f"the recorded environment is larger than {MAX_BYTES // 1_000_000} MB: remove it"
            )
            raise UnreadableError(reason)
        plain = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, TypeError, RecursionError) as error:
        reason = f"the recorded environment is no JSON ({_complaint(error)})"
        raise UnreadableError(reason) from None
    if not isinstance(plain, dict):
        reason = "the recorded environment is no JSON object"
        raise UnreadableError(reason)
    return plain


def _encode(raw: str | Mapping[str, Any]) -> bytes:
    return raw.encode() if isinstance(raw, str) else msgspec.json.encode(dict(raw))


def _migrate_one(plain: object, steps: Mapping[int, Step], version: int, kind: str) -> Plain:
    stored = plain.get("schema_version") if isinstance(plain, dict) else None
    if not isinstance(plain, dict) or type(stored) is not int or stored < 1:
        reason = f"the recorded {kind} has no valid schema_version: record it again"
        raise UnreadableError(reason)
    if stored > version:
        reason = (
            f"the recorded {kind} has schema version {stored}, and this jupyter_repro reads "
            f"versions up to {version}: update it with `pip install --upgrade jupyter_repro`"
        )
        raise UnreadableError(reason)
    for number in range(stored, version):
        step = steps[number]
        try:
            plain = (step.snapshot if kind == "snapshot" else step.document)(plain)
            plain["schema_version"] = number + 1
        except (LookupError, TypeError, ValueError, AttributeError):
            reason = f"the recorded {kind} is no valid document of schema version {number}"
            raise UnreadableError(reason) from None
    return plain


def _convert(plain: Plain, wanted: type[T], what: str) -> T:
    try:
        # Through JSON and not `msgspec.convert`: the same strictness for every input
        return msgspec.json.decode(msgspec.json.encode(plain), type=wanted)
    except (msgspec.MsgspecError, RecursionError) as error:
        reason = f"the recorded {what} is not valid ({_complaint(error)})"
        raise UnreadableError(reason) from None


def _complaint(error: Exception) -> str:
    return printable(str(error), 200) or type(error).__name__
