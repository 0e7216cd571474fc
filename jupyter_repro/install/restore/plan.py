"""What restoring an environment would do, as far as that is known before the installation.

The channels and indexes that the user trusts are asked here; only their lists are written, to the
cache. The plan is shown to the user, and `restore.run` does exactly what it says.

Everything that can refuse does so in `make_plan`: the folder, the platform, the channels, the
packages, Python, the tools. The step after it decides nothing, so what you agreed to is what
happens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from jupyter_repro.errors import ReproError
from jupyter_repro.install.places.places import Place
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.rattler.parent import Rattler
from jupyter_repro.install.restore import conda_plan
from jupyter_repro.install.restore.conda_plan import CondaPlan
from jupyter_repro.install.restore.engines.choice import (
    Engine,
    choose_conda,
    choose_python,
    conda_environments,
    require_fitting,
    require_prefix,
)
from jupyter_repro.install.restore.prefixes import named_prefix, require_new_prefix
from jupyter_repro.install.restore.python_plan import PythonPlan, plan_packages
from jupyter_repro.install.restore.pythons import Python, find_python, named_python
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lookalikes import looks_like
from jupyter_repro.packages.match_spec import parse_match_spec
from jupyter_repro.packages.pins import Pins, pins_of
from jupyter_repro.packages.platforms import this_platform
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World
from jupyter_repro.show.facts import leading_facts

_SHOWN = 20
_SPEC = re.compile(r"[a-z0-9_][a-z0-9_.-]*(?: ?[=<>!~*|,0-9A-Za-z_.+-]+){0,3}")


@dataclass(frozen=True, kw_only=True)
class RestoreOptions:
    """What you ask of a restore.

    Parameters
    ----------
    prefix, name
        One of them.
    engines
        Names of `engines.choice.ENGINES`; empty chooses among the installed tools.
    python
        The interpreter for an environment without conda; None looks for one.
    relax
        Take the nearest package if the recorded one is gone.
    allow_source
        Let sources of Python packages be built, which runs their code.
    """

    prefix: Path | None = None
    name: str | None = None
    engines: Sequence[str] = ()
    python: Path | None = None
    relax: bool = False
    allow_source: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would be installed, from where, with which tools, and what would be missing.

    Parameters
    ----------
    indexes, channels
        Places that may be asked for the packages.
    requested
        What the user of the recorded environment had requested from conda.
    conda_engine, python_engine
        None if there is nothing for them to do.
    python
        For an environment without conda: the Python of this machine that it is made from.
    relaxed
        Sentences on what is different from the record.
    left_out
        Sentences on what cannot be restored.
    lookalikes
        Sentences on names that look like those of well-known packages.
    """

    prefix: Path
    pins: Pins
    conda: CondaPlan = field(default_factory=CondaPlan)
    packages: PythonPlan = field(default_factory=PythonPlan)
    indexes: tuple[Place, ...] = ()
    channels: tuple[Place, ...] = ()
    requested: tuple[str, ...] = ()
    conda_engine: Engine | None = None
    python_engine: Engine | None = None
    python: Python | None = None
    allow_source: bool = False
    relaxed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    lookalikes: tuple[str, ...] = ()

    def has(self, name: str) -> bool:
        """Return whether a package of a name will be installed, by conda or not."""
        return any(record.name == name for record in self.conda.records) or any(
            step.pin.name.lower().replace("_", "-") == name for step in self.packages.steps
        )

    def version_of(self, *names: str) -> str | None:
        """Return the version of the first package of some names that will be installed."""
        known = {record.name: record.version for record in self.conda.records}
        known |= {step.pin.name: step.version for step in self.packages.steps}
        return next((known[name] for name in names if name in known), None)


class GoneError(ReproError):
    """Packages are no longer available as they were recorded."""


