"""Write a snapshot as an exact environment.yml: name, version and build of every package.

What cannot be installed again from the text is a comment that says why, never an entry: an
editable or private package as ``name==version`` would be taken from a public index, where anybody
can put another one of that name (https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html
describes the format).

Every value is in double quotes and of a strict ASCII grammar, so YAML 1.1 and 1.2 read the same
texts, pip finds no option in its lines, and nothing breaks out of a value or a comment. There is
no ``prefix:`` and there are no variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

from jupyter_repro.comparison.package_lines import (
    Distribution,
    parse_conda,
    parse_distribution,
)
from jupyter_repro.redact import printable
from jupyter_repro.snapshot import CondaLayer, CoreLayer, PackagesLayer, Snapshot
from jupyter_repro.sources.conda_addresses import UNKNOWN

_DEFAULT_NAME = "notebook"
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")
_PATH = r"[A-Za-z0-9_][A-Za-z0-9_.%-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.%-]*)*"
_CHANNEL = re.compile(rf"(?:https?://[A-Za-z0-9.-]+(?::\d+)?/)?{_PATH}")
_CONDA_SPEC = re.compile(r"[a-z0-9_][a-z0-9_.-]*=[A-Za-z0-9_.!+]+=[A-Za-z0-9_.+]+")
_PYTHON = re.compile(r"(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\+?")
_PROJECT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")
# Neither blanks nor `$`, `;` and quotes: pip expands variables and reads options and markers
_SAFE = r"[A-Za-z0-9._~/:@%+=&,-]+"
_ARCHIVE = re.compile(rf"https?://{_SAFE}(?:#{_SAFE})?")
_REPOSITORY = re.compile(
    rf"(?:git|hg|svn|bzr)\+(?:https?|ssh)://{_SAFE}@[0-9A-Za-z]{{1,64}}(?:#{_SAFE})?"
)
_PUBLIC = "https://conda.anaconda.org/"
_DEFAULTS = "https://repo.anaconda.com/pkgs/"


class _Section(NamedTuple):
    """Values of one list, and sentences on what could not be one of them."""

    values: list[str]
    remarks: list[str]


def export(snapshot: Snapshot) -> str:
    """Return the text of an environment.yml.

    Parameters
    ----------
    snapshot
        Recorded or present; of a stranger, too.

    Returns
    -------
    str
        ASCII, with a newline at the end. Without conda it asks for Python's version alone, and
        everything else stands in the pip section.
    """
    layers = snapshot.layers
    channels = _channels(layers.conda)
    conda = _conda_packages(layers.conda)
    pip = _pip_packages(layers.packages)
    conda = _with_python(conda, layers.core, needs_pip=bool(pip.values))
    lines = [_comment(sentence) for sentence in _header(snapshot)]
    lines.append(f"name: {_quoted(_environment_name(layers.conda))}")
    if channels.values or channels.remarks:
        lines += _list("channels", channels)
    lines += _list("dependencies", conda)
    if pip.values:
        lines += ["  - pip:", *_items(pip, "    ")]
    else:
        lines += [_comment(remark, "  ") for remark in pip.remarks]
    return "\n".join(lines) + "\n"


def _header(snapshot: Snapshot) -> Iterator[str]:
    conda, platform = snapshot.layers.conda, snapshot.layers.system.platform
    yield f"Exact environment {snapshot.digest[:12]}, written by jupyter_repro {snapshot.tool}."
    yield f"Captured {snapshot.created}{f' on {platform}' if platform else ''}."
    if conda.status == "ok":
        yield "Builds are those of one platform: this file is not meant for another one."
    else:
        reason = conda.reason or "no reason given"
        yield f"Recorded without conda ({reason}): Python's version, and the rest from pip."
        yield "Its channels are those of your own configuration."
    if conda.status == "ok" and conda.reason:
        yield f"The conda packages: {conda.reason}."


def _environment_name(layer: CondaLayer) -> str:
    """Return its name; conda refuses to make another ``base``."""
    name = layer.name or ""
    return name if _NAME.fullmatch(name) and name not in {"base", "root"} else _DEFAULT_NAME


def _channels(layer: CondaLayer) -> _Section:
    """Return the channels by priority, then those that are only known from the packages."""
    found = [_short(channel) for channel in layer.channels]
    for group in sorted(layer.packages):
        channel = _short(group.rpartition("/")[0])
        covered = "defaults" in found and channel.startswith(_DEFAULTS)
        if group != UNKNOWN and not covered:
            found.append(channel)
    # conda 26 asks the network for a channel called nodefaults
    found = [channel for channel in dict.fromkeys(found) if channel != "nodefaults"]
    section = _Section([], [])
    for channel in found:
        if _CHANNEL.fullmatch(channel):
            section.values.append(channel)
        else:
            section.remarks.append(f"{channel}: a private or local channel")
    return section


def _short(channel: str) -> str:
    return channel.removeprefix(_PUBLIC).strip("/")


def _conda_packages(layer: CondaLayer) -> _Section:
    section = _Section([], [])
    for group, lines in layer.packages.items():
        private = group != UNKNOWN and not _CHANNEL.fullmatch(_short(group))
        for line in lines:
            record = parse_conda(group, line)
            spec = f"{record.name}={record.version}={record.build}"
            if not _CONDA_SPEC.fullmatch(spec):
                section.remarks.append(f"{line}: not the name of a conda package")
            elif private:
                section.remarks.append(f"{spec}: from a private or local channel")
            else:
                section.values.append(spec)
    return _Section(sorted(section.values), sorted(section.remarks))


def _with_python(section: _Section, core: CoreLayer, *, needs_pip: bool) -> _Section:
    """Return the section with Python and pip, where no record names them."""
    values, remarks = [*section.values], [*section.remarks]
    if not any(value.startswith("python=") for value in values):
        found = _PYTHON.fullmatch(core.python or "")
        if found and core.implementation in {"CPython", None}:
            values.insert(0, f"python={found[1]}")
        else:
            told = f"{core.implementation or 'Python'} {core.python or 'of unknown version'}"
            remarks.insert(0, f"{told}: no version of Python that conda has")
    if needs_pip and not any(value.startswith("pip=") for value in values):
        values.append("pip")
    return _Section(values, remarks)


def _pip_packages(layer: PackagesLayer) -> _Section:
    section = _Section([], [])
    if layer.status != "ok":
        section.remarks.append(f"Python packages: {layer.reason or 'not known'}")
    for line in layer.packages:
        one = parse_distribution(line)
        if one.installer == "conda" or "shadowed" in one.flags:
            continue
        requirement = _requirement(one)
        if requirement is None:
            section.remarks.append(f"{line}: {_why_not(one)}")
        else:
            section.values.append(requirement)
    local = next((value for value in section.values if re.search(r"==.*\+", value)), None)
    if local:
        section.remarks.append(f"{local} is not on PyPI: tell pip the index that has it")
    return section


def _requirement(one: Distribution) -> str | None:
    """Return what pip can install again, or None."""
    if "editable" in one.flags or not _PROJECT.fullmatch(one.name):
        return None
    if one.source:
        is_known = _ARCHIVE.fullmatch(one.source) or _REPOSITORY.fullmatch(one.source)
        return f"{one.name} @ {one.source}" if is_known else None
    if one.installer in {"", "unknown", "other"} or not _is_version(one.version):
        return None
    return f"{one.name}=={one.version}"


def _is_version(text: str) -> bool:
    try:
        return bool(_VERSION.fullmatch(text)) and bool(Version(text))
    except InvalidVersion:
        return False


def _why_not(one: Distribution) -> str:
    if "editable" in one.flags:
        changes = {"dirty": ", with uncommitted changes"}
        extra = "".join(changes.get(flag, "") for flag in sorted(one.flags))
        return f"an editable installation{extra}; install it from its source"
    if one.source:
        return "from an address that is private, local or without a commit"
    if _PROJECT.fullmatch(one.name) and _is_version(one.version):
        return "nothing tells where it came from"
    return "not a name and version that pip would read"


def _list(key: str, section: _Section) -> list[str]:
    # YAML reads a key with nothing under it as null
    head = f"{key}:" if section.values else f"{key}: []"
    return [head, *_items(section, "  ")]


def _items(section: _Section, indent: str) -> Iterable[str]:
    yield from (f"{indent}- {_quoted(value)}" for value in section.values)
    yield from (_comment(remark, indent) for remark in section.remarks)


def _quoted(value: str) -> str:
    assert re.fullmatch(r"[ !#-\[\]-~]+", value), value  # no quote, no backslash
    return f'"{value}"'


def _comment(text: str, indent: str = "") -> str:
    # PyYAML refuses some characters even in a comment
    return f"{indent}# {printable(text, 1_200).encode('ascii', 'backslashreplace').decode()}"
