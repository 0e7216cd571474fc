"""Compare with a snapshot that was imported from a file, without reporting what the file omits.

A file from a different tool describes a part of the stack, and of that part often only what was
requested. Before the comparison both sides are cut down to what the file contains: a layer that it
lacks is not checked, a package that it does not list is left out, and what it omits of a package
(channel, digest, installer) is taken from the other side. Requirements without a pin are judged
here.

Otherwise everything that the file does not list would count as missing or added. The comparison
itself treats a capture and a partial reference alike. A property test writes files that an
environment meets, in all spellings, and expects no finding. Requirements are stored beside the
packages, as ``requested``, so the digest covers them. The form of a fact shows how certain it is,
so that needs no field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace
from packaging.version import InvalidVersion, Version

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.comparing.environments.packages import ALIASES
from jupyter_repro.comparing.environments.requests import (
    Answer,
    Installed,
    installed_of,
    request_changes,
)
from jupyter_repro.model.report import LayerReport
from jupyter_repro.model.snapshot import LAYER_TITLES, CondaLayer, Layers, PackagesLayer, Snapshot
from jupyter_repro.packages.addresses import UNKNOWN
from jupyter_repro.packages.lines import CondaPackage, Distribution, parse_conda, parse_distribution
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.text import printable

GUESSED = "guessed"
"""Flag of a distribution whose name was taken from that of a module."""

_NAMED = 8
_COMMIT = re.compile(r"@([0-9a-f]{40})(?:#|$)")


@dataclass(frozen=True)
class Aligned:
    """Two snapshots that can be compared like captured ones, and what was found in aligning them.

    Parameters
    ----------
    changes
        The requirements that are not met.
    undecided, remarks
        Layer → why it is not checked, and which part of a compared layer is not.
    """

    reference: Snapshot
    current: Snapshot
    changes: list[Change] = field(default_factory=list)
    undecided: dict[str, LayerReport] = field(default_factory=dict)
    remarks: dict[str, str | None] = field(default_factory=dict)


def align(reference: Snapshot, current: Snapshot) -> Aligned:
    """Return two snapshots cut down to what an imported one contains; captured ones unchanged."""
    if reference.imported is None and current.imported is None:
        return Aligned(reference, current)
    used = _used(reference, current)
    undecided = {
        name: LayerReport(verdict="not checked", reason=reason)
        for name in LAYER_TITLES
        if (reason := _why_untold(name, reference, current))
    }
    answers: list[Answer] = []
    for partial, other, flip in ((reference, current, False), (current, reference, True)):
        if partial.imported is not None:
            for answer in request_changes(partial, other, used):
                change = answer.change
                flipped = answer._replace(change=_flipped(change)) if change and flip else answer
                answers.append(flipped)
    before, after = reference.layers, current.layers
    if current.imported is not None:
        after, before = _cut(current, reference, undecided)
    if reference.imported is not None:
        cut = replace(current, layers=after)
        before, after = _cut(replace(reference, layers=before), cut, undecided)
    before = replace(before, notebook=replace(before.notebook, used=sorted(used)))
    undecided |= _without_anything_in_common(before, after, answers, undecided)
    open_questions = {
        name: [one.name for one in answers if one.layer == name and one.met is None]
        for name in ("conda", "packages")
    }
    return Aligned(
        replace(reference, layers=before),
        replace(current, layers=after),
        [answer.change for answer in answers if answer.change],
        undecided,
        {
            name: _remark(reference, current, names)
            for name, names in open_questions.items()
            if name not in undecided
        },
    )


def _without_anything_in_common(
    before: Layers, after: Layers, answers: list[Answer], undecided: dict[str, LayerReport]
) -> dict[str, LayerReport]:
    """Return the layers for which the two sides have no fact in common."""
    judged = {answer.layer for answer in answers if answer.met is not None}
    told = {
        "conda": before.conda.packages or after.conda.status != "ok",
        "packages": before.packages.packages,
        "core": None not in (before.core.python, after.core.python),
    }
    report = LayerReport(verdict="not checked", reason="the two sides know nothing of it in common")
    return {
        name: report
        for name, compared in told.items()
        if not compared and name not in judged and name not in undecided
    }


def _why_untold(name: str, reference: Snapshot, current: Snapshot) -> str | None:
    if name == "notebook":
        return "an imported file does not say how the notebook ran"
    for side in (reference, current):
        layer = getattr(side.layers, name)
        if side.imported is not None and layer.status != "ok":
            return printable(layer.reason or "the imported file does not contain it")
    return None


def _used(reference: Snapshot, current: Snapshot) -> set[str]:
    """Return what the notebook imports; if that is not known, what the file requests by name."""
    sides = reference.layers, current.layers
    known = {normalise(name) for side in sides for name in side.notebook.used}
    if known:
        return known
    frameworks = {one.name for side in sides for one in side.frameworks.frameworks}
    return frameworks | {
        name
        for side in (reference, current)
        if side.imported is not None
        for name in (*installed_of(side).requested, *installed_of(side).python)
    }


def _flipped(change: Change) -> Change:
    kind = "package-added" if change.kind == "package-missing" else change.kind
    return Change(
        kind=kind,
        layer=change.layer,
        subject=change.subject,
        reference=change.current,
        current=change.reference,
        used=change.used,
    )


def _remark(reference: Snapshot, current: Snapshot, names: list[str]) -> str:
    partial = reference.imported or current.imported
    assert partial is not None
    text = f"what {partial.format} does not list is not compared"
    if names:
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        text += f"; nor could be {', '.join(names[:_NAMED])}{more}"
    return printable(text)


def _cut(
    partial: Snapshot, other: Snapshot, undecided: dict[str, LayerReport]
) -> tuple[Layers, Layers]:
    """Return the layers of both sides, cut down to what `partial` contains."""
    ours: dict[str, Any] = {name: getattr(partial.layers, name) for name in LAYER_TITLES}
    theirs: dict[str, Any] = {name: getattr(other.layers, name) for name in LAYER_TITLES}
    for name, report in undecided.items():
        for side in (ours, theirs):
            used = {"used": side[name].used} if name == "notebook" else {}
            side[name] = type(side[name])(status="unavailable", reason=report.reason, **used)
    if ours["conda"].status == theirs["conda"].status == "ok":
        ours["conda"], theirs["conda"] = _cut_conda(
            ours["conda"], theirs["conda"], installed_of(other)
        )
    if ours["packages"].status == theirs["packages"].status == "ok":
        ours["packages"], theirs["packages"] = _cut_packages(
            ours["packages"], theirs["packages"], whole=other.imported is None
        )
    names = {one.name for one in ours["frameworks"].frameworks}
    theirs["frameworks"] = replace(
        theirs["frameworks"],
        frameworks=[one for one in theirs["frameworks"].frameworks if one.name in names],
    )
    for name, facts in (
        ("core", ("free_threaded",)),
        ("system", ("container",)),
        ("gpu", ("vendor", "devices")),
        ("packages", ("user_site", "python_path")),
    ):
        known = {
            fact: getattr(theirs[name], fact) for fact in facts if not getattr(ours[name], fact)
        }
        ours[name] = replace(ours[name], **known)
    return Layers(**ours), Layers(**theirs)


def _cut_conda(
    ours: CondaLayer, theirs: CondaLayer, other: Installed
) -> tuple[CondaLayer, CondaLayer]:
    there = {
        parse_conda(group, line).key: (group, line)
        for group, lines in theirs.packages.items()
        for line in lines
    }
    kept: dict[str, list[str]] = {}
    found: dict[str, list[str]] = {}
    for group, lines in ours.packages.items():
        for line in lines:
            record = parse_conda(group, line)
            twin = there.get(record.key)
            if twin is not None:
                found.setdefault(twin[0], []).append(twin[1])
                where, told = _complete_record(group, line, record, twin)
                kept.setdefault(where, []).append(told)
            elif other.whole and ALIASES.get(record.key, record.key) not in other.python:
                kept.setdefault(group, []).append(line)
    return replace(ours, packages=kept), replace(theirs, packages=found)


def _complete_record(
    group: str, line: str, record: CondaPackage, twin: tuple[str, str]
) -> tuple[str, str]:
    """Return a record under its channel, or under the other side's channel if it has none."""
    there = parse_conda(*twin)
    is_same = (record.version, record.build) == (there.version, there.build)
    if group != UNKNOWN:
        told = is_same and not record.digest and record.archive == there.archive
        return group, twin[1] if told else line
    if is_same:
        return twin
    return twin[0], line.partition("#")[0] + ("" if record.archive else there.archive)