def make_plan(snapshot: Snapshot, options: RestoreOptions, trust: Trust, world: World) -> Plan:
    """Return what restoring a snapshot would do.

    Parameters
    ----------
    snapshot
        May come from a stranger.
    trust
        The channels and indexes that may be asked.

    Raises
    ------
    ReproError
        If it cannot be restored, with the reason: a different platform, a place that the user does
        not trust, packages that are gone, no Python, a folder that exists already, no tool.
    """
    pins = pins_of(snapshot)
    require_fitting(options.engines, pins)
    conda_engine = choose_conda(options.engines, world) if pins.conda else None
    prefix = _prefix(options, conda_engine, world)
    require_prefix(conda_engine, prefix, world)
    _require_this_platform(pins)
    if not pins.conda and pins.python is None:
        told = "; ".join(str(one) for one in pins.left_out("core")) or "nothing is recorded"
        reason = f"No Python is recorded that could be restored: {told}."
        raise ReproError(reason)
    python = python_engine = None
    if pins.packages or not pins.conda:
        python_engine = choose_python(options.engines, snapshot, world)
        if not pins.conda and pins.python:
            python = _python(pins.python, options, python_engine, world)
    conda = CondaPlan()
    if pins.conda:
        if find_spec("rattler") is None:  # conda will install, and no channel is asked before
            conda = conda_plan.unseen(pins, trust)
        else:
            conda = conda_plan.plan_conda(
                snapshot, pins, trust, Rattler(world), relax=options.relax
            )
    packages = PythonPlan()
    if pins.packages:
        version = python.version if python else pins.python
        if version is None:
            reason = "The recorded environment has Python packages but no Python to install them."
            raise ReproError(reason)
        packages = plan_packages(
            pins.packages,
            version,
            trust,
            relax=options.relax,
            allow_source=options.allow_source,
        )
    _require_asked([*conda.refused, *packages.refused])
    _require_there(conda, packages, relax=options.relax)
    return Plan(
        prefix=prefix,
        pins=pins,
        conda=conda,
        packages=packages,
        indexes=trust.indexes,
        channels=trust.channels,
        requested=_requested_specs(snapshot, pins),
        conda_engine=conda_engine,
        python_engine=python_engine,
        python=python,
        allow_source=options.allow_source,
        relaxed=(*conda.relaxed, *_relaxed_packages(packages, pins, python)),
        left_out=(*_not_restored(snapshot, pins), *packages.left_out),
        lookalikes=tuple(_lookalikes(pins)),
    )


def _prefix(options: RestoreOptions, engine: Engine | None, world: World) -> Path:
    if options.name is not None:
        folder = conda_environments(engine, world) if engine else None
        return named_prefix(options.name, world, folder)
    assert options.prefix is not None
    return require_new_prefix(options.prefix)


def _python(version: str, options: RestoreOptions, engine: Engine, world: World) -> Python:
    if options.python is not None:
        return named_python(options.python, version, world)
    return find_python(version, world, engine.program or None)


def _require_this_platform(pins: Pins) -> None:
    here = this_platform()
    if pins.conda and pins.platform and pins.platform != here:
        reason = (
            f"The packages were recorded on {pins.platform}, and this is {here}: builds are "
            "those of one platform. Export an environment.yml and solve it here."
        )
        raise ReproError(reason)


def _require_asked(refused: Sequence[str]) -> None:
    if refused:
        reason = f"Nothing was installed: {_some(refused)}."
        raise ReproError(reason)


def _require_there(conda: CondaPlan, packages: PythonPlan, *, relax: bool) -> None:
    gone = [*conda.gone, *packages.gone]
    if not gone:
        return
    total = len(conda.steps) + len(packages.steps) + len(packages.gone)
    count = f"{len(gone)} of {total} packages {'is' if len(gone) == 1 else 'are'}"
    if relax:
        hint = "and nothing of the same major and minor version can take the place"
    else:
        hint = "take what is nearest with --relax"
    reason = f"{count} not to be had as recorded ({hint}): {_some(gone)}."
    raise GoneError(reason)


def _relaxed_packages(packages: PythonPlan, pins: Pins, python: Python | None) -> Iterator[str]:
    if python and python.version != pins.python:
        yield f"Python {pins.python}: {python.version} is taken, which is on this machine"
    for step in packages.steps:
        if step.relaxed:
            yield f"{step.pin.requirement}: {step.relaxed}"


def _not_restored(snapshot: Snapshot, pins: Pins) -> Iterator[str]:
    """Yield what no installer can bring back: left-out packages, and the machine itself."""
    for one in pins.unpinned:
        yield str(one)
    facts = leading_facts(snapshot.layers)
    for layer, what in (("gpu", "the GPU and its driver"), ("system", "the system")):
        if getattr(snapshot.layers, layer).status == "ok":
            yield f"{what}: recorded on {printable(', '.join(facts[layer]), 300)}"


def _lookalikes(pins: Pins) -> Iterator[str]:
    for name in dict.fromkeys(
        [*(pin.name for pin in pins.conda), *(pin.name for pin in pins.packages)]
    ):
        known = looks_like(name)
        if known:
            yield f"{name} is not {known}: make sure that it is meant"


def _requested_specs(snapshot: Snapshot, pins: Pins) -> tuple[str, ...]:
    """Return the plain specifications that the user had requested from conda."""
    names = {pin.name for pin in pins.conda}
    found = []
    for text in snapshot.layers.conda.requested:
        spec = parse_match_spec(text)
        if spec is None or spec.name not in names:
            continue
        # The plan names all channels, so a specification needs none
        is_plain = "[" not in text and "::" not in text
        plain = text if is_plain else f"{spec.name} {spec.version or ''}".rstrip()
        if _SPEC.fullmatch(plain):
            found.append(plain)
    return tuple(found)


def _some(texts: Iterable[str]) -> str:
    every = [*texts]
    more = f"; and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return "; ".join(every[:_SHOWN]) + more
