"""The verdicts on the Python packages of a snapshot, from what the indexes have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from packaging.utils import canonicalize_name

from jupyter_repro.install.places.failures import AbsentError, FetchError
from jupyter_repro.install.places.fetch import fetch
from jupyter_repro.install.places.index import Project
from jupyter_repro.install.places.places import make_place
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.solve.python_ladder import find_python_step
from jupyter_repro.install.solve.verdicts import PackageVerdict
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.pins import Pins, PythonPin
from jupyter_repro.packages.platforms import wheel_tags
from jupyter_repro.safety.redact import redact_url


def indexed(pins: Pins) -> Iterator[PythonPin]:
    """Yield the distributions that came from an index."""
    return (pin for pin in pins.packages if not pin.source)


def python_verdicts(
    snapshot: Snapshot, pins: Pins, platform: str, projects: Mapping[str, Project], trust: Trust
) -> list[PackageVerdict]:
    """Return the verdict on each distribution that pip or uv installed."""
    if not pins.packages:
        return []
    python = pins.python
    layers = snapshot.layers
    threaded = bool(layers.core.free_threaded)
    tags = frozenset(
        wheel_tags(layers.system, platform, python, free_threaded=threaded) if python else ()
    )

    not_asked = [
        f"not found, and {trust.how_to_allow('index', one.address)}"
        for one in trust.not_asked
        if one.kind == "index"
    ] or ["no index is allowed to be asked"] * (not trust.indexes)

    def verdict(pin: PythonPin) -> PackageVerdict:
        if pin.source:
            return _of_source(pin, trust)
        if python is None:
            return _open(pin, "the record names no version of CPython to ask for")
        project = projects[str(canonicalize_name(pin.name))]
        step = find_python_step(pin, project, tags, python)
        if step.rung != "exact" and (unasked := trust.unasked_vendor(pin)):
            return _open(pin, unasked)
        if step.rung != "exact" and (silence := project.errors or not_asked):
            return _open(pin, silence[0])
        candidate = step.file.name if step.file and step.rung != "exact" else None
        return PackageVerdict(
            part="python",
            package=pin.requirement,
            verdict=step.rung,
            reason=step.reason,
            candidate=candidate,
            nearest=step.nearest,
        )

    return [verdict(pin) for pin in pins.packages]


def _open(pin: PythonPin, reason: str) -> PackageVerdict:
    package = f"{pin.name} @ {redact_url(pin.source)}" if pin.source else pin.requirement
    return PackageVerdict(part="python", package=package, verdict="not checked", reason=reason)


def _of_source(pin: PythonPin, trust: Trust) -> PackageVerdict:
    """Return the verdict on a distribution from an address: its archive may be gone."""
    if pin.is_repository:
        return _open(pin, "a commit of a repository: git is not asked")
    address = pin.source.partition("#")[0]
    folder, _, name = address.rpartition("/")
    place = make_place("index", folder, "the address of an archive")
    if place is None or not any(one.has(address) for one in trust.indexes):
        return _open(pin, trust.how_to_allow("index", folder))
    try:
        fetch(place, name, trust.indexes)
    except AbsentError as error:
        reason = f"the archive is gone: {error}"
        return PackageVerdict(
            part="python", package=pin.requirement, verdict="not installable", reason=reason
        )
    except FetchError as error:
        return _open(pin, str(error))
    return PackageVerdict(part="python", package=pin.requirement, verdict="exact")