def _cut_packages(
    ours: PackagesLayer, theirs: PackagesLayer, *, whole: bool
) -> tuple[PackagesLayer, PackagesLayer]:
    there = {
        one.key: (line, one)
        for line in theirs.packages
        if "shadowed" not in (one := parse_distribution(line)).flags
    }
    kept, found = [], []
    for line in ours.packages:
        one = parse_distribution(line)
        twin = there.get(one.key)
        if twin is not None:
            found.append(twin[0])
            kept.append(_complete_distribution(one, twin[1]))
        elif whole and GUESSED not in one.flags:
            kept.append(line)
    return replace(ours, packages=sorted(kept)), replace(theirs, packages=sorted(found))


def _complete_distribution(one: Distribution, there: Distribution) -> str:
    version = there.version if _is_same_version(one.version, there.version) else one.version
    source = there.source if _is_same_source(one.source, there.source) else one.source
    notes = [there.installer, *sorted(there.flags), *filter(None, [source])]
    return f"{there.name}{f'=={version}' if version else ''} [{', '.join(notes)}]"


def _is_same_version(told: str, there: str) -> bool:
    """Return whether a stated version, which may lack the local label, is the one there."""
    if not told or told == there:
        return True
    try:
        public = Version(there).public
        return Version(told) in {Version(there), Version(public)}
    except InvalidVersion:
        return False


def _is_same_source(told: str, there: str) -> bool:
    """Return whether a stated address is the one there, as far as that can be compared.

    Only the name of a folder is known, and a branch may be at any commit.
    """
    if not told or told.startswith("file:"):
        return True
    if there.startswith("file:"):
        # pip freeze names the remote of an editable package, a capture names its folder
        commits = _COMMIT.search(told), _COMMIT.search(there)
        return not all(commits) or len({found[1] for found in commits if found}) == 1
    one, other = (text.partition("#")[0].removesuffix("/") for text in (told, there))
    if one == other:
        return True
    same_place = _without_revision(one) == _without_revision(other)
    return same_place and not _COMMIT.search(one)


def _without_revision(address: str) -> str:
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}://{host}/{(path.rpartition('@')[0] or path).removesuffix('.git')}"
