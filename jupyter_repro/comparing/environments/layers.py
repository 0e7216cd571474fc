"""Which layers of two snapshots can be compared, and what differs in them.

Nothing is weighed here. A layer that failed on either side is reported as not compared; a layer on
one side only is a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from jupyter_repro.comparing.environments.changes import Change
from jupyter_repro.comparing.environments.coverage import uncompared, uncompared_part
from jupyter_repro.comparing.environments.digests import unhashed
from jupyter_repro.comparing.environments.frameworks import Told, framework_changes
from jupyter_repro.comparing.environments.numerics import determinism_changes, library_changes
from jupyter_repro.comparing.environments.packages import (
    ALIASES,
    Context,
    Difference,
    conda_differences,
    distribution_differences,
    merge_differences,
)
from jupyter_repro.comparing.environments.partial import align
from jupyter_repro.comparing.environments.stack import (
    activation_changes,
    core_changes,
    gpu_changes,
    notebook_changes,
    plain_change,
    system_changes,
    third_party_changes,
)
from jupyter_repro.model.report import LayerReport
from jupyter_repro.model.snapshot import LAYER_TITLES, Layer, Layers, Snapshot, ThirdPartyLayer
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.text import printable

# To compare a new layer, add its function here. Other layers need more than the two sides, see
# `list_changes`
_COMPARE: dict[str, Callable[[Any, Any], Iterator[Change]]] = {
    "notebook": notebook_changes,
    "core": core_changes,
    "conda": activation_changes,
    "system": system_changes,
}


@dataclass(frozen=True)
class Comparison:
    """What differs, before it is weighed.

    Parameters
    ----------
    changes
        In no particular order.
    undecided
        Layer → why it could not be compared.
    remarks
        Layer → what the record of a compared layer lacks.
    """

    changes: list[Change] = field(default_factory=list)
    undecided: dict[str, LayerReport] = field(default_factory=dict)
    remarks: dict[str, str | None] = field(default_factory=dict)


def list_changes(reference: Snapshot, current: Snapshot) -> Comparison:
    """Return what differs between two snapshots, without weighing it."""
    aligned = align(reference, current)
    before, after = aligned.reference.layers, aligned.current.layers
    comparison = Comparison()
    for name in LAYER_TITLES:
        _compare_status(name, getattr(before, name), getattr(after, name), comparison)
    found = comparison.changes
    found += aligned.changes
    for name, compare in _COMPARE.items():
        if _both_ok(name, before, after):
            found += compare(getattr(before, name), getattr(after, name))
    found += _determinism_changes(before, after, comparison)
    if "gpu" not in comparison.undecided:
        found += gpu_changes(before.gpu, after.gpu)
    found += _environment_changes(before, after, comparison)
    packages = _package_changes(before, after)
    found += packages
    if _both_ok("libraries", before, after):
        names = frozenset(normalise(one.subject) for one in packages if one.kind == "blas")
        found += library_changes(before.libraries, after.libraries, names)
    _compare_third_parties(reference, current, comparison)
    for name, remark in unhashed(
        (before.conda, after.conda), (before.packages, after.packages)
    ).items():
        earlier = comparison.remarks.get(name)
        comparison.remarks[name] = printable("; ".join(filter(None, (earlier, remark))))
    comparison.undecided.update(aligned.undecided)
    comparison.remarks.update(aligned.remarks)
    found[:] = _join_threads(_without_echoes(found))
    # For packages of an imported file, `align` has already reported what it could not compare
    known = {"conda", "packages"} if reference.imported or current.imported else set()
    for name in LAYER_TITLES:
        if name not in known:
            _mark_uncompared(name, getattr(before, name), getattr(after, name), comparison)
    return comparison


def _mark_uncompared(name: str, before: Layer, after: Layer, comparison: Comparison) -> None:
    """Report a layer, or a part of one, that has nothing to compare."""
    if name in comparison.undecided or any(one.layer == name for one in comparison.changes):
        return
    remark = comparison.remarks.get(name)
    report = uncompared(name, before, after)
    if report is not None:
        told = [text for text in (remark, report.reason) if text]
        comparison.undecided[name] = msgspec.structs.replace(
            report, reason=printable("; ".join(dict.fromkeys(told))) or None
        )
        return
    part = uncompared_part(name, before, after)
    if part is not None:
        comparison.remarks[name] = printable("; ".join(filter(None, (remark, part))))


def _determinism_changes(before: Layers, after: Layers, comparison: Comparison) -> Iterator[Change]:
    """Yield what differs in seeds and switches, if there is something to judge.

    A notebook that you have only opened has not lost its seed, and the command line has none.
    """
    reason = None
    if after.determinism.status == "unavailable" or before.determinism.status == "unavailable":
        reason = "seeds are not judged where no notebook runs"
    elif before.determinism.seed is not None and after.determinism.seed is None:
        reason = "nothing is seeded yet in what was compared"
    if reason is not None:
        comparison.undecided["determinism"] = LayerReport(verdict="not checked", reason=reason)
    elif _both_ok("determinism", before, after):
        yield from determinism_changes(before.determinism, after.determinism)


def _both_ok(name: str, before: Layers, after: Layers) -> bool:
    return all(getattr(side, name).status == "ok" for side in (before, after))


# Layers whose own comparison reports that one side lacks them
_OPTIONAL = ("gpu", "frameworks", "conda", "determinism")


def _compare_status(name: str, before: Layer, after: Layer, comparison: Comparison) -> None:
    sides = (("in the reference", before), ("here", after))
    failed = [
        f"{where}: {printable(layer.reason or 'no reason given')}"
        for where, layer in sides
        if layer.status == "error"
    ]
    if failed:
        reason = printable("could not be read " + "; ".join(failed))
        comparison.undecided[name] = LayerReport(verdict="not checked", reason=reason)
        return
    remarks = [f"{where}: {layer.reason}" for where, layer in sides if layer.reason]
    if remarks and before.reason == after.reason:
        remarks = [before.reason or ""]
    comparison.remarks[name] = printable("; ".join(remarks)) or None
    if before.status != after.status and name not in _OPTIONAL:
        states = ["there" if layer.status == "ok" else None for layer in (before, after)]
        subject = LAYER_TITLES.get(name, name)
        comparison.changes.append(
            Change(
                kind="layer-status",
                layer=name,
                subject=subject,
                reference=states[0],
                current=states[1],
            )
        )


def _environment_changes(before: Layers, after: Layers, comparison: Comparison) -> Iterator[Change]:
    """Yield one change if only one side is conda, else if the kinds of environment differ."""
    kinds = [
        side.core.environment if side.core.status == "ok" else None for side in (before, after)
    ]
    if {before.conda.status, after.conda.status} == {"ok", "unavailable"}:
        words = ["conda" if side.conda.status == "ok" else "not conda" for side in (before, after)]
        comparison.undecided["conda"] = LayerReport(
            verdict="not comparable",
            reason="one side is not a conda environment; the Python distributions are compared",
        )
        yield Change(
            kind="environment-kind",
            layer="core",
            subject="kind of environment",
            reference=kinds[0] or words[0],
            current=kinds[1] or words[1],
        )
    else:
        yield from plain_change("environment", "core", "kind of environment", *kinds)


def _package_changes(before: Layers, after: Layers) -> list[Change]:
    """Return what differs in packages and frameworks, one change for one cause."""
    used, context = _used(before, after), comparison_context(before, after)
    conda: list[Difference] = []
    python: list[Difference] = []
    if _both_ok("conda", before, after):
        conda = conda_differences(before.conda, after.conda, context)
    if _both_ok("packages", before, after):
        python = distribution_differences(before.packages, after.packages, context)
    changes = merge_differences(conda, python)
    if _both_ok("packages", before, after):
        for kind, subject, attribute in (
            ("python-path", "PYTHONPATH is set", "python_path"),
            ("python-path", "user site is on the path", "user_site"),
        ):
            values = [getattr(side.packages, attribute) for side in (before, after)]
            changes += plain_change(kind, "packages", subject, *values)
    if "error" in {before.frameworks.status, after.frameworks.status}:
        return changes
    names = _framework_names(before) | _framework_names(after)
    changes = [
        replace(change, layer="frameworks") if _identity(change) in names else change
        for change in changes
    ]
    kinds: dict[str, set[str]] = defaultdict(set)
    for change in changes:
        kinds[_identity(change)].add(change.kind)
    told = Told(kinds, compared=_both_ok("packages", before, after))
    changes += framework_changes(before.frameworks, after.frameworks, told, used)
    return changes


def _framework_names(layers: Layers) -> set[str]:
    return {normalise(framework.name) for framework in layers.frameworks.frameworks}


def _identity(change: Change) -> str:
    key = normalise(change.subject)
    return ALIASES.get(key, key)


def _used(before: Layers, after: Layers) -> frozenset[str]:
    known = {normalise(name) for side in (before, after) for name in side.notebook.used}
    loaded = {
        normalise(framework.name)
        for side in (before, after)
        for framework in side.frameworks.frameworks
        if framework.loaded is not None or not known
    }
    return frozenset(known | loaded)


def comparison_context(before: Layers, after: Layers) -> Context:
    """Return the context that decides how the packages of two environments are compared."""
    platforms = before.system.platform, after.system.platform
    cores = before.core, after.core
    conda = {before.conda.status, after.conda.status}
    return Context(
        used=_used(before, after),
        other_platform=None not in platforms and platforms[0] != platforms[1],
        other_environment=conda == {"ok", "unavailable"},
        python_known=all(core.status == "ok" and core.python is not None for core in cores),
    )


def _compare_third_parties(reference: Snapshot, current: Snapshot, comparison: Comparison) -> None:
    for name in sorted(reference.third_party.keys() | current.third_party.keys()):
        before, after = reference.third_party.get(name), current.third_party.get(name)
        layer = name
        while layer in LAYER_TITLES or layer in comparison.undecided:
            layer = f"third_party.{layer}"  # a document may claim the name of a built-in layer
        if before is None or after is None:
            reason = "not recorded in the reference" if before is None else "not recorded here"
            comparison.undecided[layer] = LayerReport(verdict="not checked", reason=reason)
            continue
        _compare_third_party(layer, before, after, comparison)


def _compare_third_party(
    name: str, before: ThirdPartyLayer, after: ThirdPartyLayer, comparison: Comparison
) -> None:
    _compare_status(name, before, after, comparison)
    if before.status == after.status == "ok":
        comparison.changes.extend(third_party_changes(name, before, after))
    _mark_uncompared(name, before, after, comparison)


_ECHOED = frozenset(("cudnn", "cuda-runtime", "blas", "cpu-features"))


def _without_echoes(changes: list[Change]) -> list[Change]:
    """Drop a framework's changes that its library or the processor has reported already."""
    told = {change.kind for change in changes if not _is_echo(change)}
    return [change for change in changes if not (_is_echo(change) and change.kind in told)]


def _is_echo(change: Change) -> bool:
    framework = change.layer == "frameworks" and change.installer is None
    return framework and change.kind in _ECHOED


def _join_threads(changes: list[Change]) -> list[Change]:
    """Join the libraries whose numbers of threads changed in the same way: one cause."""
    joined: dict[tuple[str | None, str | None], list[Change]] = defaultdict(list)
    for change in changes:
        if change.kind == "threads":
            joined[change.reference, change.current].append(change)
    kept = [change for change in changes if change.kind != "threads"]
    for same in joined.values():
        subjects = dict.fromkeys(change.subject for change in same)
        kept.append(replace(same[0], layer="libraries", subject=f"threads ({', '.join(subjects)})"))
    return kept
