"""The words after `%repro`: `[command] [key=value …]`, read into one value.

`COMMANDS` is the one table of the commands. The parser, the help text, the completion and the
magic read it, so a new command is one entry here and one function in `commands`. Only the standard
library is imported: ``%load_ext`` reads this module.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, NoReturn

from jupyter_repro.errors import UsageError
from jupyter_repro.model.options import (
    EXPORT,
    FILE,
    OPTIONS,
    POLICY,
    SEEDING,
    TOLERANCE,
    Choice,
    Option,
    suggest,
)


class Command(NamedTuple):
    """One command of `%repro`.

    Parameters
    ----------
    name
        Its word.
    summary
        What it does, in one line.
    run
        Name of the function in `commands` that does it.
    keys
        The options that it takes.
    usage
        The words that an option of it is written after.
    takes_name
        A second word may follow its own.
    needs_name
        What to say where that second word is missing; empty where the command does without.
    """

    name: str
    summary: str
    run: str
    keys: tuple[Option, ...] = ()
    usage: str = ""
    takes_name: bool = False
    needs_name: str = ""

    def takes(self, key: str) -> bool:
        """Tell whether the command has an option of that name."""
        return any(option.name == key for option in self.keys)


SEED_COMMAND = Command(
    name="seed",
    summary="seed every random generator and record the environment",
    run="run_seed",
    keys=(*SEEDING, POLICY),
    usage="seed=42",
)
"""The one command without a word: it is asked for by its option, ``seed=42``."""

COMMANDS = {
    command.name: command
    for command in (
        Command(
            "status",
            "show what is seeded and recorded, and whether it still holds (the default)",
            "run_status",
            (POLICY,),
        ),
        Command(
            "check",
            "compare this kernel with the recorded environment, worst difference first",
            "run_check",
            (POLICY,),
        ),
        Command(
            "findings",
            "list what keeps the results of this run from repeating, worst first",
            "run_findings",
        ),
        Command(
            "panel",
            "the same report, interactive, for front ends without our extension",
            "run_panel",
            (POLICY,),
        ),
        Command(
            "expect",
            "record results, and compare them: expect loss=loss acc=max(h) [rtol= atol= ulp=]",
            "run_expect",
            TOLERANCE,
            usage="expect loss=loss",
        ),
        Command(
            "accept",
            "make the current environment and the results of this run the reference",
            "run_accept",
            (POLICY,),
        ),
        Command(
            "checkpoint",
            "save the state of all random generators: checkpoint NAME [file=PATH]",
            "run_checkpoint",
            (FILE,),
            usage="checkpoint NAME",
            takes_name=True,
            needs_name="A checkpoint needs a name: %repro checkpoint before-training",
        ),
        Command(
            "restore",
            "go back to a saved state: restore NAME, or restore file=PATH",
            "run_restore",
            (FILE,),
            takes_name=True,
        ),
        Command(
            "export",
            "write this environment for conda, pip, Docker and others: export environment.yml",
            "run_export",
            EXPORT,
            usage="export FILE",
            takes_name=True,
            needs_name=(
                "%repro export takes a file, whose name chooses the format: environment.yml"
            ),
        ),
        Command(
            "doctor",
            "run a function twice and explain what differs: doctor NAME (or %%repro doctor)",
            "run_doctor",
            takes_name=True,
            needs_name=(
                "%repro doctor takes the name of a function without arguments; "
                "for a cell put %%repro doctor on top of it."
            ),
        ),
        Command(
            "off",
            "undo everything: flags, hooks and environment variables are as before",
            "run_off",
        ),
        Command("help", "show this text", "run_help"),
    )
}
"""Every command that has a word, in the order of the help text."""

_ALL = {SEED_COMMAND.name: SEED_COMMAND, **COMMANDS}

_SPACES_AROUND_EQUALS = re.compile(r"""("[^"]*"|'[^']*')|\s*=\s*""")


_NONE: Mapping[str, str] = MappingProxyType({})


class Request(NamedTuple):
    """What the user asked for.

    Parameters
    ----------
    command
        Name of a `Command`.
    name
        The second word, where the command takes one.
    options
        Name of an option → its text.
    results
        Of ``expect``: name of a result → Python expression.
    """

    command: str = "status"
    name: str | None = None
    options: Mapping[str, str] = _NONE
    results: Mapping[str, str] = _NONE

    @property
    def does(self) -> Command:
        """The entry of the command."""
        return _ALL[self.command]


