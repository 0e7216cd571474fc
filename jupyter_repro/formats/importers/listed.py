"""Read lines that ``conda list``, ``conda list --export`` and ``pip list`` print.

Such output was often saved as requirements.txt. pip reads none of these forms, so each line is
recognised by its own::

    numpy=1.21.2=py39h20f2e39_0              conda list --export
    conda-forge::numpy=1.21                  a specification of conda
    numpy  1.21.2  py39h20f2e39_0  defaults  conda list
    numpy  1.21.2                            pip list
    numpy (1.21.2)                           an older pip list
"""

from __future__ import annotations

import re

from jupyter_repro.formats.importers.draft import LONGEST, Draft
from jupyter_repro.formats.importers.pip_line import add_pip_line
from jupyter_repro.packages.addresses import (
    UNKNOWN,
    channel_address,
    redact_channel,
    redact_spec,
)
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.packages.match_spec import parse_match_spec
from jupyter_repro.packages.platforms import is_subdir

_NAME = r"(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)"
_VERSION = r"(?P<version>[0-9][A-Za-z0-9_.!+-]*)"
_EXPORT = re.compile(rf"{_NAME}=(?P<version>[^=\s<>~]+)(?:=(?P<build>[^=\s]+))?")
_COLUMNS = re.compile(rf"{_NAME}\s+{_VERSION}(?:\s+(?P<rest>\S.*))?")
_BRACKETS = re.compile(rf"{_NAME} \({_VERSION}(?:, (?P<rest>[^()]+))?\)")
_SPECIFICATION = re.compile(r"[A-Za-z0-9_:/.-]+::[A-Za-z0-9_][A-Za-z0-9_.-]*(?:$|[\s=<>!~\[])")
_HEAD = re.compile(r"Package\s+Version(?:\s+.*)?|-{3,}(?:\s+-{3,})*", re.ASCII)
_PLATFORM = re.compile(r"#\s*platform:\s*([a-z0-9_-]+)\s*")
_BUILD = re.compile(r"[A-Za-z0-9_.+]+")
# Nearly all builds have a digit; `mkl` and `main` do not
_SURE = re.compile(rf"{_NAME}\s+{_VERSION}\s+(?=[a-z_]*[0-9])[a-z0-9_.]+(?:\s+\S+)?")
_PATH = re.compile(r"[.~/\\]|[A-Za-z]:[\\/]")
_OF_PIP = frozenset(("pypi_0", "<pip>", "pypi"))
_EDITABLE = frozenset(("<develop>", "dev_0"))


class Listing:
    """The lines of one file: its head decides what a column means."""

    def __init__(self, draft: Draft, text: str) -> None:
        self._draft = draft
        lines = [line.strip() for line in text.splitlines() if len(line) <= LONGEST]
        self._is_conda = any(_SURE.fullmatch(line) or _EXPORT.fullmatch(line) for line in lines)
        self._has_projects = True
        self._is_noted = False

    def read_comment(self, line: str) -> bool:
        """Read the platform in a comment of ``conda list --export``; return whether it was one."""
        found = _PLATFORM.fullmatch(line.strip())
        if found and is_subdir(found[1]):
            self._draft.system["platform"] = found[1]
        return bool(found)

    def read_line(self, line: str) -> bool:
        """Add the package of a line; return whether it has one of the forms."""
        if len(line) > LONGEST:
            return False
        if _HEAD.fullmatch(line):
            if line.startswith("P"):
                self._has_projects = "project" in line.lower() or "ocation" not in line
            return True
        if _SPECIFICATION.match(line):
            return self._add_specification(line)
        found = _EXPORT.fullmatch(line) or _COLUMNS.fullmatch(line) or _BRACKETS.fullmatch(line)
        if found is None:
            return False
        parts = found.groupdict()
        rest = [*filter(None, (parts.get("build"), *(parts.get("rest") or "").split()))]
        if not rest and found.re is _EXPORT:
            return self._add_specification(line)
        return self._add_columns(parts["name"], parts["version"], rest)

    def _add_columns(self, name: str, version: str, rest: list[str]) -> bool:
        """Add a package by its name, its version and what follows."""
        if rest and _PATH.match(rest[0]):
            self._add_python(name, version, " ".join(rest) if self._has_projects else "")
        elif _EDITABLE & {*rest}:
            self._add_python(name, version, flags=("editable",))
        elif not rest or _OF_PIP & {*rest}:
            self._add_python(name, version)
        elif not self._is_conda or len(rest) > 2 or not _BUILD.fullmatch(rest[0]):
            return False
        else:
            self._add_conda(name, version, *rest)
        return True

    def _add_python(
        self, name: str, version: str, folder: str = "", flags: tuple[str, ...] = ()
    ) -> None:
        self._note()
        if folder:
            add_pip_line(self._draft, folder, editable=True, told=(name, version))
        else:
            self._draft.add_distribution(Distribution(name, version, "pip", flags))

    def _add_conda(self, name: str, version: str, build: str, channel: str = "") -> None:
        self._note()
        channel = redact_channel(channel)
        folder = ""
        if channel and channel != "<unknown>":
            self._draft.add_channel(channel)
            # The list does not say which platform's folder it came from
            folder = "" if channel == "defaults" else f"{_address_of(channel)}/{UNKNOWN}/"
        self._draft.add_conda_file(f"{folder}{name}-{version}-{build}")

    def _add_specification(self, line: str) -> bool:
        shown = redact_spec(line)
        spec = parse_match_spec(shown)
        if spec is None:
            return False
        self._note()
        if spec.channel:
            self._draft.add_channel(spec.channel)
        if spec.is_exact:
            version = (spec.version or "").removeprefix("==")
            self._draft.add_conda_file(f"{spec.name}-{version}-{spec.build}")
        self._draft.request_conda(shown)
        return True

    def _note(self) -> None:
        if not self._is_noted:
            self._is_noted = True
            self._draft.note(
                "Some lines have the form of conda's or pip's list of packages: they were read so."
            )


def _address_of(channel: str) -> str:
    name = channel.removeprefix("pkgs/")
    return channel_address(channel) if name == channel else f"https://repo.anaconda.com/{channel}"
