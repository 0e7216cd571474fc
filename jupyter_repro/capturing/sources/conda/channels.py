"""Find the channels of a conda prefix in the order of their priority.

The records do not contain that order. pixi's manifest, the command that created the environment
and the configuration files of conda or mamba do. Every name is redacted.

The order is the one of the next installation in that environment with the channels it was made
with: those that the first command named, then the configured ones, as conda itself joins them. A
channel that a later command named was first only for that command, and comes last. The channels of
an ``environment.yml`` that an environment was made from come before the configured ones; the
history does not contain them, so they are known only if the packages come from one such channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jupyter_repro.capturing.sources.conda.condarc import Program, read_configuration
from jupyter_repro.capturing.sources.conda.history import History
from jupyter_repro.capturing.sources.conda.prefix import pixi_facts, read_config
from jupyter_repro.packages.addresses import DEFAULTS, UNKNOWN, channel_name, redact_channel
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.toml import parse_toml
from jupyter_repro.safety.world import World


def find_channels(
    prefix: Path, world: World, history: History, folders: Iterable[str]
) -> tuple[list[str], str | None]:
    """Return the channels by priority, and where that order was found.

    The configuration of the program that created the prefix counts. If one of its files cannot be
    read, the program may use channels that we do not see, so only those of the commands are
    returned.

    Parameters
    ----------
    folders
        Where the installed packages come from: addresses of channels with the platform's folder.
    """
    if pixi := _pixi_channels(prefix):
        return pixi, "pixi manifest"
    program: Program = "mamba" if history.tool in {"mamba", "micromamba"} else "conda"
    configuration = read_configuration(world, prefix, program)
    configured = configuration.channels if configuration.is_readable else []
    if history.overrides:
        configured = []
    found = [(one, "conda-meta/history") for one in history.channels]
    found += [(redact_channel(one.text), one.origin) for one in configured]
    if history.is_from_file:
        others = _others(folders, [one for one, _ in found])
        if len(others) > 1:
            return [], None
        found[:0] = [(one, "the installed packages") for one in others]
    if found:
        found += [(one, "conda-meta/history") for one in history.later_channels]
    unique: dict[str, tuple[str, str]] = {}
    for one, origin in found:
        unique.setdefault(channel_name(one), (one, origin))
    origins = dict.fromkeys(origin for _, origin in unique.values())
    where = redact_text(", ".join(origins), world, 500) if unique else None
    return [one for one, _ in unique.values()], where


def _others(folders: Iterable[str], channels: Iterable[str]) -> list[str]:
    """Return the channels of packages that are not among some channels."""
    known = {*map(channel_name, channels)}
    found = {channel_name(folder.rpartition("/")[0]) for folder in folders if folder != UNKNOWN}
    has_defaults = "defaults" in known
    return sorted(one for one in found - known if not (has_defaults and one.startswith(DEFAULTS)))


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
