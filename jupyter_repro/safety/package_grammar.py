"""Recognise names, versions, builds and files of packages, which redaction must keep.

Names of packages can look like tokens: ``glib-2.80.3-h315aac3_2`` was once mistaken for a GitLab
token. So redaction keeps what these grammars accept, and searches the rest as free text.

No grammar here accepts capital letters. Tokens have them; names of conda packages and normalised
names of Python packages have none. A version such as ``1.0RC1`` is searched, which is harmless.

Because redaction only keeps what these grammars accept and searches the rest, a grammar can be
strict: a token in place of a version is still found.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

Clean: TypeAlias = Callable[[str], str]
"""Returns a free text without credentials."""

_WORD = r"[a-z0-9_][a-z0-9_.-]*"
_VERSION = r"[a-z0-9_.!+]+"
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.+-]*")
_CONDA_FILE = re.compile(rf"{_WORD}-{_VERSION}-{_VERSION}(?:#(?:[0-9a-f]{{32}}){{1,2}})?")
_PYTHON_FILE = re.compile(
    rf"{_WORD}-{_VERSION}(?:\.tar\.gz|\.zip|(?:-[0-9]{_VERSION})?(?:-[a-z0-9_.]+){{3}}\.whl)"
)
_DISTRIBUTION = re.compile(rf"[a-z0-9][a-z0-9-]*(?:=={_VERSION})?(?= \[|$)")
# A name, with or without a channel before it, and what follows if that is versions and a build
_SPECIFICATION = re.compile(
    rf"(?:[a-z0-9_][a-z0-9_./-]*::)?{_WORD}(?=$|[\s=<>!~\[;,*@])(?:[a-z0-9_.!+*\s=<>~|,]*$)?"
)
_CHANNEL = re.compile(rf"{_WORD}(?:/{_WORD})*")


def keep_name(name: str, clean: Clean) -> str:
    """Return the name of a package unchanged, any other text cleaned."""
    return name if _NAME.fullmatch(name) else clean(name)


def keep_conda_file(line: str, clean: Clean) -> str:
    """Return ``name-version-build.ext#digest`` unchanged, any other text cleaned.

    Examples
    --------
    >>> keep_conda_file("glib-2.80.3-h315aac3_2.conda", lambda text: "***")
    'glib-2.80.3-h315aac3_2.conda'
    >>> keep_conda_file("a token", lambda text: "***")
    '***'
    """
    return line if _CONDA_FILE.fullmatch(line) else clean(line)


def keep_distribution(line: str, clean: Clean) -> str:
    """Return ``name==version [installer, source]`` with everything after the version cleaned."""
    return _keep_beginning(_DISTRIBUTION, line, clean)


def keep_specification(text: str, clean: Clean) -> str:
    """Return a specification or requirement cleaned, except for the name and plain versions."""
    return _keep_beginning(_SPECIFICATION, text, clean)


def keep_channel(channel: str, clean: Clean) -> str:
    """Return the name of a channel unchanged, any other text, such as an address, cleaned."""
    return channel if _CHANNEL.fullmatch(channel) else clean(channel)


def keep_file(address: str, clean: Clean) -> str:
    """Return an address cleaned, except for the name of a package's file at its end."""
    folder, slash, name = address.rpartition("/")
    if slash and (_CONDA_FILE.fullmatch(name) or _PYTHON_FILE.fullmatch(name)):
        return f"{clean(folder)}/{name}"
    return clean(address)


def _keep_beginning(grammar: re.Pattern[str], text: str, clean: Clean) -> str:
    match = grammar.match(text)
    if match is None:
        return clean(text)
    return text[: match.end()] + clean(text[match.end() :])
