"""Write a snapshot as an exact environment.yml: name, version and build of every package.

What cannot be installed again from the text is a comment that says why, never an entry; see
`pins`. https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html
describes the format.

Every value is in double quotes and of a strict ASCII grammar, so YAML 1.1 and 1.2 read the same
texts, pip finds no option in its lines, and nothing breaks out of a value or a comment. There is
no ``prefix:`` and there are no variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jupyter_repro.pins import CondaPin, Pins, pins_of
from jupyter_repro.redact import printable
from jupyter_repro.snapshot import Snapshot


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
    pins = pins_of(snapshot)
    channels = _Section([*pins.channels], [str(one) for one in pins.left_out("channel")])
    pip = _pip_packages(pins)
    lines = [_comment(sentence) for sentence in _header(snapshot)]
    lines.append(f"name: {_quoted(pins.name)}")
    if channels.values or channels.remarks:
        lines += _list("channels", channels)
    lines += _list("dependencies", _conda_packages(pins))
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


def _conda_packages(pins: Pins) -> _Section:
    """Return the conda packages, with Python and pip where no record names them."""
    values = sorted(_spec(pin) for pin in pins.conda if not pin.is_private)
    remarks = [str(one) for one in pins.left_out("conda")]
    remarks += [
        f"{_spec(pin)}: from a private or local channel" for pin in pins.conda if pin.is_private
    ]
    remarks.sort()
    if not any(value.startswith("python=") for value in values):
        if pins.python:
            values.insert(0, f"python={pins.python}")
        remarks[:0] = [str(one) for one in pins.left_out("core")]
    if pins.packages and not any(value.startswith("pip=") for value in values):
        values.append("pip")
    return _Section(values, remarks)


def _spec(pin: CondaPin) -> str:
    return f"{pin.name}={pin.version}={pin.build}"


def _pip_packages(pins: Pins) -> _Section:
    values = [pin.requirement for pin in pins.packages]
    remarks = [str(one) for one in pins.left_out("packages")]
    local = next((value for value in values if re.search(r"==.*\+", value)), None)
    if local:
        remarks.append(f"{local} is not on PyPI: tell pip the index that has it")
    return _Section(values, remarks)


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
