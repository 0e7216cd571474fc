"""The words after `%repro`: `[command] [key=value …]`, read into one value."""

from __future__ import annotations

import difflib
import re
import shlex
from dataclasses import dataclass, field
from typing import NoReturn

from jupyter_repro.errors import UsageError

COMMANDS = {
    "status": "what is seeded, what is recorded, does it still hold (also without a command)",
    "check": "compare this kernel with the recorded snapshot, worst first",
    "findings": "what was seen in this run that keeps its results from repeating, worst first",
    "panel": "the same as something to click on, for front ends without our extension",
    "expect": "record results, and compare them: expect loss=loss acc=max(h) [rtol= atol= ulp=]",
    "accept": "make the current snapshot, and the results of this run, the reference",
    "checkpoint": "keep the states of all random generators: checkpoint NAME [file=PATH]",
    "restore": "go back to them: restore NAME, or restore file=PATH",
    "export": "write this environment for another tool: export environment.yml, or another FILE",
    "doctor": "run a function twice and say what differs and why: doctor NAME (or %%repro doctor)",
    "off": "undo: flags, hooks and environment variables are as before",
    "help": "this text",
}

KEYS = {
    "seed": "integer from 0 to 2**64 - 1: seed every random generator and record the stack",
    "determinism": "strict, warn (default), cudnn or off",
    "generators": "derive (default) or report: what becomes of generators made without a seed",
    "mode": "sequential (default), or cell: each cell has numbers of its own, in any order",
    "ranks": "same (default) or distinct: the numbers of the processes of one launch (torchrun)",
    "policy": "research (default) or production: what a difference weighs",
    "rtol": "of expect: relative tolerance, as numpy.isclose has it",
    "atol": "of expect: absolute tolerance",
    "ulp": "of expect: units in the last place that floats may differ by",
    "file": "of checkpoint and restore: keep it in a file as well, or take it from there",
    "format": "of export: the format, where the file's name does not tell it",
    "pins": "of export: production (default: builds and digests), version, research or history",
    "platform": "of export: another platform than this one, like osx-arm64",
    "network": "of export: yes asks your index for digests, your channels for another platform",
    "hashes": "of export: no writes no digests, also where they are known",
    "force": "of export: yes writes over files that are there",
}

KEYS_OF = {
    "seed": ("seed", "determinism", "generators", "mode", "ranks", "policy"),
    "status": ("policy",),
    "check": ("policy",),
    "findings": (),
    "panel": ("policy",),
    "expect": ("rtol", "atol", "ulp"),
    "accept": ("policy",),
    "checkpoint": ("file",),
    "restore": ("file",),
    "export": ("format", "pins", "platform", "network", "hashes", "force"),
    "doctor": (),
    "off": (),
    "help": (),
}

CHOICES = {
    "determinism": ("strict", "warn", "cudnn", "off"),
    "generators": ("derive", "report"),
    "mode": ("sequential", "cell"),
    "ranks": ("same", "distinct"),
    "policy": ("research", "production"),
    "pins": ("production", "version", "research", "history"),
    "network": ("yes", "no"),
    "hashes": ("yes", "no"),
    "force": ("yes", "no"),
}

_NAMED = ("checkpoint", "restore", "export", "doctor")

_NEED_NAME = {
    "checkpoint": "A checkpoint needs a name: %repro checkpoint before-training",
    "export": "%repro export takes a file, whose name tells the format: environment.yml",
    "doctor": (
        "%repro doctor takes the name of a function without arguments; "
        "for a cell put %%repro doctor on top of it."
    ),
}

_SPACES_AROUND_EQUALS = re.compile(r"""("[^"]*"|'[^']*')|\s*=\s*""")


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    command: str = "status"
    name: str | None = None
    options: dict[str, str] = field(default_factory=dict)


