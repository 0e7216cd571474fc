"""Which facts of the numerical frameworks differ, besides their packages.

If the packages could be compared, they report the versions: one cause is reported once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.comparing.environments.numerics import UNREADABLE, setting_changes
from jupyter_repro.comparing.environments.stack import features_text, value_text
from jupyter_repro.model.fields import Scalar
from jupyter_repro.model.snapshot import Framework, FrameworksLayer
from jupyter_repro.packages.names import normalise
from jupyter_repro.packages.versions import version_kind

_TOOLKITS = ("cuda", "hip", "xpu")
_PACKAGE_FACT = "_package"
_FEATURES = "simd"


@dataclass(frozen=True)
class Told:
    """What the comparison of the packages has reported already.

    Parameters
    ----------
    kinds
        Normalised name of a distribution → the kinds of its changes.
    compared
        Whether the distributions of both sides could be compared at all.
    """

    kinds: Mapping[str, set[str]]
    compared: bool


def framework_changes(
    reference: FrameworksLayer, current: FrameworksLayer, told: Told, used: frozenset[str]
) -> Iterator[Change]:
    """Yield what differs in the frameworks.

    Parameters
    ----------
    told
        What must not be reported again.
    used
        Normalised names of the distributions that count as used.
    """
    before = {framework.name: framework for framework in reference.frameworks}
    after = {framework.name: framework for framework in current.frameworks}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        key = normalise(name)
        kinds = told.kinds.get(key, set())
        if new is not None:
            yield from _loaded_change(old, new)
        if old is None or new is None:
            if not told.compared:
                yield from _presence_change(old, new, used=key in used)
            continue
        yield from _version_change(old, new, kinds, used=key in used)
        yield from _toolkit_change(old, new, kinds, used=key in used)
        if old.version == new.version and not kinds:  # a different release has other facts
            yield from _build_changes(old, new, told, used=key in used)
        yield from _runtime_changes(old, new)


def _change(kind: str, subject: str, reference: object, current: object, *, used: bool) -> Change:
    return Change(
        kind=kind,
        layer="frameworks",
        subject=subject,
        reference=None if reference is None else value_text(reference),
        current=None if current is None else value_text(current),
        used=used,
    )


def _loaded_change(old: Framework | None, new: Framework) -> Iterator[Change]:
    """Yield a change if something was installed under a kernel that has the old module loaded."""
    if new.version is None or new.loaded is None:
        return
    kind = version_kind(new.version, new.loaded)
    # A module's own version may lack the local label that the distribution has
    if kind is None or (kind == "version-local" and "+" not in new.loaded):
        return
    if old is None or (old.version, old.loaded) != (new.version, new.loaded):
        texts = f"installed {new.version}", f"loaded {new.loaded}"
        yield _change("framework-loaded", new.name, *texts, used=True)


def _presence_change(
    old: Framework | None, new: Framework | None, *, used: bool
) -> Iterator[Change]:
    one = old or new
    # A framework that no installer recorded is seen only while it is loaded
    if one is not None and one.version is not None:
        kind = "package-missing" if new is None else "package-added"
        yield _change(kind, one.name, old and old.version, new and new.version, used=used)


def _version_change(
    old: Framework, new: Framework, kinds: set[str], *, used: bool
) -> Iterator[Change]:
    if kinds or old.version is None or new.version is None:
        return
    kind = version_kind(old.version, new.version)
    if kind:
        yield _change(kind, new.name, old.version, new.version, used=used)


def _toolkit_change(
    old: Framework, new: Framework, kinds: set[str], *, used: bool
) -> Iterator[Change]:
    sides = old.build, new.build
    known = all(set(_TOOLKITS) & side.keys() for side in sides)  # a missing fact is no CPU build
    values = [_toolkit(side) for side in sides]
    if known and values[0] != values[1] and not kinds & {"cpu-gpu-build", "version-local"}:
        kind = "framework-build" if all(values) else "cpu-gpu-build"
        texts = [value or "CPU only" for value in values]
        yield _change(kind, f"{new.name} build", *texts, used=used)


def _toolkit(build: Mapping[str, Scalar]) -> str | None:
    parts = [f"{name} {build[name]}" for name in _TOOLKITS if build.get(name)]
    return ", ".join(parts) or None


def _build_changes(old: Framework, new: Framework, told: Told, *, used: bool) -> Iterator[Change]:
    for fact in sorted((old.build.keys() & new.build.keys()) - set(_TOOLKITS)):
        values = old.build[fact], new.build[fact]
        if fact.endswith(_PACKAGE_FACT):
            if not told.compared:
                one, other = ({fact: value} for value in values)
                yield from setting_changes(
                    "frameworks", f"{new.name} ", one, other, "framework-build"
                )
        elif values[0] != values[1]:
            yield _change("framework-build", f"{new.name} {fact}", *values, used=used)


def _runtime_changes(old: Framework, new: Framework) -> Iterator[Change]:
    # The build reports the toolkit, and the instruction sets are a list
    before, after = (
        {name: value for name, value in side.runtime.items() if name not in (*_TOOLKITS, _FEATURES)}
        for side in (old, new)
    )
    yield from setting_changes("frameworks", f"{new.name} ", before, after, "framework-runtime")
    texts = [side.runtime.get(_FEATURES) for side in (old, new)]
    if all(isinstance(text, str) and text != UNREADABLE for text in texts):
        one, other = (set(str(text).split()) for text in texts)
        if one != other:
            values = features_text(one - other), features_text(other - one)
            yield _change("cpu-features", f"instruction sets of {new.name}", *values, used=True)
