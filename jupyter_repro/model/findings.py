"""What was seen during a run that keeps its results from repeating, or nearly did.

`report.Finding` is something else: a difference between two recorded environments.

Findings belong to the last run of their cell. The document keeps them in one order, without counts,
so an equal run leaves the file unchanged. A complete run replaces all; a front end's question
replaces those of the cells that were run.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct

from jupyter_repro.model.fields import Line, Name, Text


class FindingKind(NamedTuple):
    """All that is decided about a kind of finding, but what a single finding says.

    Parameters
    ----------
    meaning
        What was seen.
    as_cause
        How likely it is to have made two runs differ; a difference has the same scale.
    lasting
        Whether it describes a state that lasts: running the cell again does not bring it about
        again.
    confirm
        The option of ``jupyter repro verify --with`` that confirms it as a cause.
    """

    meaning: str
    as_cause: int
    lasting: bool = False
    confirm: str | None = None


FINDING_KINDS = {
    "drawn-before-seed": FindingKind(
        "numbers were drawn before %repro seeded anything", 88, lasting=True
    ),
    "seeded-again": FindingKind("a generator was seeded by something else", 82),
    "nondeterministic-operation": FindingKind(
        "PyTorch has no deterministic algorithm for an operation", 80, confirm="determinism=strict"
    ),
    "flag-changed": FindingKind(
        "a switch of PyTorch that %repro watches was changed", 78, lasting=True
    ),
    "unseeded-worker": FindingKind(
        "processes or threads were started whose random numbers differ from run to run", 84
    ),
    "unseeded-generator": FindingKind("a generator was made without a seed", 86),
    "threads-changed": FindingKind(
        "the number of threads was changed", 60, lasting=True, confirm="threads=1"
    ),
    "autocast": FindingKind("automatic mixed precision was on", 58),
    "hash-randomization": FindingKind("the order of sets of strings differs from run to run", 25),
}
"""Name → kind; the most useful to know stands first."""

_NUMBERED = re.compile(r"In \[([0-9]+)\]")


class RunFinding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was seen while the notebook ran and that bears on whether its results repeat.

    Parameters
    ----------
    kind
        What it is, for instance ``unseeded-generator``; `FINDING_KINDS` has all.
    severity
        ``warning`` where the next run may give other numbers for it, ``note`` where it is good to
        know.
    what, advice
        What was seen, and what to do.
    cell
        Id of the cell that the line belongs to, else of the cell that was running; ``In [3]``
        where the front end sends no ids; None outside a cell.
    file, line
        Where, as a traceback would name it. None where it is no place in the code; in a document
        a line without a file is one of the cell.
    count
        How often it was seen there. A document does not keep it: it may differ from run to run.
    """

    kind: Name
    severity: Literal["warning", "note"]
    what: Line
    advice: Line
    cell: Text | None = None
    file: Text | None = None
    line: Annotated[int, Meta(ge=0)] | None = None
    count: Annotated[int, Meta(ge=1)] = 1


MAX_RECORDED_FINDINGS = 100
"""Of one run in a document, the worst first; more would bury them."""

RunFindingList: TypeAlias = Annotated[list[RunFinding], Meta(max_length=MAX_RECORDED_FINDINGS)]


def worst_first(findings: list[RunFinding]) -> list[RunFinding]:
    """Return findings with the warnings first, then by kind as in `FINDING_KINDS`."""
    ranks = {kind: rank for rank, kind in enumerate(FINDING_KINDS)}

    def rank(found: RunFinding) -> tuple[bool, int]:
        return found.severity != "warning", ranks.get(found.kind, len(ranks))

    return sorted(findings, key=rank)


def for_document(findings: Collection[RunFinding]) -> list[RunFinding]:
    """Return what a document keeps of findings: bounded, in one order, without counts.

    Whatever the order in which the cells ran, the same findings give the same list.
    """
    single = {msgspec.structs.replace(found, count=1) for found in findings}
    return worst_first(sorted(single, key=_order))[:MAX_RECORDED_FINDINGS]


def _order(found: RunFinding) -> list[tuple[bool, Any]]:
    # By every part, so that two findings that differ have one order; what is missing comes first
    parts = (found.cell, found.file, found.line, found.what, found.kind, found.advice)
    return [(part is not None, part) for part in (*parts, found.severity)]


def with_ids(findings: Collection[RunFinding], ids: Mapping[int, str | None]) -> list[RunFinding]:
    """Return findings with the ids of cells where only their numbers were known.

    Parameters
    ----------
    ids
        Execution count → id of the cell.
    """
    return [msgspec.structs.replace(found, cell=_id(found.cell, ids)) for found in findings]


def _id(cell: str | None, ids: Mapping[int, str | None]) -> str | None:
    number = _NUMBERED.fullmatch(cell or "")
    return (ids.get(int(number[1])) if number else None) or cell
