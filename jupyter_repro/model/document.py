"""What a notebook keeps: a document in its own metadata, a stamp in that of a cell."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from jupyter_repro.model.fields import END, MAX_ITEMS, Name, ShortDigest, Text
from jupyter_repro.model.findings import RunFindingList
from jupyter_repro.model.options import PolicyName
from jupyter_repro.model.results import Results
from jupyter_repro.model.snapshot import Snapshot


class Document(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a notebook keeps under ``metadata.jupyter_repro``.

    `reference` is the environment that the results belong to. A run in another environment does
    not replace it: it becomes `latest`, until you accept it. `findings` are those of the
    runs that made the outputs, wherever they were made. `results` are those of ``%repro expect``.
    """

    schema_version: int
    reference: Snapshot
    latest: Snapshot | None = None
    policy: PolicyName | None = None
    findings: RunFindingList = []
    results: Results = {}


_Fingerprint: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}" + END)]

ENV_LENGTH = 12
"""Digits of an environment's digest in a cell's stamp."""


class CellStamp(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a cell keeps under ``metadata.jupyter_repro``: how its outputs were made.

    Each may be missing, where it is not known.

    Parameters
    ----------
    env
        First digits of the digest of the environment.
    source
        `cell_keys.source_digest` of the source that ran: if it differs now, the cell was edited
        afterwards.
    rng
        Library → fingerprint of its generators after the cell, of libraries that `%repro` had
        seeded. Two runs part in the first cell where these differ.
    """

    env: ShortDigest | None = None
    source: ShortDigest | None = None
    rng: Annotated[dict[Name, _Fingerprint], Meta(max_length=MAX_ITEMS)] = {}


Stamps: TypeAlias = Annotated[dict[Text, CellStamp], Meta(max_length=MAX_ITEMS)]
