"""How reliable the facts of an imported snapshot are, judged by their form.

* ``exact``: a conda build, or a source with its commit or digest
* ``version``: one version of a package
* ``constraint``: a request of a file: a range, a branch, any version
* ``guess``: the name was guessed from the name of a module
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal, TypeAlias

from packaging.requirements import InvalidRequirement, Requirement

from jupyter_repro.model.snapshot import LAYER_TITLES, Snapshot
from jupyter_repro.packages.lines import Distribution, parse_conda, parse_distribution
from jupyter_repro.packages.match_spec import parse_match_spec
from jupyter_repro.packages.names import normalise

Confidence: TypeAlias = Literal["exact", "version", "constraint", "guess"]

CONFIDENCES: tuple[Confidence, ...] = ("exact", "version", "constraint", "guess")
"""The most reliable first."""

_PINNED_SOURCE = re.compile(r"@[0-9a-f]{40}(?:#|$)|#sha[0-9]+=|#.*&sha[0-9]+=")


def confidences(snapshot: Snapshot) -> dict[str, dict[Confidence, int]]:
    """Return the number of facts of each layer, by confidence.

    Parameters
    ----------
    snapshot
        An imported snapshot.

    Returns
    -------
    dict
        Name of the layer → confidence → number of facts, for the layers with facts.
    """
    layers = snapshot.layers
    found: dict[str, Counter[Confidence]] = {name: Counter() for name in LAYER_TITLES}
    pinned = set()
    for group, lines in layers.conda.packages.items():
        for line in lines:
            pinned.add(parse_conda(group, line).key)
            found["conda"]["exact"] += 1
    for text in layers.conda.requested:
        spec = parse_match_spec(text)
        if spec is None or not (spec.is_exact and normalise(spec.name) in pinned):
            single = spec is not None and (spec.version or "").startswith("==")
            found["conda"]["version" if single and spec and spec.pin else "constraint"] += 1
    for line in layers.packages.packages:
        found["packages"][_of_distribution(parse_distribution(line))] += 1
    for text in layers.packages.requested:
        found["packages"][_of_requirement(text)] += 1
    if snapshot.imported is not None and snapshot.imported.requires_python:
        found["core"]["constraint"] += 1
    for name in ("core", "system", "gpu"):
        layer = getattr(layers, name)
        facts = [key for key in layer.__struct_fields__ if key not in {"status", "reason"}]
        told = sum(1 for key in facts if getattr(layer, key) not in (None, False, [], {}))
        found[name].update({"exact": told} if told else {})
    if layers.core.status == "ok" and not found["core"]:
        found["core"]["constraint"] += 1
    found["frameworks"]["exact"] += len(layers.frameworks.frameworks)
    found["notebook"]["guess"] += len(layers.notebook.used)
    return {
        name: {sure: counts[sure] for sure in CONFIDENCES if counts[sure]}
        for name, counts in found.items()
        if counts.total()
    }


def _of_distribution(one: Distribution) -> Confidence:
    if "guessed" in one.flags:
        return "guess"
    if _PINNED_SOURCE.search(one.source):
        return "exact"
    return "version" if one.version else "constraint"


def _of_requirement(text: str) -> Confidence:
    try:
        specifiers = [*Requirement(text).specifier]
    except InvalidRequirement:
        return "constraint"
    single = len(specifiers) == 1 and specifiers[0].operator in {"==", "==="}
    return "version" if single and "*" not in specifiers[0].version else "constraint"
