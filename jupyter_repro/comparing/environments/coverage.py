"""Which parts of a layer could be compared: a layer without any does not match.

A comparison skips the facts that one side lacks. This module reports it: a layer that neither side
has is *not present*; a layer without a fact that both sides have is *not checked*.

Comparing nothing is not a match. In the stored form the verdict of a layer that is not present
stays ``not checked``, beside ``absent``, because older front ends accept no other word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_repro.model.report import LayerReport
from jupyter_repro.model.snapshot import LAYER_TYPES, Layer

_NAMED = 5

# Facts that are compared even if only one side has them: then they differ
_WHOLE: dict[str, Callable[[Any], object]] = {
    "frameworks": lambda layer: layer.frameworks,
    "packages": lambda layer: layer.packages,
    "conda": lambda layer: layer.packages,
    "gpu": lambda layer: layer.devices,
}
# Facts that are compared if both sides have them; of a layer that is not listed here, all facts
_SHARED: dict[str, tuple[str, ...]] = {
    "notebook": ("language", "git"),
    "core": ("python", "implementation", "manager", "environment", "compiler"),
    "system": ("platform", "os", "kernel", "libc", "machine", "cpu", "cpu_features", "cores"),
    "determinism": ("seed", "determinism", "hash_randomization", "variables", "torch"),
}


def uncompared(name: str, before: Layer, after: Layer) -> LayerReport | None:
    """Return the report on a layer in which nothing differs because nothing is compared.

    Parameters
    ----------
    name
        Name of the layer; a third party's layer has `facts`.
    before, after
        The layers of the reference and of the current snapshot; neither has failed.

    Returns
    -------
    LayerReport or None
        None if a part of it was compared.
    """
    if before.status == after.status == "unavailable":
        return LayerReport(verdict="not checked", absent=True)
    if before.status != "ok" or after.status != "ok":
        return None
    if name == "libraries":
        return _uncompared_libraries(before, after)
    if name in LAYER_TYPES and name not in _WHOLE:
        shared = _SHARED.get(name, set(before.__struct_fields__) - {"status", "reason"})
        known = [
            {fact for fact in shared if getattr(layer, fact) not in (None, {}, [])}
            for layer in (before, after)
        ]
        if known[0] & known[1]:
            return None
        reason = "the two sides know nothing of it in common"
        return LayerReport(verdict="not checked", reason=reason, absent=not any(known))
    facts = _WHOLE.get(name, _third_party_facts)
    return None if facts(before) or facts(after) else _ABSENT


_ABSENT = LayerReport(verdict="not checked", absent=True)


def _third_party_facts(layer: Any) -> object:  # noqa: ANN401 - any layer with facts
    return layer.facts


def _uncompared_libraries(before: Any, after: Any) -> LayerReport | None:  # noqa: ANN401
    loaded = [{library.name for library in layer.loaded} for layer in (before, after)]
    if loaded[0] & loaded[1]:
        return None
    if not any(loaded):
        return None if before.variables or after.variables else _ABSENT
    reason = (
        "none of the recorded libraries is loaded here"
        if loaded[0]
        else "none was loaded when it was recorded"
    )
    return LayerReport(verdict="not checked", reason=reason)


def uncompared_part(name: str, before: Any, after: Any) -> str | None:  # noqa: ANN401
    """Return which part of a compared layer was not compared, because it is not loaded here.

    Parameters
    ----------
    name, before, after
        As for `uncompared`.
    """
    if before.status != "ok" or after.status != "ok":
        return None
    missing: set[str] = set()
    if name == "libraries":
        missing = {one.name for one in before.loaded} - {one.name for one in after.loaded}
    elif name == "frameworks":
        here = {one.name for one in after.frameworks if one.loaded is not None}
        missing = {one.name for one in before.frameworks if one.loaded is not None} - here
    elif name == "determinism" and before.torch and not after.torch:
        missing = {"the switches of PyTorch"}
    if not missing:
        return None
    names = sorted(missing)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"not compared, since not loaded here: {', '.join(names[:_NAMED])}{more}"
