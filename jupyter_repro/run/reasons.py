"""Why a run differs from the stored one: collect both records, and let `why` find the causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import RESEARCH, Policy, load_policy
from jupyter_repro.comparing.outputs.normalise import joined, results_of, text_of
from jupyter_repro.comparing.outputs.verdict import CellVerdict
from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.comparing.why.causes import Cause, Draw, Shown, causes_of_cell, likely_causes
from jupyter_repro.comparing.why.parting import (
    CellPair,
    Parting,
    first_parting,
    further_partings,
)
from jupyter_repro.comparing.why.printed_versions import changed_versions
from jupyter_repro.lint.page import Page, read_page
from jupyter_repro.model.document import CellStamp
from jupyter_repro.model.message import METADATA_KEY
from jupyter_repro.model.results import OUTCOMES, Outcome
from jupyter_repro.notebook.cell_keys import source_digest
from jupyter_repro.run.following import Following
from jupyter_repro.run.unseeded import unseeded_draws
from jupyter_repro.safety.files import name_of

if TYPE_CHECKING:
    from jupyter_repro.model.report import Report
    from jupyter_repro.run.runner import Run


MAX_OTHERS = 5
"""Cells that differ by themselves, besides the first."""


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Where two runs begin to differ, and the likely causes.

    Parameters
    ----------
    report
        How the environment of this run compares with that of the stored outputs; None where
        nothing had been recorded.
    policy
        What differences weigh in it.
    parting, causes
        The first cell that differs, and why.
    others
        Cells below it that differ by themselves, and why; `MAX_OTHERS` at most.
    """

    report: Report | None = None
    policy: Policy = RESEARCH
    parting: Parting | None = None
    causes: Sequence[Cause] = ()
    others: Sequence[tuple[Parting, Sequence[Cause]]] = ()


def find_reasons(  # noqa: PLR0913, PLR0917 - causes come from as many places
    path: Path,
    raw: bytes,
    run: Run,
    cells: tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]],
    verdicts: Sequence[CellVerdict],
    judged: Sequence[Judged],
) -> Reasons:
    """Return where a run first differs from the stored one, and the likeliest causes.

    Parameters
    ----------
    cells
        All cells of the notebook, decoded, as they are stored and after the run.
    verdicts, judged
        The verdicts on the code cells and on the named results.
    """
    before = run.before
    stored = before and (before.latest or before.reference)
    policy = load_policy(None, path.absolute().parent, before.policy if before else None)
    report = compare(stored, run.snapshot, policy) if stored else None
    pairs = [_pair(verdict, *_both(cells, verdict.cell), judged) for verdict in verdicts]
    parting = first_parting(pairs)
    if parting is None:
        return Reasons(report=report, policy=policy)
    numbers = {
        cell["id"]: number
        for number, cell in enumerate(cells[0], 1)
        if isinstance(cell.get("id"), str)
    }
    findings = [*run.findings, *(before.findings if before else ())]
    page = read_page(path, raw)
    name = name_of(path)
    causes = likely_causes(
        name,
        parting,
        report,
        findings,
        numbers=numbers,
        snapshots=(stored, run.snapshot) if stored else None,
        shown=_shown(page, *_both(cells, parting.pair.number), parting.pair.number),
    )
    others: list[tuple[Parting, Sequence[Cause]]] = []
    following = Following([_source(cells[0][pair.number - 1]) for pair in pairs])
    for other in further_partings(pairs, parting, following):
        number = other.pair.number
        shown = _shown(page, *_both(cells, number), number)
        own = causes_of_cell(name, other, findings, numbers=numbers, shown=shown, above=causes)
        if own:
            others.append((other, own))
        if len(others) == MAX_OTHERS:
            break
    return Reasons(report=report, policy=policy, parting=parting, causes=causes, others=others)


def _shown(page: Page, stored: dict[str, Any], new: dict[str, Any], number: int) -> Shown:
    """Return what a cell itself shows of why it differs."""
    texts = text_of(results_of(stored)), text_of(results_of(new))
    printed = changed_versions(*texts, _source(stored))
    draws = () if printed.is_all else unseeded_draws(page, number)
    return Shown(printed, [Draw(seen.what, seen.line) for seen in draws])


def _source(cell: dict[str, Any]) -> str:
    return str(joined(cell.get("source", "")))


def _both(
    cells: tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]], number: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    return cells[0][number - 1], cells[1][number - 1]


def _pair(
    verdict: CellVerdict, stored: dict[str, Any], new: dict[str, Any], judged: Sequence[Judged]
) -> CellPair:
    before, after = _stamp(stored), _stamp(new)
    source = source_digest(_source(stored))
    cell = verdict.id
    outcomes: list[Outcome] = [
        one.outcome for one in judged if cell is not None and one.cell == cell
    ]
    if verdict.status in OUTCOMES:
        outcomes.append(verdict.status)
    return CellPair(
        number=verdict.cell,
        cell=cell,
        is_edited=None if before.source is None else before.source != source,
        moved=_moved(before.rng, after.rng),
        outcome=min(outcomes, key=OUTCOMES.index, default=None),
    )


def _stamp(cell: dict[str, Any]) -> CellStamp:
    metadata = cell.get("metadata")
    plain = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    try:
        return msgspec.convert(plain or {}, CellStamp)
    except msgspec.ValidationError:  # from a stranger: ignore it
        return CellStamp()


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in before.keys() & after if before[name] != after[name]))
