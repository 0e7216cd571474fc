"""Which conda packages would be installed: what `solve` finds, and whether that is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from jupyter_repro.capturing.sources.conda.order import dependency_name, install_order
from jupyter_repro.errors import ReproError
from jupyter_repro.install.places.places import Place
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.rattler.parent import Rattler
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.solve.checks import Solution
from jupyter_repro.install.solve.ladder import SAME_FILE, Step
from jupyter_repro.install.solve.solve import solve
from jupyter_repro.install.solve.unlisted import recorded_file
from jupyter_repro.install.solve.verdicts import PackageVerdict
from jupyter_repro.model.snapshot import PackagesLayer, Snapshot
from jupyter_repro.packages.pins import CondaPin, Pins


class CondaPlan(NamedTuple):
    """Which of the conda packages are available.

    Parameters
    ----------
    steps
        Where each recorded package stands on the ladder.
    records
        What would be installed, in order; more than those of `steps` if a relaxed one needs others.
    places
        The channels.
    gone
        Clauses on packages that are not available as recorded.
    refused
        Clauses on what could not be asked, such as channels that the user does not trust.
    relaxed
        Sentences on packages that are different from the recorded ones, or in a different place.
    """

    steps: tuple[Step, ...] = ()
    records: tuple[Record, ...] = ()
    places: tuple[Place, ...] = ()
    gone: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    relaxed: tuple[str, ...] = ()


def plan_conda(
    snapshot: Snapshot, pins: Pins, trust: Trust, rattler: Rattler, *, relax: bool
) -> CondaPlan:
    """Ask the channels for the recorded packages.

    Raises
    ------
    ReproError
        If they cannot form an environment, or the nearest packages do not fit together.
    """
    _require_once(pins.conda)
    # `python_plan` handles the Python packages
    layers = msgspec.structs.replace(
        snapshot.layers, packages=PackagesLayer(status="unavailable", reason="not asked")
    )
    (solution,) = solve([msgspec.structs.replace(snapshot, layers=layers)], trust, rattler)
    verdicts = solution.verdict.packages[: len(solution.steps)]
    every = [*verdicts, *solution.specifications]
    unknown = [one.reason for one in every if one.verdict == "not checked"]
    if unknown:
        return CondaPlan(refused=tuple(dict.fromkeys(unknown)))
    steps = solution.steps
    gone = tuple(
        _describe_gone(step)
        for step in steps
        if step.rung not in SAME_FILE and not (relax and step.record)
    ) + tuple(
        _describe_asked(one) for one in solution.specifications if not (relax and one.candidate)
    )
    if gone:
        return CondaPlan(steps, places=solution.places, gone=gone)
    if not solution.records:
        reason = f"The environment cannot be restored: {_last_check(solution)}."
        raise ReproError(reason)
    records = in_order(solution.records, pins)
    asked = {one.package.split(" ")[0]: one.package for one in solution.specifications}
    relaxed = [*_relaxed(steps), *_added(steps, records, asked)]
    return CondaPlan(steps, records, solution.places, relaxed=tuple(relaxed))


def unseen(pins: Pins, trust: Trust) -> CondaPlan:
    """Return the plan if the channels cannot be asked: the files as they were recorded.

    The tool that installs them checks their hashes.

    Raises
    ------
    ReproError
        If the packages cannot form an environment.
    """
    _require_once(pins.conda)
    places: dict[str, Place] = {}
    steps, gone, refused = [], [], []
    for pin in pins.conda:
        place = trust.channel(pin.channel) if pin.channel else None
        if pin.channel and place is None:
            refused.append(trust.how_to_allow("channel", pin.channel))
        elif pin.url is None or not (pin.sha256 or (trust.allow_md5 and pin.md5)):
            why = "no address is recorded" if pin.url is None else "no sha256 is recorded"
            gone.append(f"{pin.file_name}: {why}, and without py-rattler no channel can be asked")
        elif place and pin.channel:
            places[place.address] = place
            steps.append(Step(pin, "exact", recorded_file(pin, pin.channel), ""))
    records = tuple(step.record for step in steps if step.record)
    found = tuple(places.values())
    return CondaPlan(tuple(steps), records, found, tuple(gone), tuple(dict.fromkeys(refused)))


def _require_once(pins: Iterable[CondaPin]) -> None:
    twice = [name for name, count in Counter(pin.name for pin in pins).items() if count > 1]
    if twice:
        reason = (
            f"{', '.join(sorted(twice)[:5])}: recorded more than once, so this is not the record "
            "of an environment."
        )
        raise ReproError(reason)


def _last_check(solution: Solution) -> str:
    told = [one for one in solution.verdict.checks if one.outcome != "holds"]
    solving = [one.text for one in told if one.name == "solving"]
    return (solving or [one.text for one in told] or ["no packages are recorded"])[0]


def _describe_gone(step: Step) -> str:
    names = [step.record.file_name] if step.record else []
    names = [one for one in (*names, *step.nearest) if one != step.pin.file_name]
    near = f" (nearest: {', '.join(names)})" if names else ""
    return f"{step.pin.file_name}: {step.reason}{near}"


def _describe_asked(one: PackageVerdict) -> str:
    near = f" (nearest: {one.candidate})" if one.candidate else ""
    return f"{one.package}: {one.reason}{near}"


def _relaxed(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        if step.record is None or not step.reason:
            continue
        taken = ""
        if step.rung not in SAME_FILE:
            taken = f"{step.record.file_name} is taken ({step.rung}): "
        yield f"{step.pin.file_name}: {taken}{step.reason}"


def _added(
    steps: Iterable[Step], records: Iterable[Record], asked: Mapping[str, str]
) -> Iterator[str]:
    recorded = {step.pin.name for step in steps}
    for record in records:
        if record.name in asked:
            yield f"{asked[record.name]}: {record.file_name} is taken"
        elif record.name not in recorded:
            yield f"{record.file_name} is added: a package that is not as recorded needs it"


def in_order(records: Sequence[Record], pins: Pins) -> tuple[Record, ...]:
    """Return the records by their dependencies in the index, else in the recorded order."""
    needs = {one.name: [*map(dependency_name, one.depends)] for one in records}
    order = install_order(needs, [pin.name for pin in pins.conda])
    place = {name: number for number, name in enumerate(order)}
    return tuple(sorted(records, key=lambda one: place.get(one.name, len(place))))
