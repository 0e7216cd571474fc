"""Read ``conda-meta/history``: the tool that created the environment, the requests, the channels.

Its ``# cmd:`` lines contain whole command lines, with tokens and personal folders. Only the name
of the tool and the channels ever leave this module.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_repro.capturing.sources.conda.prefix import read_config
from jupyter_repro.packages.addresses import redact_channel, redact_spec
from jupyter_repro.safety.text import printable

MAX_HISTORY_BYTES = 4 << 20

_PROGRAM = re.compile(
    r"(?:^|[/\\])_?(?P<tool>micromamba|mamba|conda)"
    r"(?:-script\.py|\.exe|\.bat|[/\\]__main__\.py)?(?=\s|$)"
)
_SPECS = re.compile(r"# (?P<action>\w+) specs:\s*(?P<specs>\S.*)")
_NAME = re.compile(r"(?:[^\s=<>!~\[]*::)?(?P<name>[A-Za-z0-9_.-]+)")


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
        Channels of the last command that named any, redacted.
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
    for line in text.splitlines():
        if line.startswith("+"):
            linked.setdefault(line.rpartition("::")[2].lstrip("+").rsplit("-", 2)[0])
        elif line.startswith("# cmd:"):
            command = line.removeprefix("# cmd:").strip()
            if history.tool is None and (match := _PROGRAM.search(command)):
                history.tool = match["tool"]
            channels = list(_channel_options(command.split()))
            if channels:
                history.channels = channels
        elif line.startswith("# conda version:"):
            if history.tool == "conda" and history.version is None:
                history.version = printable(line.partition(":")[2], 50)
        elif match := _SPECS.match(line):
            _apply_specs(history.requested, match["action"], match["specs"])
    history.linked = [*linked]
    return history


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


def _apply_specs(requested: dict[str, str], action: str, text: str) -> None:
    for spec in _spec_list(text):
        match = _NAME.match(spec)
        name = match["name"].lower() if match and "://" not in spec else spec
        if action == "remove":
            requested.pop(name, None)
        elif action in {"install", "update", "create", "neutered"}:
            requested[name] = redact_spec(spec)


def _spec_list(text: str) -> list[str]:
    if text.startswith("["):
        try:
            found = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return []
        return [item for item in found if isinstance(item, str)]
    # Specifications contain commas, too (numpy >=1.2,<2)
    return [item.strip() for item in re.split(r",(?=\s*[A-Za-z_])", text)]
