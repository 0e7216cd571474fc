"""Find the channels of a conda prefix in the order of their priority.

The records do not tell the order. pixi's manifest does, and the command that made the
environment, and the configuration of the prefix or the user. YAML and TOML are read only as far
as the list of channels, and every name is redacted.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jupyter_repro.capturing.sources.conda.history import History
from jupyter_repro.capturing.sources.conda.prefix import pixi_facts, read_config
from jupyter_repro.packages.addresses import redact_channel
from jupyter_repro.safety.toml import parse_toml
from jupyter_repro.safety.world import World

_COMMENT = re.compile(r"(?:^|\s)#.*")
# A plain YAML text may hold an indicator, but not begin with one
_ITEM = re.compile(
    r"""(?P<quote>["'])(?P<quoted>[^"'\\]*)(?P=quote)"""
    r"""|(?P<plain>[^\s"'\[\]{},#&*!|>%@`](?:(?!:(?:\s|$))[^\[\]{},])*)"""
)


def find_channels(prefix: Path, world: World, history: History) -> tuple[list[str], str | None]:
    """Return the channels by priority, and where that order was found."""
    if pixi := _pixi_channels(prefix):
        return pixi, "pixi manifest"
    if history.channels:
        return history.channels, "conda-meta/history"
    for path, name in (
        (prefix / ".condarc", "<prefix>/.condarc"),
        (world.home / ".condarc", "~/.condarc"),
    ):
        channels = parse_channels(read_config(path))
        if channels is None:  # a list that we cannot read wins over those that we could
            break
        if channels:
            return channels, name
    return [], None


def parse_channels(text: str) -> list[str] | None:
    """Return the ``channels:`` of a condarc file, redacted. See `read_list`."""
    found = read_list(text, "channels")
    return None if found is None else [redact_channel(name) for name in found]


def read_list(text: str, key: str) -> list[str] | None:
    """Return a list of texts in a condarc file, as it stands there.

    Only the two plain forms of a YAML list are read, ``- name`` lines and ``[name, name]``.

    Returns
    -------
    list of str or None
        Empty when the file has none under this key, None when it stands there in another form.
    """
    lines = text.splitlines()
    found: list[str] | None = []
    for number, line in enumerate(lines):
        if re.match(rf"{key}\s*:(\s|$)", line):
            value = _COMMENT.sub("", line.partition(":")[2]).strip()
            if value.startswith("["):
                found = _flow_items(value, lines[number + 1 :])
            elif value:
                found = None
            else:
                found = _block_items(lines[number + 1 :])
    return found


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


def _flow_items(value: str, following: list[str]) -> list[str] | None:
    text = " ".join([value, *(_COMMENT.sub("", line) for line in following)])
    inside, closed, _ = text[1:].partition("]")
    inside = inside.strip().removesuffix(",")
    if not closed:
        return None
    return _plain_items(inside.split(",") if inside else [])


def _block_items(following: list[str]) -> list[str] | None:
    items: list[str] = []
    for line in following:
        entry = _COMMENT.sub("", line).strip()
        if entry.startswith("- "):
            items.append(entry[2:])
        elif entry and re.match(r"[A-Za-z_.]|---", line):  # the next key ends the list
            break
        elif entry:
            return None
    return _plain_items(items)


def _plain_items(items: list[str]) -> list[str] | None:
    matches = [_ITEM.fullmatch(item.strip()) for item in items]
    texts = [match["plain"] or match["quoted"] for match in matches if match]
    return texts if len(texts) == len(items) else None
