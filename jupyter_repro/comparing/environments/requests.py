"""Judge whether an environment meets the requirements of an imported file that are not pins.

A requirement whose condition does not hold here, or that cannot be judged, gives no finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.comparing.environments.packages import ALIASES, NUMERICAL_KINDS, numerical_kind
from jupyter_repro.comparing.environments.stack import python_kind
from jupyter_repro.model.snapshot import CondaLayer, Snapshot
from jupyter_repro.packages.lines import CondaPackage, Distribution, parse_conda, parse_distribution
from jupyter_repro.packages.match_spec import (
    MatchSpec,
    allows_build,
    allows_version,
    parse_match_spec,
    selects,
)
from jupyter_repro.packages.names import normalise
from jupyter_repro.packages.versions import processor_of, version_kind

_ANY = "any version"
# An environment.yml lists it for its pip section; environments made by pixi or uv lack it
_INSTALLER = "pip"


@dataclass(frozen=True, kw_only=True)
class Installed:
    """The packages of one side, by normalised name.

    Parameters
    ----------
    whole
        Whether all packages are listed, so that one which is not listed is missing.
    conda
        The conda packages; None if it is not a conda environment or that is not known.
    python
        The Python distributions.
    knows_python
        Whether `python` should hold all of them.
    requested
        Names of the requested packages.
    python_version, platform
        The version of Python and the platform of the system, if they are known.
    """

    whole: bool
    conda: Mapping[str, CondaPackage] | None = None
    python: Mapping[str, Distribution] = field(default_factory=dict)
    knows_python: bool = False
    requested: frozenset[str] = frozenset()
    python_version: str | None = None
    implementation: str | None = None
    platform: str | None = None
    machine: str | None = None


class Answer(NamedTuple):
    """Whether a requirement is met; None if that could not be judged. If not met, the change."""

    layer: str
    name: str
    met: bool | None
    change: Change | None = None


def installed_of(side: Snapshot) -> Installed:
    """Return the packages of a snapshot."""
    layers = side.layers
    records = (
        parse_conda(group, line) for group, lines in layers.conda.packages.items() for line in lines
    )
    distributions = map(parse_distribution, layers.packages.packages)
    specs = filter(None, map(parse_match_spec, layers.conda.requested))
    requirements = filter(None, map(_parse, layers.packages.requested))
    names = (
        *(ALIASES.get(normalise(spec.name), normalise(spec.name)) for spec in specs),
        *(normalise(requirement.name) for requirement in requirements),
    )
    return Installed(
        whole=side.imported is None,
        conda={one.key: one for one in records} if layers.conda.status == "ok" else None,
        python={one.key: one for one in distributions if "shadowed" not in one.flags},
        knows_python=layers.packages.status == "ok",
        requested=frozenset(names),
        python_version=layers.core.python,
        implementation=layers.core.implementation,
        platform=layers.system.platform,
        machine=layers.system.machine,
    )


def request_changes(partial: Snapshot, other: Snapshot, used: set[str]) -> Iterator[Answer]:
    """Yield for each requirement of `partial` whether the packages of `other` meet it.

    A requirement whose condition does not hold here is skipped.

    Parameters
    ----------
    partial
        An imported snapshot; in the changes its side is the reference.
    used
        Normalised names of the distributions that count as used.
    """
    here = installed_of(other)
    yield from _conda_answers(partial.layers.conda, other.layers.conda, here, used)
    for text in partial.layers.packages.requested:
        requirement = _parse(text)
        if requirement is None:  # an address without a name
            met = True if text in other.layers.packages.requested else None
            yield Answer("packages", text, met)
            continue
        if text in other.layers.packages.requested:
            yield Answer("packages", requirement.name, met=True)
        else:
            yield from _pip_outcome(requirement, here, used)
    assert partial.imported is not None
    yield from _python_outcome(partial.imported.requires_python, here)


def _conda_answers(
    ours: CondaLayer, theirs: CondaLayer, here: Installed, used: set[str]
) -> Iterator[Answer]:
    records = [parse_conda(group, line) for group, lines in ours.packages.items() for line in lines]
    pinned = {record.key for record in records}
    for text in ours.requested:
        spec = parse_match_spec(text)
        if spec is None or spec.name.startswith("__"):
            continue
        if text in theirs.requested:
            yield Answer("core" if spec.name == "python" else "conda", spec.name, met=True)
        elif not (spec.is_exact and normalise(spec.name) in pinned):
            yield from _conda_outcome(spec, here, used)
    for record in records:
        # pip's distribution of the same name and version meets a record of conda's
        name = ALIASES.get(record.key, record.key)
        if here.conda is not None and record.key not in here.conda and name in here.python:
            yield from _conda_outcome(MatchSpec(record.name, f"=={record.version}"), here, used)


def _not_met(
    layer: str, subject: str, kind: str, values: tuple[str, str | None], used: set[str] | None
) -> Answer:
    key = normalise(subject)
    installer: Literal["conda", "pip"] = "conda" if layer == "conda" else "pip"
    change = Change(
        kind=kind,
        layer=layer,
        subject=subject,
        reference=values[0],
        current=values[1],
        used=used is None or ALIASES.get(key, key) in used or kind in NUMERICAL_KINDS,
        installer=None if layer == "core" else installer,
    )
    return Answer(layer, subject, met=False, change=change)


def _conda_outcome(spec: MatchSpec, here: Installed, used: set[str]) -> Iterator[Answer]:
    key = normalise(spec.name)
    question = Answer("conda", spec.name, None)
    if spec.selector is not None:
        selected = selects(spec.selector, here.platform) if here.platform else None
        if selected is not True:
            if selected is None:
                yield question
            return
    if key == "python" and here.python_version:
        yield from _python_spec_outcome(spec, here.python_version)
        return
    record = (here.conda or {}).get(key)
    distribution = here.python.get(ALIASES.get(key, key))
    text = " ".join(filter(None, (spec.pin or spec.version, spec.build))) or _ANY
    if record is None and distribution is None:
        if here.whole and here.conda is not None and key != _INSTALLER:
            yield _not_met("conda", spec.name, "package-missing", (text, None), used)
        else:
            yield question
        return
    version = record.version if record else distribution.version if distribution else ""
    build = record.build if record else ""
    allowed = allows_version(spec.version, version) if spec.version else True
    if allowed is False:
        kind = numerical_kind(key) or (version_kind(spec.pin, version) if spec.pin else None)
        yield _not_met("conda", spec.name, kind or "requirement", (text, version), used)
    elif allowed and spec.build and build and allows_build(spec.build, build) is False:
        variants = processor_of("", spec.build), processor_of("", build)
        other = None not in variants and variants[0] != variants[1]
        kind = "cpu-gpu-build" if other else "build"
        yield _not_met("conda", spec.name, kind, (text, f"{version} {build}"), used)
    else:
        yield question._replace(met=allowed)


def _python_spec_outcome(spec: MatchSpec, version: str) -> Iterator[Answer]:
    allowed = allows_version(spec.version, version) if spec.version else True
    if allowed is False:
        kind = python_kind(spec.pin, version) if spec.pin else "requirement"
        text = spec.pin or spec.version or _ANY
        yield _not_met("core", "Python", kind, (text, version), None)
    else:
        yield Answer("core", "Python", allowed)


def _python_outcome(requires: str | None, here: Installed) -> Iterator[Answer]:
    if requires is None or here.python_version is None:
        return
    allowed = _contains(requires, here.python_version.rstrip("+"))
    if allowed is False:
        yield _not_met("core", "Python", "requirement", (requires, here.python_version), None)
    else:
        yield Answer("core", "Python", allowed)


def _pip_outcome(requirement: Requirement, here: Installed, used: set[str]) -> Iterator[Answer]:
    key = normalise(requirement.name)
    question = Answer("packages", requirement.name, None)
    applies = _applies(requirement, here)
    if applies is not True:
        if applies is None:
            yield question
        return
    distribution = here.python.get(key)
    text = str(requirement.specifier) or _ANY
    if distribution is None:
        if here.whole and here.knows_python:
            yield _not_met("packages", requirement.name, "package-missing", (text, None), used)
        else:
            yield question
        return
    allowed = _contains(str(requirement.specifier), distribution.version)
    if allowed is False:
        pin = _pip_pin(requirement.specifier)
        kind = numerical_kind(key) or (version_kind(pin, distribution.version) if pin else None)
        values = pin or text, distribution.version
        yield _not_met("packages", requirement.name, kind or "requirement", values, used)
    else:
        yield question._replace(met=allowed)


def _pip_pin(specifiers: SpecifierSet) -> str | None:
    only = [*specifiers]
    is_pin = len(only) == 1 and only[0].operator in {"==", "==="} and "*" not in only[0].version
    return only[0].version if is_pin else None


def _contains(specifier: str, version: str) -> bool | None:
    if not version:
        return None if specifier else True
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except (InvalidVersion, InvalidSpecifier):
        return None


def _applies(requirement: Requirement, here: Installed) -> bool | None:
    """Return whether the condition of a requirement holds, or None if that is not known."""
    if requirement.marker is None:
        return True
    environment = _environment(here)
    if environment is None:
        return None
    try:
        return requirement.marker.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName, InvalidVersion, InvalidSpecifier):
        return None


_NAMES = {
    "linux": ("linux", "Linux", "posix"),
    "osx": ("darwin", "Darwin", "posix"),
    "win": ("win32", "Windows", "nt"),
}
_MACHINES = {"64": "x86_64", "32": "i686"}


def _environment(here: Installed) -> dict[str, str] | None:
    """Return the variables of conditions, for the environment that is judged.

    See https://packaging.python.org/en/latest/specifications/dependency-specifiers/#environment-markers
    """
    system, _, machine = (here.platform or "").partition("-")
    if here.python_version is None or system not in _NAMES:
        return None
    names = _NAMES[system]
    implementation = here.implementation or "CPython"
    return {
        "python_version": ".".join(here.python_version.split(".")[:2]),
        "python_full_version": here.python_version.rstrip("+"),
        "implementation_name": implementation.lower(),
        "implementation_version": here.python_version.rstrip("+"),
        "platform_python_implementation": implementation,
        "sys_platform": names[0],
        "platform_system": names[1],
        "os_name": names[2],
        "platform_machine": here.machine or _MACHINES.get(machine, machine),
        "platform_release": "",
        "platform_version": "",
        "extra": "",
    }


def _parse(text: str) -> Requirement | None:
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None
