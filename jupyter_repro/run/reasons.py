"""Why a run differs from the stored one: collect both records, and let `why` find the causes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import RESEARCH, Policy, load_policy
from jupyter_repro.comparing.outputs.normalise import joined
from jupyter_repro.comparing.outputs.verdict import CellVerdict
from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.comparing.why.causes import Cause, likely_causes
from jupyter_repro.comparing.why.parting import CellPair, Parting, first_parting
from jupyter_repro.model.document import CellStamp
from jupyter_repro.model.message import METADATA_KEY
from jupyter_repro.model.results import OUTCOMES, Outcome
from jupyter_repro.notebook.cell_keys import source_digest
from jupyter_repro.safety.files import name_of

if TYPE_CHECKING:
    from jupyter_repro.model.report import Report
    from jupyter_repro.run.runner import Run


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Where two runs first differ, and the likely causes.

    Parameters
    ----------
    report
        How the environment of this run compares with that of the stored outputs; None where
        nothing had been recorded.
    policy
        What differences weigh in it.
    """

    report: Report | None = None
    policy: Policy = RESEARCH
    parting: Parting | None = None
    causes: Sequence[Cause] = ()


def find_reasons(
    path: Path,
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
    causes = likely_causes(
        name_of(path),
        parting,
        report,
        findings,
        numbers=numbers,
        snapshots=(stored, run.snapshot) if stored else None,
    )
    return Reasons(report=report, policy=policy, parting=parting, causes=causes)


def _both(
    cells: tuple[Sequence[dict[str, Any]], Sequence[dict[str, Any]]], number: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    return cells[0][number - 1], cells[1][number - 1]


def _pair(
    verdict: CellVerdict, stored: dict[str, Any], new: dict[str, Any], judged: Sequence[Judged]
) -> CellPair:
    before, after = _stamp(stored), _stamp(new)
    source = source_digest(str(joined(stored.get("source", ""))))
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
