"""What the machine of a snapshot offers to packages: conda's virtual packages, and wheel tags.

Virtual packages (glibc, CUDA) and wheel tags come from the snapshot and not from this machine, so a
CI job without a GPU gives the answer for the recorded machine.
"""

from __future__ import annotations

import platform as running
import re
import sys
from collections.abc import Iterator

from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

from jupyter_repro.capturing.probes.system import conda_platform
from jupyter_repro.install.rattler.parent import VirtualPackage
from jupyter_repro.model.snapshot import Snapshot

# Of machines that nothing is recorded of: what most packages were built for in 2024 to 2026
_GLIBC, _OSX = "2.28", "13.0"
_LEGACY = {17: "2014", 12: "2010", 5: "1"}
_ARCHITECTURES = {"64": "x86_64", "aarch64": "aarch64", "arm64": "arm64", "ppc64le": "ppc64le"}
_VERSION = re.compile(r"\d+(?:\.\d+)*")


def this_platform() -> str:
    """Return conda's name of the platform that this process runs on."""
    return conda_platform(
        running.system(), running.machine(), bits=64 if sys.maxsize > 2**32 else 32
    )


def virtual_packages(snapshot: Snapshot, platform: str) -> list[VirtualPackage]:
    """Return conda's virtual packages as the recorded machine had them.

    Where another platform is asked about, nothing is known of its machine: it gets an ordinary
    system and no GPU.
    """
    system, _, machine = platform.partition("-")
    is_recorded = platform == snapshot.layers.system.platform
    found: list[VirtualPackage] = []
    if system == "linux":
        kernel = _number(snapshot.layers.system.kernel if is_recorded else None) or "5.10"
        found += [("__unix", "0", "0"), ("__linux", kernel, "0")]
        found.append(("__glibc", _glibc(snapshot, platform), "0"))
    elif system == "osx":
        version = _number(snapshot.layers.system.os if is_recorded else None) or _OSX
        found += [("__unix", "0", "0"), ("__osx", version, "0")]
    elif system == "win":
        found.append(("__win", "0", "0"))
    found.append(("__archspec", "1", _ARCHITECTURES.get(machine, machine)))
    gpu = snapshot.layers.gpu
    cuda = _number(gpu.cuda_driver) if is_recorded and gpu.vendor == "nvidia" else None
    if cuda:
        found.append(("__cuda", cuda, "0"))
    return found


def wheel_tags(snapshot: Snapshot, platform: str, python: str) -> frozenset[Tag]:
    """Return the tags of the wheels that a CPython on a platform takes.

    Parameters
    ----------
    python
        Its version, ``3.11.7``.
    """
    major, minor = (int(part) for part in python.split(".")[:2])
    version = (major, minor)
    threaded = "t" if snapshot.layers.core.free_threaded else ""
    platforms = list(_platforms(snapshot, platform))
    interpreter = f"cp{major}{minor}"
    return frozenset(
        [
            *cpython_tags(version, [f"{interpreter}{threaded}"], platforms),
            *compatible_tags(version, interpreter, platforms),
        ]
    )


def _platforms(snapshot: Snapshot, platform: str) -> Iterator[str]:
    system, _, machine = platform.partition("-")
    if system == "osx":
        is_recorded = platform == snapshot.layers.system.platform
        version = _number(snapshot.layers.system.os if is_recorded else None) or _OSX
        major, minor = ([int(part) for part in version.split(".")] + [0])[:2]
        yield from mac_platforms((major, minor), "arm64" if machine == "arm64" else "x86_64")
    elif system == "win":
        yield {"64": "win_amd64", "32": "win32", "arm64": "win_arm64"}.get(machine, "win_amd64")
    else:
        architecture = _ARCHITECTURES.get(machine, machine)
        libc = snapshot.layers.system.libc or ""
        if libc.startswith("musl") and platform == snapshot.layers.system.platform:
            last = int((_number(libc) or "1.2").split(".")[1])
            yield from (f"musllinux_1_{minor}_{architecture}" for minor in range(last, -1, -1))
        else:
            last = int(_glibc(snapshot, platform).split(".")[1])
            for minor in range(last, 4, -1):
                yield f"manylinux_2_{minor}_{architecture}"
                if minor in _LEGACY:
                    yield f"manylinux{_LEGACY[minor]}_{architecture}"
        yield f"linux_{architecture}"


def _glibc(snapshot: Snapshot, platform: str) -> str:
    libc = snapshot.layers.system.libc or ""
    if platform != snapshot.layers.system.platform or not libc.startswith("glibc"):
        return _GLIBC
    version = _number(libc) or ""
    return version if re.fullmatch(r"2\.\d{1,3}", version) else _GLIBC


def _number(text: str | None) -> str | None:
    found = _VERSION.search(text or "")
    return found[0][:20] if found else None
