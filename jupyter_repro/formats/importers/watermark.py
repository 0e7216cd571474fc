"""Import the output of ``%watermark`` (https://github.com/rasbt/watermark), also its old format.

It names modules, not distributions: a version is compared if a distribution has that name; if none
has, nothing is reported. Author, host and dates are not kept.
"""

from __future__ import annotations

import re

from jupyter_repro.formats.importers.draft import LONGEST, Draft
from jupyter_repro.formats.importers.module_names import distribution_of
from jupyter_repro.formats.importers.notebook_text import NotebookText
from jupyter_repro.model.snapshot import GpuDevice
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.packages.platforms import conda_platform

_OLD_LINE = re.compile(r"([A-Za-z_][\w.-]*)\s+(\S+)")
_VERSION = re.compile(r"v?(\d[A-Za-z0-9.!+_-]*)")
_MODULE = re.compile(r"[A-Za-z_][\w.-]*")
_MARKS = ("python version", "ipython version", "cpython ", "ipython ", "last updated:")
_GPU = re.compile(r"\s*GPU \d+:\s*(\S.*)")
# What watermark prints besides versions, in its current format and in the one before 2.0
_OTHERS = frozenset(
    (
        *("last updated", "author", "github username", "email", "website", "date", "hostname"),
        *("host name", "processor", "cpu cores", "architecture", "interpreter", "cuda version"),
        *("git hash", "git repo", "git branch", "conda environment", "watermark", "gpu info"),
    )
)


def find(text: NotebookText) -> str | None:
    """Return the output of the cells with ``%watermark``, or None."""
    found = [
        cell.output
        for cell in text.cells
        if "%watermark" in cell.source and looks_like(cell.output)
    ]
    return "\n".join(found) or None


def looks_like(text: str) -> bool:
    """Return whether a text may be the output of ``%watermark``."""
    lines = text.lower().splitlines()
    return any(line.strip().startswith(_MARKS) for line in lines) or any(
        _MODULE.fullmatch(key.strip()) and _VERSION.fullmatch(value.strip())
        for key, _, value in (line.partition(":") for line in text.splitlines())
    )


def read(text: str, draft: Draft) -> None:
    """Add the versions, Python and the machine."""
    system: dict[str, str] = {}
    devices: list[GpuDevice] = []
    for line in text.splitlines():
        if len(line) > LONGEST:
            continue
        gpu, old = _GPU.match(line), _OLD_LINE.fullmatch(line.strip())
        key, colon, value = (part.strip() for part in line.partition(":"))
        if gpu:
            name = draft.text(gpu[1])
            devices += [GpuDevice(name=name)] if name else []
        elif colon or old:
            _add(draft, system, *((key, value) if colon or old is None else old.groups()))
    if devices:
        draft.gpu["devices"] = devices
    if {"os", "machine"} <= system.keys():
        bits = 32 if system.get("architecture") == "32bit" else 64
        draft.system["platform"] = conda_platform(system["os"], system["machine"], bits=bits)


def _add(draft: Draft, system: dict[str, str], key: str, value: str) -> None:
    lower, version = key.lower(), _VERSION.fullmatch(value)
    if lower in {"python version", "cpython"} and version:
        draft.core["python"] = version[1]
        draft.core.setdefault("implementation", "CPython")
    elif lower == "python implementation":
        draft.core["implementation"] = draft.text(value)
    elif lower == "compiler":
        draft.core["compiler"] = draft.text(value)
    elif lower in {"os", "system"}:
        system["os"] = value
    elif lower in {"release", "machine"}:
        system[lower] = value
        draft.system["kernel" if lower == "release" else "machine"] = draft.text(value)
    elif lower == "architecture":
        system["architecture"] = value
    elif lower in {"ipython version", "ipython"} and version:
        draft.add_distribution(Distribution("ipython", version[1]))
    elif lower not in _OTHERS and version and _MODULE.fullmatch(key):
        draft.add_distribution(Distribution(distribution_of(key), version[1], flags=("guessed",)))
