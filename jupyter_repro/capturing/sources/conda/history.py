"""Read ``conda-meta/history``: the tool that created the environment, the requests, the channels.

Its ``# cmd:`` lines contain whole command lines, with tokens and personal folders. Only the name
of the tool and the channels ever leave this module.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_repro.capturing.sources.conda.prefix import read_config
from jupyter_repro.packages.addresses import redact_channel, redact_spec
from jupyter_repro.safety.text import printable

MAX_HISTORY_BYTES = 4 << 20

_PROGRAM = re.compile(
    r"(?:^|[/\\])_?(?P<tool>micromamba|mamba|conda)"
    r"(?P<env>-env)?(?:-script\.py|\.exe|\.bat|[/\\]__main__\.py)?(?=\s|$)"
)
# `env create`, or a YAML file as an option of `create`
_FROM_FILE = re.compile(r"\benv\s+(?:create|update)\b|\s(?:-f|--file)[=\s]?\s*\S+\.ya?ml\b")
_SPECS = re.compile(r"# (?P<action>\w+) specs:\s*(?P<specs>\S.*)")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_ACTIONS = {
    **dict.fromkeys(("install", "update", "create"), "update"),
    **dict.fromkeys(("remove", "uninstall"), "remove"),
    "neutered": "neutered",
}


@dataclass
class History:
    """What ``conda-meta/history`` contains.

    Parameters
    ----------
    tool
        ``conda``, ``mamba`` or ``micromamba``: the program of the first command.
    version
        conda's version at that time; None for the other tools, which write a fixed number.
    channels
        Channels that the first command named, which made the environment; redacted.
    later_channels
        Other channels that a later command named for itself.
    overrides
        Whether the first command used its channels alone (``--override-channels``).
    is_from_file
        Whether the environment was made from an ``environment.yml``, which may name channels that
        the history does not contain.
    requested
        Name → match specification, redacted.
    linked
        Names of packages in the order in which they were first installed. conda sorts them by name
        within one command; mamba and micromamba do not.
    empty
        The file exists and is empty, as rattler and pixi leave it.
    """

    tool: str | None = None
    version: str | None = None
    channels: list[str] = field(default_factory=list)
    later_channels: list[str] = field(default_factory=list)
    overrides: bool = False
    is_from_file: bool = False
    requested: dict[str, str] = field(default_factory=dict)
    linked: list[str] = field(default_factory=list)
    empty: bool = False


def read_history(prefix: Path) -> History:
    """Return the history of a conda prefix; an empty one if there is none."""
    path = prefix / "conda-meta" / "history"
    text = read_config(path, MAX_HISTORY_BYTES)
    history = parse_history(text)
    history.empty = not text.strip() and path.is_file()
    return history


def parse_history(text: str) -> History:
    """Return the contents of a history; from its command lines, only the tool and the channels.

    For conda's format, see
    https://github.com/conda/conda/blob/main/conda/history.py
    """
    history = History()
    linked: dict[str, None] = {}
    is_first = True
    for lines in _entries(text):
        specs: dict[str, list[str]] = {}
        for line in lines:
            if line.startswith("+"):
                linked.setdefault(line.rpartition("::")[2].lstrip("+").rsplit("-", 2)[0])
            elif line.startswith("# cmd:"):
                _apply_command(history, line.removeprefix("# cmd:").strip(), is_first=is_first)
                is_first = False
            elif line.startswith("# conda version:"):
                if history.tool == "conda" and history.version is None:
                    history.version = printable(line.partition(":")[2], 50)
            elif match := _SPECS.match(line):
                specs[_ACTIONS.get(match["action"], "")] = _spec_list(match["specs"])
        _apply_specs(history.requested, specs)
    history.linked = [*linked]
    return history


def _apply_command(history: History, command: str, *, is_first: bool) -> None:
    match = _PROGRAM.search(command)
    if match and history.tool is None:
        history.tool = match["tool"]
    channels = [*dict.fromkeys(_channel_options(command.split()))]
    if is_first:
        history.channels = channels
        history.overrides = "--override-channels" in command.split()
        of_env = match is not None and match["env"] is not None
        history.is_from_file = of_env or _FROM_FILE.search(command) is not None
    else:
        known = {*history.channels, *history.later_channels}
        history.later_channels += [one for one in channels if one not in known]


def _entries(text: str) -> Iterator[list[str]]:
    """Yield the lines of each command."""
    entry: list[str] = []
    for line in text.splitlines():
        if line.startswith("==>") and entry:
            yield entry
            entry = []
        entry.append(line)
    yield entry


def _channel_options(words: list[str]) -> Iterator[str]:
    for number, word in enumerate(words):
        if word in {"-c", "--channel"}:
            name = words[number + 1] if number + 1 < len(words) else ""
        elif word.startswith("--channel="):
            name = word.partition("=")[2]
        elif re.match(r"-c[^-=\s]", word):
            name = word[2:]
        else:
            continue
        name = name.strip("'\"")
        if name and not name.startswith("-"):
            yield redact_channel(name)


def _apply_specs(requested: dict[str, str], specs: Mapping[str, Iterable[str]]) -> None:
    # `micromamba update X` writes that it updates X, and below that it removes the old X
    for spec in specs.get("remove", ()):
        requested.pop(_name_of(spec), None)
    for action in ("update", "neutered"):
        for spec in specs.get(action, ()):
            requested[_name_of(spec)] = redact_spec(spec)


def _name_of(spec: str) -> str:
    # Also of a specification that is not understood
    name = _NAME.match(spec.partition("[")[0].rpartition("::")[2])
    return name[0].lower() if name and "://" not in name.string else spec


def _spec_list(text: str) -> list[str]:
    if text.startswith("["):
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return []
        return [item for item in found if isinstance(item, str)]
    # Specifications contain commas, too (numpy >=1.2,<2)
    return [item.strip() for item in re.split(r",(?=\s*[A-Za-z_])(?![^\[]*\])", text)]