def parse_request(line: str) -> Request:
    """Read the words after `%repro`.

    Raises
    ------
    UsageError
        For an unknown command, option or value; the message suggests the nearest known one.

    Examples
    --------
    >>> parse_request('seed = 42 determinism="strict"').options
    {'seed': '42', 'determinism': 'strict'}
    >>> parse_request("expect loss=loss best=max(h, key=len) rtol=1e-3").results
    {'loss': 'loss', 'best': 'max(h, key=len)'}
    """
    if line.split(maxsplit=1)[:1] == ["expect"]:  # its values are Python
        return _parse_expect(line)
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
    does = _ALL[command]
    for key, value in options.items():
        if not does.takes(key):
            reason = f"%repro {command} takes no {key}; write %repro {_usage_of(key)}{key}={value}."
            raise UsageError(reason)
    if does.needs_name and name is None:
        raise UsageError(does.needs_name)
    if command == "restore" and (name is None) == ("file" not in options):
        reason = "%repro restore takes either the name of a checkpoint or file=PATH."
        raise UsageError(reason)
    return Request(command=command, name=name, options=options)


def _usage_of(key: str) -> str:
    """Return the words that an option is written after."""
    if key == SEED_COMMAND.name:
        return ""
    return next(f"{command.usage} " for command in _ALL.values() if command.takes(key))


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
    named = bool(words) and COMMANDS[words[0]].takes_name
    if len(words) > 1 + named:
        reason = f"%repro takes one command, but got {' and '.join(words)}."
        if named:
            reason = f"%repro {words[0]} takes one name, but got {' and '.join(words[1:])}."
        raise UsageError(reason)
    return (words[0] if words else None), (words[1] if len(words) > 1 else None)


def _parse_option(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    option = OPTIONS.get(key)
    if option is None:
        known = f"%repro has {', '.join(OPTIONS)}."
        reason = f"Unknown option {key!r}. {suggest(key, OPTIONS, known)}"
        raise UsageError(reason)
    return key, option.parse(value) if isinstance(option, Choice) else value


def _refuse_command(command: str) -> NoReturn:
    if command.lstrip("-").isdecimal():
        reason = f"Unknown command {command!r}. Did you mean %repro seed={command}?"
    elif command in OPTIONS:
        reason = f"{command} needs a value: %repro {command}=…"
    else:
        known = f"%repro has {', '.join(COMMANDS)}."
        reason = f"Unknown command {command!r}. {suggest(command, COMMANDS, known)}"
    raise UsageError(reason)


def _parse_expect(line: str) -> Request:
    """Read ``expect name=expression …``.

    An expression ends where the next ``name=`` begins, outside of brackets and quotation marks.
    """
    text = line.split(maxsplit=1)[1].strip() if len(line.split(maxsplit=1)) > 1 else ""
    starts = [found for found in _NAMED_VALUE.finditer(text) if _is_outside(text, found.start())]
    if not starts or text[: starts[0].start()].strip():
        reason = (
            f"%repro expect takes results by name, not {text[:60]!r}: "
            "%repro expect loss=loss accuracy=hits / total rtol=1e-3"
        )
        raise UsageError(reason)
    ends = [*(found.start() for found in starts[1:]), len(text)]
    results: dict[str, str] = {}
    options: dict[str, str] = {}
    for found, end in zip(starts, ends, strict=True):
        name, value = found[1], text[found.end() : end].strip()
        if name in results or name in options:
            reason = f"%repro expect got {name} twice."
            raise UsageError(reason)
        if not value:
            reason = f"%repro expect got no value for {name}: {name}=…"
            raise UsageError(reason)
        if COMMANDS["expect"].takes(name):
            number_of(name, value)
            options[name] = value
        else:
            results[name] = value
    if not results:
        reason = "%repro expect got a tolerance, but no result: %repro expect loss=loss rtol=1e-3"
        raise UsageError(reason)
    return Request(command="expect", options=options, results=results)


_NAMED_VALUE = re.compile(r"(?<!\S)([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*")


def _is_outside(text: str, end: int) -> bool:
    """Tell whether a place in a line is outside of brackets and quotation marks."""
    depth, quote, at = 0, "", 0
    while at < end:
        char = text[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        else:
            depth += (char in "([{") - (char in ")]}")
        at += 1
    return depth == 0 and not quote


def number_of(key: str, value: str) -> float:
    """Return the number that an option of ``expect`` is given.

    Raises
    ------
    UsageError
        If it is none.
    """
    try:
        return int(value) if key == "ulp" else float(value)
    except ValueError:
        reason = f"%repro expect {key}={value!r}: it is a number, such as {key}={_NUMBERS[key]}."
        raise UsageError(reason) from None


_NUMBERS = {"rtol": "1e-3", "atol": "1e-8", "ulp": "4"}


def complete(line: str) -> list[str]:
    """Return the words that may stand next in a line that begins with `%repro`."""
    word = "" if line.endswith(" ") else line.rpartition(" ")[2]
    if "=" in word:
        key = word.partition("=")[0]
        option = OPTIONS.get(key)
        return [f"{key}={one}" for one in option.choices] if isinstance(option, Choice) else []
    taken = line.split()[1:]
    keys = [f"{key}=" for key in OPTIONS if not any(part.startswith(f"{key}=") for part in taken)]
    commands = [] if any(part in COMMANDS for part in taken) else list(COMMANDS)
    return [*commands, *keys]
