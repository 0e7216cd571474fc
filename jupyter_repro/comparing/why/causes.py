"""The likeliest causes why two runs differ, with the evidence, and how to confirm each.

A cause needs evidence: a difference of the environments, something seen in one of the runs, an
edited cell. Its weight depends on its kind, and on whether it can affect the first cell that
differs: what was seen only below that cell explains nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from jupyter_repro.comparing.environments.kinds import KINDS
from jupyter_repro.comparing.why.cuda_numbers import same_numbers_up_to
from jupyter_repro.comparing.why.parting import Parting
from jupyter_repro.model.findings import FINDING_KINDS, RunFinding
from jupyter_repro.model.report import Finding, Report
from jupyter_repro.model.snapshot import Snapshot

MAX_CAUSES = 5


class Cause(NamedTuple):
    """One possible cause.

    Parameters
    ----------
    kind
        Kind of the difference or finding that is its evidence; ``source`` for an edited cell.
    what
        The cause, as a sentence.
    evidence
        The evidence for it, in words.
    confirm
        How to confirm it: a command, or an instruction.
    """

    kind: str
    what: str
    evidence: str
    confirm: str


_LOWEST = 35
_HIGHEST_OF_OTHERS = 70

_EDITED, _EDITED_BUT_EXPLAINED = 100, 40
_UNKNOWN = 10
_MOST = "strict"


def likely_causes(  # noqa: PLR0913 - what speaks for a cause comes from as many places
    notebook: str,
    parting: Parting | None,
    report: Report | None,
    findings: Sequence[RunFinding],
    *,
    numbers: Mapping[str, int],
    snapshots: tuple[Snapshot, Snapshot] | None = None,
) -> list[Cause]:
    """Return the likeliest causes, the likeliest first, at most `MAX_CAUSES`.

    Parameters
    ----------
    notebook
        Name of the file, for the commands.
    parting
        The first cell in which the runs differ.
    report
        How the environments of the two runs differ.
    findings
        What was seen in either of the runs.
    numbers
        Id of a cell → its number.
    snapshots
        The environments of the recorded run and of this one.
    """
    weighed = [
        *_differences(notebook, report, parting),
        *(_snapshots(notebook, snapshots) if snapshots else ()),
        *_findings(notebook, parting, findings, numbers),
    ]
    if parting is not None and parting.by == "source":
        # If the edit changed the seeding line, that difference explains more than the edit
        explained = any(weight > _EDITED for weight, _ in weighed)
        weighed.append((_EDITED_BUT_EXPLAINED if explained else _EDITED, _edited(parting)))
    weighed.sort(key=lambda pair: -pair[0])
    seen: set[str] = set()
    causes = []
    for _, cause in weighed:
        if cause.what not in seen:
            seen.add(cause.what)
            causes.append(cause)
    if not causes and parting is not None:
        causes.append(_unknown(notebook, parting))
    return causes[:MAX_CAUSES]


def _differences(
    notebook: str,
    report: Report | None,
    parting: Parting | None,
) -> Iterator[tuple[float, Cause]]:
    if report is None:
        return
    for place, found in enumerate(report.findings):
        default = max(_HIGHEST_OF_OTHERS - place, _LOWEST) if found.used else _LOWEST / 2
        by_place = min(default, _LOWEST) if found.severity == "note" else default
        known = KINDS[found.kind].as_cause
        weight = by_place if known is None else known
        if parting is not None and found.subject in parting.pair.moved:
            weight += 15  # the library whose numbers are the first to differ
        evidence = f"{found.subject}: {found.reference or 'none'} → {found.current or 'none'}"
        yield weight, Cause(found.kind, found.why, evidence, _confirm(notebook, found))


def _snapshots(
    notebook: str, snapshots: tuple[Snapshot, Snapshot]
) -> Iterator[tuple[float, Cause]]:
    """Yield the causes that a comparison of the environments cannot find."""
    before, after = (one.layers.determinism.seed for one in snapshots)
    if before is not None and after is None:
        # A comparison ignores a kernel that is not seeded yet, but this run is over
        yield (
            110,
            Cause(
                "seed",
                "Nothing was seeded in this run: every random number is different.",
                f"seed: {before} → none",
                f"jupyter repro verify {notebook} --with seed={before}",
            ),
        )
    limit = same_numbers_up_to(snapshots[0].layers.gpu, snapshots[1].layers.gpu)
    if limit is not None:
        names = [one.layers.gpu.devices[0].name for one in snapshots]
        yield (
            93,
            Cause(
                "sm-count",
                f"From the same seed these GPUs draw the same numbers up to tensors of {limit} "
                "elements; larger ones are drawn differently.",
                " → ".join(names),
                "Draw large tensors on the CPU with a seeded generator, then move them to the GPU.",
            ),
        )


def _confirm(notebook: str, found: Finding) -> str:
    again = f"jupyter repro verify {notebook} --with"
    option = KINDS[found.kind].confirm
    if option == "determinism":
        return f"{again} determinism={_MOST}"
    if option is not None and (found.reference or "").isdecimal():
        return f"{again} {option}={found.reference}"
    return found.action


def _findings(
    notebook: str,
    parting: Parting | None,
    findings: Sequence[RunFinding],
    numbers: Mapping[str, int],
) -> Iterator[tuple[float, Cause]]:
    for found in findings:
        number = numbers.get(found.cell or "")
        if parting is not None and number is not None and number > parting.pair.number:
            continue
        kind = FINDING_KINDS.get(found.kind)  # None for a kind of a later version
        weight = float(kind.as_cause if kind else _UNKNOWN)
        if parting is not None and number == parting.pair.number:
            weight += 5
        place = f"cell {number}" if number is not None else (found.file or "")
        line = f", line {found.line}" if found.line is not None else ""
        confirm = found.advice
        if kind is not None and kind.confirm is not None:
            confirm = f"jupyter repro verify {notebook} --with {kind.confirm}"
        yield weight, Cause(found.kind, found.what, f"{place}{line}".strip(", "), confirm)


def _edited(parting: Parting) -> Cause:
    number = parting.pair.number
    return Cause(
        "source",
        f"Cell {number} was edited after the recorded run.",
        f"the source of cell {number} has a different digest than the source that was run",
        "Run the notebook and save it, or bring the source of that cell back.",
    )


def _unknown(notebook: str, parting: Parting) -> Cause:
    return Cause(
        "unknown",
        "The record does not explain it: the cell may read a clock, a file or the network, or "
        "use an operation that does not repeat.",
        f"cell {parting.pair.number}",
        f"Put %%repro doctor on top of cell {parting.pair.number}, or run "
        f"`jupyter repro calibrate {notebook}`.",
    )


def render_causes(causes: Sequence[Cause]) -> str:
    """Return the causes as numbered lines, each with its evidence and how to confirm it."""
    lines = []
    for place, cause in enumerate(causes, 1):
        lines += [f"{place}. {cause.what}", f"   seen     {cause.evidence}"]
        lines.append(f"   confirm  {cause.confirm}")
    return "\n".join(lines)
