"""Capture: run every probe, record why one failed, and make a snapshot of their results.

A probe never returns an unredacted value; the scan here is only a second check.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from functools import cache
from typing import Any, TypeAlias, TypeVar

import msgspec
from msgspec import Struct

from jupyter_repro._version import __version__
from jupyter_repro.capturing import plugins
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.snapshot import (
    LAYER_TYPES,
    SCHEMA_VERSION,
    CondaLayer,
    Layer,
    Layers,
    NotebookLayer,
    PackagesLayer,
    Snapshot,
    ThirdPartyLayer,
)
from jupyter_repro.safety.package_grammar import (
    Clean,
    keep_conda_file,
    keep_distribution,
    keep_name,
    keep_specification,
)
from jupyter_repro.safety.redact import (
    describe_error,
    find_secrets,
    hide_values,
    redact_text,
    secret_values,
)
from jupyter_repro.safety.world import World, current_world

AnyLayer = TypeVar("AnyLayer", bound=Layer)
AnyStruct = TypeVar("AnyStruct", bound=Struct)
Keep: TypeAlias = Callable[[str, Clean], str]


def capture(world: World | None = None) -> Snapshot:
    """Record the stack that this process runs in.

    It imports nothing, starts no process and changes nothing.

    Parameters
    ----------
    world
        The context to read; by default this process.

    Returns
    -------
    Snapshot
        The layer of a probe that failed has the status ``error`` and the reason.

    Examples
    --------
    >>> snapshot = capture()
    >>> snapshot.layers.core.status
    'ok'
    """
    world = replace(world or current_world(), memo={})
    collected: dict[str, Any] = {name: _collect_layer(name, world) for name in plugins.PROBES}
    layers = Layers(**collected)
    third_party = {
        name: _collect_third_party(probe, world) for name, probe in _third_party().items()
    }
    return Snapshot(
        schema_version=SCHEMA_VERSION,
        created=datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        tool=__version__,
        digest=digest_of(layers, third_party),
        layers=layers,
        third_party=third_party,
    )


@cache
def _third_party() -> dict[str, plugins.ThirdPartyProbe | plugins.Broken]:
    return plugins.third_party_probes()


def _collect_layer(name: str, world: World) -> Layer:
    wanted = LAYER_TYPES[name]
    try:
        return validated(plugins.builtin_probe(name).collect(world), wanted, world)
    except Exception as error:  # noqa: BLE001 - whatever happens in one probe, the rest goes on
        return _failed(error, wanted, world)


def _collect_third_party(
    probe: plugins.ThirdPartyProbe | plugins.Broken, world: World
) -> ThirdPartyLayer:
    if isinstance(probe, plugins.Broken):
        layer = ThirdPartyLayer(status="error", reason=redact_text(probe.reason, world))
        return validated(layer, ThirdPartyLayer, world)
    try:
        return validated(probe.collect(world), ThirdPartyLayer, world)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's code can raise anything
        return _failed(error, ThirdPartyLayer, world)


def _failed(error: BaseException, wanted: type[AnyLayer], world: World) -> AnyLayer:
    return validated(wanted(status="error", reason=describe_error(error, world)), wanted, world)


def validated(layer: Struct, wanted: type[AnyStruct], world: World) -> AnyStruct:
    """Return a part of a snapshot as a reader will get it back, without secrets.

    Struct constructors check nothing. Decoding checks the limits, and encoding finds values that
    cannot be stored, such as half surrogates.
    """
    data = msgspec.json.encode(layer)
    secrets = find_secrets(data.decode(), secret_values(world.environ))
    if secrets:
        kept = _PACKAGES.get(wanted, {})
        cleaned = {
            name: _replace(value, secrets, kept.get(name, _keep_nothing))
            for name, value in msgspec.json.decode(data).items()
        }
        data = msgspec.json.encode(cleaned)
    return msgspec.json.decode(data, type=wanted)


_PACKAGES: dict[type[Struct], dict[str, Keep]] = {
    CondaLayer: {
        "packages": keep_conda_file,
        "install_order": keep_name,
        "requested": keep_specification,
        "pinned": keep_specification,
    },
    PackagesLayer: {"packages": keep_distribution, "requested": keep_specification},
    NotebookLayer: {"used": keep_name},
}
"""The fields that hold packages: a name is no secret, also where it looks like one."""


def _keep_nothing(text: str, clean: Clean) -> str:
    return clean(text)


def _replace(value: Any, secrets: list[str], keep: Keep) -> Any:  # noqa: ANN401 - plain JSON
    if isinstance(value, str):
        return keep(value, lambda text: hide_values(text, secrets))
    if isinstance(value, (list, tuple)):
        return [_replace(item, secrets, keep) for item in value]
    if isinstance(value, dict):
        return {
            hide_values(key, secrets): _replace(item, secrets, keep) for key, item in value.items()
        }
    return value
