"""How near the available conda packages are: the rungs of the ladder, as pure functions.

A rung says how near a package is to the recorded one, so that you can decide. The choice among
candidates depends on the pin and the candidates alone, so `solve` reports what `restore --relax`
does.

`solve` and an installation must agree on the nearest package, so both call `find_step`. A rebuild
(a different hash or number of the same variant) and a different variant (Python, BLAS, CUDA) are
two rungs, because a different variant changes numbers. A public package is never a candidate for
one from a private channel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, Literal, NamedTuple, TypeAlias

from jupyter_repro.install.places.places import normal_address
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.solve.variants import (
    DECIDING,
    Recorded,
    has_same_hash,
    is_for_another_python,
    unmet,
)
from jupyter_repro.packages.pins import CondaPin
from jupyter_repro.packages.versions import build_variant, major_minor, version_key

Rung: TypeAlias = Literal[
    "exact", "exact, unlisted", "rebuilt", "by version", "by major.minor", "not installable"
]

RUNGS: tuple[Rung, ...] = (
    *("exact", "exact, unlisted"),
    *("rebuilt", "by version", "by major.minor", "not installable"),
)
"""The best one first."""

SAME_FILE: frozenset[str] = frozenset(RUNGS[:2])
"""Rungs on which the recorded file itself is available."""

UNHASHED = "no hash was recorded: it is the same name, version and build"
"""Reason of an exact package whose hash is not known."""

NEAREST = 3
"""Number of candidates to name if the user has to choose a package."""


class Step(NamedTuple):
    """Where a recorded conda package stands on the ladder.

    Parameters
    ----------
    record
        What would be installed; None where nothing of the same major and minor version is listed.
    reason
        A sentence without its full stop; empty if the same file is known to be in the same place.
    nearest
        Names of other files, the nearest one first; empty if the file itself is there.
    """

    pin: CondaPin
    rung: Rung
    record: Record | None
    reason: str
    nearest: tuple[str, ...] = ()


def find_step(
    pin: CondaPin,
    listed: Iterable[Record],
    recorded: Recorded | None = None,
    *,
    allow_md5: bool = False,
) -> Step:
    """Return where a package stands on the ladder.

    Parameters
    ----------
    pin
        The recorded package.
    listed
        What the allowed channels list under its name, those of the first channel first.
    recorded
        The environment of the package: a build for a different Python is never offered, and one
        that needs a different BLAS or CUDA is a different variant.
    allow_md5
        Whether an md5 is enough to call two files the same.
    """
    records = [one for one in listed if one.name == pin.name and one.is_well_formed]
    same = [one for one in records if _is_same_file(pin, one, allow_md5=allow_md5)]
    if same:
        record = min(same, key=lambda one: not _is_at_home(pin, one))
        return Step(pin, "exact", record, _where(pin, record))
    environment = recorded or {}
    usable = [one for one in records if not is_for_another_python(pin, one, environment)]
    choose = _Choice(pin, environment)
    version = [one for one in usable if one.version == pin.version]
    if alike := [one for one in version if one.build == pin.build]:
        record = min(alike, key=lambda one: (one.file_name != pin.file_name, _away(pin, one)))
        if _is_same_build(pin, record):
            return Step(pin, "exact", record, UNHASHED)
        return Step(pin, "rebuilt", record, _why_not_same(pin, record), _names(pin, alike, record))
    if rebuilt := [one for one in version if choose.is_rebuilt(one)]:
        record = max(rebuilt, key=choose.likeness)
        reason = (
            f"build {pin.build} is no longer available; "
            f"{record.build} is another build of the same variant"
        )
        return Step(pin, "rebuilt", record, reason, _names(pin, rebuilt, record))
    if version:
        record = max(version, key=choose.likeness)
        reason = (
            f"build {pin.build} is no longer available; "
            f"{record.build} is a different variant{choose.why_different(record)}"
        )
        return Step(pin, "by version", record, reason, _names(pin, version, record))
    series = [one for one in usable if major_minor(one.version) == major_minor(pin.version)]
    if series:
        newest = max((one.version for one in series), key=version_key)
        record = max((one for one in series if one.version == newest), key=choose.likeness)
        reason = f"version {pin.version} is gone; {newest} is of the same major and minor version"
        return Step(pin, "by major.minor", record, reason, _names(pin, series, record))
    if not records:
        return Step(pin, "not installable", None, f"no channel lists a {pin.name}")
    if any(major_minor(one.version) == major_minor(pin.version) for one in records):
        reason = f"{pin.name} {major_minor(pin.version)} is listed for a different Python only"
    else:
        reason = f"no version {major_minor(pin.version)} of {pin.name} is listed"
    return Step(pin, "not installable", None, reason, _names(pin, usable))


def for_platform(step: Step, platform: str) -> Step:
    """Return a step with a reason that fits a platform other than the recorded one.

    Builds belong to one platform, so the recorded one is not gone.
    """
    record = step.record
    if record is None or step.rung == "exact":
        return step
    if step.rung == "by major.minor":
        reason = f"version {step.pin.version} is not listed for {platform}, {record.version} is"
    else:
        reason = f"{record.build} is its build for {platform}"
    return step._replace(reason=reason)


def worst(rungs: Iterable[Rung]) -> Rung:
    """Return the lowest rung; the highest if there are none."""
    return max(rungs, key=RUNGS.index, default="exact")


def _is_same_file(pin: CondaPin, record: Record, *, allow_md5: bool) -> bool:
    if pin.sha256:
        return record.sha256 == pin.sha256
    return bool(allow_md5 and pin.md5 and record.md5 == pin.md5)


def _is_same_build(pin: CondaPin, record: Record) -> bool:
    """Return whether a package recorded without a hash is taken for the same.

    A private one is not: anyone can publish a package of that name and build.
    """
    is_same_file = not pin.archive or record.file_name == pin.file_name
    return not pin.digest and not pin.is_private and is_same_file and _is_at_home(pin, record)


def _is_at_home(pin: CondaPin, record: Record) -> bool:
    if not pin.channel:  # its channel is not recorded
        return True
    channel = normal_address(record.channel)
    return channel == normal_address(pin.channel) and record.subdir == (pin.subdir or record.subdir)


def _away(pin: CondaPin, record: Record) -> bool:
    return not _is_at_home(pin, record)


def _where(pin: CondaPin, record: Record) -> str:
    if pin.is_private:
        return f"recorded from a private or local channel; {record.channel} has the same file"
    if _is_at_home(pin, record):
        return ""
    return f"no more in {pin.channel}; {record.channel} has the same file, by its hash"


def _why_not_same(pin: CondaPin, record: Record) -> str:
    if record.file_name != pin.file_name and pin.archive:
        return f"the same build, but as {record.file_name}"
    if pin.sha256 and record.sha256:
        return (
            f"rebuilt under the same name: the hash was {pin.sha256[:12]}…, "
            f"now it is {record.sha256[:12]}…"
        )
    if pin.sha256:
        return "listed without a sha256, so it cannot be compared with the recorded file"
    if pin.md5 and record.md5 == pin.md5:
        return "only its md5 is recorded, and it is the same; if that is enough: --allow-md5"
    if pin.md5:
        return "rebuilt under the same name: its md5 is different"
    return "no hash is recorded, so it cannot be compared with the recorded file"


class _Choice(NamedTuple):
    """Which of several candidates is the nearest, by what was recorded with the package."""

    pin: CondaPin
    recorded: Recorded

    def is_rebuilt(self, record: Record) -> bool:
        """Return whether a candidate is of the recorded variant."""
        if build_variant(record.build) != build_variant(self.pin.build):
            return False
        return has_same_hash(self.pin, record) or not self._deciding(record)

    def why_different(self, record: Record) -> str:
        """Return what a different variant needs, if it is known."""
        names = sorted(self._deciding(record))
        return f" (it needs a different {', '.join(names)})" if names else ""

    def likeness(self, record: Record) -> tuple[Any, ...]:
        """Return a sort key: the variant, then the recorded place, then the latest build."""
        return (
            has_same_hash(self.pin, record),
            -len(self._deciding(record)),
            _common(self.pin, record),
            -len(set(unmet(record, self.recorded))),
            _is_at_home(self.pin, record),
            record.build_number,
            record.build,
        )

    def _deciding(self, record: Record) -> frozenset[str]:
        return DECIDING.intersection(unmet(record, self.recorded))


def _likeness(pin: CondaPin, record: Record) -> tuple[Any, ...]:
    """Return a sort key: parts of the build in common, the recorded place, the latest build."""
    return _common(pin, record), _is_at_home(pin, record), record.build_number, record.build


def _common(pin: CondaPin, record: Record) -> int:
    wanted, has = set(_tokens(pin.build)), set(_tokens(record.build))
    return len(wanted & has) - len(wanted ^ has)


def _tokens(build: str) -> list[str]:
    return [token for part in build_variant(build) for token in re.findall(r"[a-z]+\d*", part)]


def _names(
    pin: CondaPin, records: Sequence[Record], taken: Record | None = None
) -> tuple[str, ...]:
    """Return the names of the nearest other files: by version, then by similarity of build."""
    recorded = version_key(pin.version)
    older = sorted({one.version for one in records}, key=version_key, reverse=True)
    newer = [version for version in reversed(older) if version_key(version) >= recorded]
    older = [version for version in older if version_key(version) < recorded]
    # The next one up, the next one down, and so on
    order = [
        version for pair in zip_longest(newer, older) for version in pair if version is not None
    ]
    place = {version: number for number, version in enumerate(order)}
    ranked = sorted(records, key=lambda one: _likeness(pin, one), reverse=True)
    ranked.sort(key=lambda one: place[one.version])
    names = dict.fromkeys(one.file_name for one in ranked)
    names.pop(taken.file_name if taken else "", None)
    return tuple(names)[:NEAREST]
