"""Find the recorded Python packages on the user's indexes, by name, version and hash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from jupyter_repro.install.places import index
from jupyter_repro.install.places.index import Project
from jupyter_repro.install.places.places import Place
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.solve.python_ladder import find_python_step
from jupyter_repro.packages.pins import PythonPin


class PythonStep(NamedTuple):
    """A Python package, and what would be installed for it.

    Parameters
    ----------
    version
        The version that would be installed.
    file
        The file that an installer takes here: for an address its last part, for a commit nothing.
    hashes
        sha256 of every file that may be taken.
    where
        The host of an address, or the index.
    size
        Bytes, if the index gives them.
    relaxed
        Clause on what is different from the record.
    wheel
        The file's address for requests and its sha256, if it is a wheel of an index.
    """

    pin: PythonPin
    version: str
    file: str = ""
    hashes: tuple[str, ...] = ()
    where: str = ""
    size: int | None = None
    relaxed: str = ""
    wheel: tuple[str, str] | None = None

    @property
    def line(self) -> str:
        """Its line in a requirements file."""
        if self.pin.source:
            requirement = f"{self.pin.name} @ {self.pin.source}"
        else:
            requirement = f"{self.pin.name}=={self.version}"
        return " ".join([requirement, *(f"--hash=sha256:{digest}" for digest in self.hashes)])


class _Options(NamedTuple):
    relax: bool
    allow_source: bool


class PythonPlan(NamedTuple):
    """Which of the Python packages are available.

    Parameters
    ----------
    gone
        Clauses on packages that are not available as recorded.
    refused
        Clauses on places that the user does not trust.
    left_out
        Sentences on what is not installed although it could be.
    """

    steps: tuple[PythonStep, ...] = ()
    gone: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def plan_packages(
    pins: Sequence[PythonPin], python: str, trust: Trust, *, relax: bool, allow_source: bool
) -> PythonPlan:
    """Ask the user's indexes for the recorded packages.

    Parameters
    ----------
    python
        Version of the Python that they are for.
    relax
        Take a different patch version if the recorded one is gone.
    allow_source
        Take sources and commits, which run code when they are built.
    """
    options = _Options(relax, allow_source)
    steps: list[PythonStep] = []
    gone: list[str] = []
    refused: dict[str, None] = {}
    left_out: list[str] = []
    named = [pin for pin in pins if not pin.source]
    if named and not trust.indexes:
        silent = [one.address for one in trust.not_asked if one.kind == "index"]
        told = [trust.how_to_allow("index", address) for address in silent]
        return PythonPlan(refused=tuple(told or ["no package index is configured"]))
    known = index.ask(trust.indexes, [pin.name for pin in named]) if named else {}
    tags = [*tags_of(python)]
    for pin in pins:
        if pin.source:
            url = _url_of(pin)
            place = next((one for one in trust.indexes if one.has(url)), None)
            why = _why_left_out(pin, options)
            if why:
                left_out.append(f"{pin.requirement}: {why}")
            elif place is None:
                refused[trust.how_to_allow("index", url)] = None
            else:
                steps.append(_of_address(pin, place))
            continue
        project = known[str(canonicalize_name(pin.name))]
        step = _of_index(pin, project, tags, python, options)
        if isinstance(step, PythonStep):
            steps.append(step)
        elif unasked := trust.unasked_vendor(pin):
            refused[f"{pin.requirement}: {unasked}"] = None
        else:
            errors = f" ({'; '.join(project.errors)})" if project.errors else ""
            gone.append(f"{pin.requirement}: {step}{errors}")
    return PythonPlan(tuple(steps), tuple(gone), tuple(refused), tuple(left_out))


def tags_of(python: str) -> Iterable[Tag]:
    """Yield the tags of the wheels that a CPython takes on this machine, the best first."""
    major, minor = (int(part) for part in python.split(".")[:2])
    yield from cpython_tags((major, minor))
    yield from compatible_tags((major, minor), f"cp{major}{minor}")


def _url_of(pin: PythonPin) -> str:
    """Return the address of an archive or a repository, without its commit and its hash."""
    address = pin.source.partition("#")[0]
    return address.partition("+")[2].rpartition("@")[0] if pin.is_repository else address


def _why_left_out(pin: PythonPin, options: _Options) -> str | None:
    """Return why a package recorded with an address is not installed, or None."""
    if pin.is_repository:
        built = None if options.allow_source else "a commit"
    else:
        built = (
            None if options.allow_source or _url_of(pin).endswith(".whl") else "a source archive"
        )
        if not built and not pin.sha256:
            return "its address is recorded without a hash to tell whether it is the same"
    return built and f"{built}, which has to be built (that runs its code): --allow-source"


def _of_address(pin: PythonPin, place: Place) -> PythonStep:
    file = "" if pin.is_repository else _url_of(pin).rpartition("/")[2]
    hashes = (pin.sha256,) if pin.sha256 else ()
    return PythonStep(pin, pin.version, file, hashes, place.address)


def _of_index(
    pin: PythonPin,
    project: Project,
    tags: Sequence[Tag],
    python: str,
    options: _Options,
) -> PythonStep | str:
    found = find_python_step(pin, project, frozenset(tags), python)
    wanted = Version(pin.version)
    near = f" (nearest: {', '.join(found.nearest)})" if found.nearest else ""
    version = _version_of(found.file.name) if found.file else None
    if found.file is None or version is None or not (version == wanted or options.relax):
        return f"{found.reason}{near}"
    files = [file for file in project.files if file.sha256 and _version_of(file.name) == version]
    wheels = [file for file in files if file.name.endswith(".whl")]
    if not found.file.name.endswith(".whl"):
        if not options.allow_source:
            return "there are sources only, and building them runs their code: --allow-source"
    elif not wheels:
        return f"the index has no sha256 of version {version}"
    else:
        files = wheels
    best = min(files, key=lambda file: _rank(file.name, tags), default=None)
    if best is None:
        return f"the index has no sha256 of version {version}"
    reason = found.reason
    if version != wanted:
        reason = f"{version} is taken ({found.rung}): {reason}"
    hashes = tuple(dict.fromkeys(file.sha256 for file in files))
    step = PythonStep(pin, str(version), best.name, hashes, size=best.size, relaxed=reason)
    is_wheel = best.name.endswith(".whl")
    return step._replace(wheel=(best.request, best.sha256)) if is_wheel else step


def _rank(name: str, tags: Sequence[Tag]) -> int:
    """Return the rank of a file among those that an installer would take, 0 for the best."""
    if not name.endswith(".whl"):
        return len(tags)
    fitting = parse_wheel_filename(name)[3]
    return next((place for place, tag in enumerate(tags) if tag in fitting), len(tags) + 1)


def _version_of(name: str) -> Version | None:
    try:
        parse = parse_wheel_filename if name.endswith(".whl") else parse_sdist_filename
        return parse(name)[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