def parse_request(line: str) -> Request:
    """Read the words after `%repro`.

    Raises
    ------
    UsageError
        For an unknown command, key or value; the message names the nearest known one.

    Examples
    --------
    >>> parse_request('seed = 42 determinism="strict"').options
    {'seed': '42', 'determinism': 'strict'}
    """
    tight = _SPACES_AROUND_EQUALS.sub(lambda found: found.group(1) or "=", line)
    try:
        words = shlex.split(tight)
    except ValueError as error:
        reason = f"%repro {line.strip()}: {error}; close the quotation mark."
        raise UsageError(reason) from None
    command, name = _parse_command([word for word in words if "=" not in word])
    options: dict[str, str] = {}
    for key, value in (_parse_option(word) for word in words if "=" in word):
        if key in options:
            reason = f"%repro got {key} twice: {options[key]!r} and {value!r}."
            raise UsageError(reason)
        options[key] = value
    if command is None:
        command = "seed" if "seed" in options else "status"
    for key, value in options.items():
        if key not in KEYS_OF[command]:
            where = _WHERE.get(key, "seed=42 ")
            reason = f"%repro {command} takes no {key}; write %repro {where}{key}={value}."
            raise UsageError(reason)
    if command in _NEED_NAME and name is None:
        raise UsageError(_NEED_NAME[command])
    if command == "restore" and (name is None) == ("file" not in options):
        reason = "%repro restore takes either the name of a checkpoint or file=PATH."
        raise UsageError(reason)
    return Request(command=command, name=name, options=options)


_WHERE = {
    "seed": "",
    "file": "checkpoint NAME ",
    **dict.fromkeys(KEYS_OF["expect"], "expect loss=loss "),
    **dict.fromkeys(KEYS_OF["export"], "export FILE "),
}


def asks_doctor(line: str) -> bool:
    """Tell whether the words after `%%repro` ask to examine the cell."""
    return line.split() == ["doctor"]


def parse_scope(line: str) -> str:
    """Read the words after `%%repro` and return the seed.

    Raises
    ------
    UsageError
        If there is anything else.
    """
    request = parse_request(line)
    if request.command != "seed" or set(request.options) != {"seed"}:
        reason = "%%repro on top of a cell takes a seed and nothing else (seed=7), or doctor."
        raise UsageError(reason)
    return request.options["seed"]


def _parse_command(words: list[str]) -> tuple[str | None, str | None]:
    """Return the command and the name that follows some of them."""
    if words and words[0] not in COMMANDS:
        _refuse_command(words[0])
    named = bool(words) and words[0] in _NAMED
    if len(words) > 1 + named:
        reason = f"%repro takes one command, but got {' and '.join(words)}."
        if named:
            reason = f"%repro {words[0]} takes one name, but got {' and '.join(words[1:])}."
        raise UsageError(reason)
    return (words[0] if words else None), (words[1] if len(words) > 1 else None)


def _parse_option(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    if key not in KEYS:
        reason = f"%repro knows no key {key!r}{nearest(key, KEYS)}."
        raise UsageError(reason)
    if key in CHOICES and value not in CHOICES[key]:
        choices = ", ".join(CHOICES[key])
        reason = f"{key}={value!r} is not one of {choices}{nearest(value, CHOICES[key])}."
        raise UsageError(reason)
    return key, value


def _refuse_command(command: str) -> NoReturn:
    if command.lstrip("-").isdecimal():
        reason = f"%repro knows no command {command!r}: did you mean %repro seed={command}?"
    elif command in KEYS:
        reason = f"{command} needs a value: %repro {command}=…"
    else:
        reason = f"%repro knows no command {command!r}{nearest(command, COMMANDS)}."
    raise UsageError(reason)


def nearest(word: str, known: dict[str, str] | tuple[str, ...]) -> str:
    """Return the part of a sentence that names the nearest known word, or all of them."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f": did you mean {close[0]!r}?"[:-1] if close else f"; it knows {', '.join(known)}"


def complete(line: str) -> list[str]:
    """Return the words that may stand next in a line that begins with `%repro`."""
    word = "" if line.endswith(" ") else line.rpartition(" ")[2]
    if "=" in word:
        key = word.partition("=")[0]
        return [f"{key}={choice}" for choice in CHOICES.get(key, ())]
    taken = line.split()[1:]
    keys = [f"{key}=" for key in KEYS if not any(part.startswith(f"{key}=") for part in taken)]
    commands = [] if any(part in COMMANDS for part in taken) else list(COMMANDS)
    return [*commands, *keys]
