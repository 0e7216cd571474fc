"""conda's names of platforms, and the tags of the wheels that a platform accepts.

The tags of a recorded machine come from its record, not from this machine.
"""

from __future__ import annotations

import platform as running
import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jupyter_repro.model.snapshot import SystemLayer

if TYPE_CHECKING:
    from packaging.tags import Tag

# For machines without a record: what most packages were built for in 2024 to 2026
GLIBC, OSX = "2.28", "13.0"

ARCHITECTURES = {
    "64": "x86_64",
    "32": "i686",
    "aarch64": "aarch64",
    "arm64": "arm64",
    "ppc64le": "ppc64le",
}
"""conda's name of an architecture → the name that wheels use."""

_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""glibc 2.x → the older name of its tag (PEP 600)."""

_PLATFORM = re.compile(r"[a-z0-9]+-[a-z0-9_]+")
_SUBDIR = re.compile(r"noarch|[a-z0-9]+-[a-z0-9_]+")
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+)*")


def conda_platform(system: str, machine: str, *, bits: int) -> str:
    """Return conda's name for an operating system and an architecture.

    Parameters
    ----------
    system, machine
        As `platform.system()` and `platform.machine()` return them.
    bits
        Word size of Python: a 32-bit Python on a 64-bit kernel needs 32-bit packages.

    Returns
    -------
    str
        ``linux-64``, ``linux-aarch64``, ``osx-arm64``, ``win-64``, …; see
        https://docs.conda.io/projects/conda-build/en/stable/concepts/subdir.html
    """
    os_part = {"Linux": "linux", "Darwin": "osx", "Windows": "win"}.get(system, system.lower())
    arch = machine.lower()
    if arch in {"x86_64", "amd64", "i386", "i586", "i686", "x86"}:
        return f"{os_part}-{bits if arch in {'x86_64', 'amd64'} else 32}"
    if arch in {"aarch64", "arm64"}:
        return f"{os_part}-{'aarch64' if os_part == 'linux' else 'arm64'}"
    return f"{os_part}-{arch or 'unknown'}"


def this_platform() -> str:
    """Return conda's name of the platform that this process runs on."""
    return conda_platform(
        running.system(), running.machine(), bits=64 if sys.maxsize > 2**32 else 32
    )


def is_platform(text: str) -> bool:
    """Return whether this has the form of conda's platforms (``linux-64``)."""
    return _PLATFORM.fullmatch(text) is not None


def is_subdir(name: str) -> bool:
    """Return whether this is a platform folder of a channel (``linux-64``, ``noarch``)."""
    return _SUBDIR.fullmatch(name) is not None


def wheel_tags(
    system: SystemLayer, platform: str, python: str, *, free_threaded: bool = False
) -> list[Tag]:
    """Return the tags of the wheels that a CPython on a platform accepts, the best first.

    Parameters
    ----------
    system
        The recorded machine. If `platform` is a different one, an ordinary machine of that platform
        is assumed.
    platform
        conda's name (``linux-64``).
    python
        Version of CPython, ``3.11.7``.
    """
    from packaging.tags import compatible_tags, cpython_tags

    major, minor = (int(part) for part in python.split(".")[:2])
    interpreter = f"cp{major}{minor}"
    platforms = list(_wheel_platforms(system, platform))
    abis = [f"{interpreter}{'t' if free_threaded else ''}"]
    tags = [
        *cpython_tags((major, minor), abis, platforms),
        *compatible_tags((major, minor), interpreter, platforms),
    ]
    return [*dict.fromkeys(tags)]


def glibc_of(system: SystemLayer, platform: str) -> str:
    """Return the version of glibc of the recorded machine, else that of an ordinary one."""
    libc = system.libc or ""
    if platform != system.platform or not libc.startswith("glibc"):
        return GLIBC
    version = number_in(libc) or ""
    return version if re.fullmatch(r"2\.[0-9]{1,3}", version) else GLIBC


def number_in(text: str | None) -> str | None:
    """Return the first version number in a text, cut to a length that versions do not reach."""
    found = _VERSION.search(text or "")
    return found[0][:20] if found else None


def _wheel_platforms(system: SystemLayer, platform: str) -> Iterator[str]:
    from packaging.tags import mac_platforms

    name, _, machine = platform.partition("-")
    architecture = ARCHITECTURES.get(machine, machine)
    is_recorded = platform == system.platform
    if name == "osx":
        version = number_in(system.os if is_recorded else None) or OSX
        major, minor = ([int(part) for part in version.split(".")] + [0])[:2]
        yield from mac_platforms((major, minor), architecture)
    elif name == "win":
        yield {"64": "win_amd64", "32": "win32"}.get(machine, f"win_{machine}")
    elif is_recorded and (system.libc or "").startswith("musl"):
        last = int((number_in(system.libc) or "1.2").split(".")[1])
        yield from (f"musllinux_1_{minor}_{architecture}" for minor in range(last, -1, -1))
        yield f"linux_{architecture}"
    else:
        for minor in range(int(glibc_of(system, platform).split(".")[1]), 4, -1):
            yield f"manylinux_2_{minor}_{architecture}"
            if minor in _OLD_NAMES:
                yield f"{_OLD_NAMES[minor]}_{architecture}"
        yield f"linux_{architecture}"
