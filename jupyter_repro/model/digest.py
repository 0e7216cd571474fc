"""The digest of an environment, by which two snapshots of the same one are known.

What the digest covers: the environment, not its state. It leaves out the notebook layer (its
imports grow while it runs), facts that only a loaded library can give, and the generators.
Otherwise each cell would be stamped with a different digest, and git would show a change after
every run.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec import Struct

from jupyter_repro.model.snapshot import LAYER_TYPES, Layers, ThirdPartyLayer


def digest_of(layers: Layers, third_party: dict[str, ThirdPartyLayer]) -> str:
    """Return the sha256 of the parts that stay the same as long as the environment does.

    Left out are the times, layers that are not `IN_DIGEST` (the imports of the notebook grow while
    it runs, the generators move on), and the `STATE` of the others: reasons, and what only a loaded
    library tells.

    Parameters
    ----------
    layers, third_party
        As in a `Snapshot`.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    stable: dict[str, Any] = msgspec.to_builtins(layers)
    for name, kind in LAYER_TYPES.items():
        if kind.IN_DIGEST:
            _drop_state(getattr(layers, name), stable[name])
        else:
            del stable[name]
    if third_party:
        stable["third_party"] = msgspec.to_builtins(third_party)
        for name, layer in third_party.items():
            _drop_state(layer, stable["third_party"][name])
    return hashlib.sha256(msgspec.json.encode(stable, order="sorted")).hexdigest()


def _drop_state(part: Struct, stored: dict[str, Any]) -> None:
    """Remove the `STATE` of a layer, and of what it lists, from its stored form."""
    for name in getattr(part, "STATE", ()):
        stored.pop(name, None)
    for name, value in stored.items():
        if isinstance(value, dict):
            # A front end may have rewritten 2.0 as 2: JavaScript knows no difference
            for key, fact in value.items():
                if isinstance(fact, float) and fact.is_integer():
                    value[key] = int(fact)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for inner, form in zip(getattr(part, name), value, strict=True):
                _drop_state(inner, form)
