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
from jupyter_repro.comparing.why.printed_versions import PrintedVersions
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
_ALL_OF_IT, _DRAWN = 120, 90
_MOST = "strict"


class Draw(NamedTuple):
    """A draw of a cell that nothing seeds: a sentence, and the line in the cell."""

    what: str
    line: int | None


class Shown(NamedTuple):
    """What a cell itself shows of why it differs: the versions that it prints, what it draws."""

    printed: PrintedVersions = PrintedVersions()
    draws: Sequence[Draw] = ()


_NOTHING = Shown()


def likely_causes(  # noqa: PLR0913 - what speaks for a cause comes from as many places
    notebook: str,
    parting: Parting | None,
    report: Report | None,
    findings: Sequence[RunFinding],
    *,
    numbers: Mapping[str, int],
    snapshots: tuple[Snapshot, Snapshot] | None = None,
    shown: Shown = _NOTHING,
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
    shown
        What the first cell that differs shows itself.
    """
    weighed = [
        *_differences(notebook, report, parting),
        *(_snapshots(notebook, snapshots) if snapshots else ()),
        *_findings(notebook, parting, findings, numbers),
        *(_shown(parting.pair.number, shown) if parting else ()),
    ]
    if parting is not None and parting.by == "source":
        # If the edit changed the seeding line, that difference explains more than the edit
        explained = any(weight > _EDITED for weight, _ in weighed)
        weighed.append((_EDITED_BUT_EXPLAINED if explained else _EDITED, _edited(parting)))
    causes = _by_weight(weighed)
    if not causes and parting is not None:
        causes.append(_unknown(notebook, parting))
    return causes[:MAX_CAUSES]


def causes_of_cell(  # noqa: PLR0913 - as for `likely_causes`
    notebook: str,
    parting: Parting,
    findings: Sequence[RunFinding],
    *,
    numbers: Mapping[str, int],
    shown: Shown,
    above: Sequence[Cause],
) -> list[Cause]:
    """Return why a cell differs by itself: what is known of that cell, without what is known.

    Parameters
    ----------
    notebook, numbers, shown
        As for `likely_causes`.
    findings
        What was seen in either of the runs; only that of this cell counts.
    above
        The causes of the first difference. What concerns the whole run may explain this cell too.
    """
    own = [one for one in findings if numbers.get(one.cell or "") == parting.pair.number]
    weighed = [
        *_findings(notebook, parting, own, numbers),
        *_shown(parting.pair.number, shown),
    ]
    if parting.by == "source":
        weighed.append((_EDITED, _edited(parting)))
    causes = _by_weight(weighed)
    if not causes and any(cause.kind not in _OF_ONE_CELL for cause in above):
        return []
    return causes[:MAX_CAUSES] or [_unknown(notebook, parting)]


_OF_ONE_CELL = frozenset(("source", "unknown", "unseeded-draw", *FINDING_KINDS))


def _by_weight(weighed: list[tuple[float, Cause]]) -> list[Cause]:
    """Return each cause once, the heaviest first."""
    weighed.sort(key=lambda pair: -pair[0])
    causes: dict[str, Cause] = {}
    for _, cause in weighed:
        causes.setdefault(cause.what, cause)
    return list(causes.values())


def _shown(number: int, shown: Shown) -> Iterator[tuple[float, Cause]]:
    """Yield the causes that a cell shows itself."""
    printed = shown.printed
    if printed.changed:
        evidence = "; ".join(
            f"{one.label}: {one.stored} → {one.new}".lstrip(": ")
            for one in printed.changed[:MAX_CAUSES]
        )
        what = f"Cell {number} prints versions, and they are different now."
        if printed.is_all and len(printed.changed) == 1:
            what = f"Cell {number} prints a version, and it is a different one now."
        advice = "Install that version to run the notebook as it was, or save the new output."
        yield (
            (_ALL_OF_IT if printed.is_all else _DRAWN),
            Cause("printed-version", what, evidence, advice),
        )
    for draw in shown.draws:
        line = f", line {draw.line}" if draw.line is not None else ""
        confirm = "Put %repro seed=… into the first cell, and run the notebook twice."
        yield _DRAWN, Cause("unseeded-draw", draw.what, f"cell {number}{line}", confirm)


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
