"""Find the channels of a conda prefix in the order of their priority.

The records do not contain that order. pixi's manifest, the command that created the environment
and the configuration files of conda or mamba do. Every name is redacted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_repro.capturing.sources.conda.condarc import Program, read_configuration
from jupyter_repro.capturing.sources.conda.history import History
from jupyter_repro.capturing.sources.conda.prefix import pixi_facts, read_config
from jupyter_repro.packages.addresses import redact_channel
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.toml import parse_toml
from jupyter_repro.safety.world import World


def find_channels(prefix: Path, world: World, history: History) -> tuple[list[str], str | None]:
    """Return the channels by priority, and where that order was found.

    The configuration of the program that created the prefix counts. If one of its files cannot be
    read, the program may use channels that we do not see, so none are returned.
    """
    if pixi := _pixi_channels(prefix):
        return pixi, "pixi manifest"
    if history.channels:
        return history.channels, "conda-meta/history"
    program: Program = "mamba" if history.tool in {"mamba", "micromamba"} else "conda"
    configuration = read_configuration(world, prefix, program)
    if not configuration.channels or not configuration.is_readable:
        return [], None
    origins = dict.fromkeys(item.origin for item in configuration.channels)
    return (
        [redact_channel(item.text) for item in configuration.channels],
        redact_text(", ".join(origins), world, 500),
    )


def _pixi_channels(prefix: Path) -> list[str]:
    manifest = pixi_facts(prefix).get("manifest_path", "")
    if not manifest.endswith(".toml"):
        return []
    text = read_config(Path(manifest))
    table = _toml(text)
    if Path(manifest).name == "pyproject.toml":
        table = _table(_table(table, "tool"), "pixi")
    project = _table(table, "workspace") or _table(table, "project")
    channels = project.get("channels")
    if not isinstance(channels, list):
        return []
    names = [item.get("channel") if isinstance(item, dict) else item for item in channels]
    return [redact_channel(name) for name in names if isinstance(name, str)]


def _toml(text: str) -> dict[str, Any]:
    try:
        return parse_toml(text)
    except ValueError:
        return {}


def _table(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}
