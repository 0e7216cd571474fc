"""Capture: ask every probe, keep why one failed, and make a snapshot of what they say.

An unredacted value never leaves a probe; the scan here is the second net, not the first.
"""

from __future__ import annotations

from datetime import datetime, timezone
from functools import cache
from typing import Any

import msgspec

from jupyter_repro import registry
from jupyter_repro._version import __version__
from jupyter_repro.redact import HIDDEN, find_secrets, redact_text
from jupyter_repro.snapshot import (
    SCHEMA_VERSION,
    Layer,
    Layers,
    Snapshot,
    ThirdPartyLayer,
    digest_of,
)
from jupyter_repro.world import World, current_world


def capture(world: World | None = None) -> Snapshot:
    """Record the stack that this process runs in.

    Nothing is imported for it, no process is started, and nothing is changed.

    Parameters
    ----------
    world
        What to look at; by default this process.

    Returns
    -------
    Snapshot
        A probe that fails is a layer with the status ``error`` and its reason.

    Examples
    --------
    >>> snapshot = capture()
    >>> snapshot.layers.core.status
    'ok'
    """
    world = world or current_world()
    layers = Layers(**{name: _collect_layer(name, world) for name in registry.PROBES})
    third_party = {
        name: _collect_third_party(probe, world) for name, probe in _third_party().items()
    }
    layers, third_party = _without_secrets((layers, third_party), world)
    return Snapshot(
        schema_version=SCHEMA_VERSION,
        created=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        tool=__version__,
        digest=digest_of(layers, third_party),
        layers=layers,
        third_party=third_party,
    )


@cache
def _third_party() -> dict[str, registry.ThirdPartyProbe | registry.Broken]:
    # Reading all entry points costs 11–25 ms: once a process
    return registry.third_party_probes()


def _collect_layer(name: str, world: World) -> Layer:
    wanted = _LAYER_TYPES[name]
    try:
        layer = registry.builtin_probe(name).collect(world)
        # Struct constructors do not check the limits; decoding does
        return msgspec.convert(msgspec.to_builtins(layer), wanted)
    except Exception as error:  # noqa: BLE001 - whatever happens in one probe, the rest goes on
        return wanted(status="error", reason=_reason(error, world))


_LAYER_TYPES: dict[str, type[Layer]] = {
    field.name: field.type for field in msgspec.structs.fields(Layers)
}


def _collect_third_party(
    probe: registry.ThirdPartyProbe | registry.Broken, world: World
) -> ThirdPartyLayer:
    if isinstance(probe, registry.Broken):
        return ThirdPartyLayer(status="error", reason=redact_text(probe.reason, world))
    try:
        return msgspec.convert(msgspec.to_builtins(probe.collect(world)), ThirdPartyLayer)
    except Exception as error:  # noqa: BLE001 - a stranger's code can raise anything
        return ThirdPartyLayer(status="error", reason=_reason(error, world))


def _reason(error: Exception, world: World) -> str:
    return redact_text(f"{type(error).__name__}: {error}", world)


def _without_secrets(
    parts: tuple[Layers, dict[str, ThirdPartyLayer]], world: World
) -> tuple[Layers, dict[str, ThirdPartyLayer]]:
    text = msgspec.json.encode(parts).decode()
    found = find_secrets(text, world.environ)
    if not found:
        return parts
    plain: Any = _replace(msgspec.to_builtins(parts), found)
    return msgspec.convert(plain, tuple[Layers, dict[str, ThirdPartyLayer]])


def _replace(value: Any, secrets: list[str]) -> Any:  # noqa: ANN401 - plain JSON
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, HIDDEN)
        return value
    if isinstance(value, (list, tuple)):
        return [_replace(item, secrets) for item in value]
    if isinstance(value, dict):
        return {_replace(key, secrets): _replace(item, secrets) for key, item in value.items()}
    return value
