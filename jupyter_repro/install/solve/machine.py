"""The virtual packages of conda (glibc, CUDA) of the machine that a snapshot was made on.

They come from the snapshot and not from this machine, so a CI job without a GPU gives the answer
for the recorded machine.
"""

from __future__ import annotations

from jupyter_repro.install.rattler.parent import VirtualPackage
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.platforms import ARCHITECTURES, OSX, glibc_of, number_in


def virtual_packages(snapshot: Snapshot, platform: str) -> list[VirtualPackage]:
    """Return conda's virtual packages as the recorded machine had them.

    Nothing is known of the machine of a different platform: it gets an ordinary system and no GPU.
    """
    system, _, machine = platform.partition("-")
    is_recorded = platform == snapshot.layers.system.platform
    found: list[VirtualPackage] = []
    if system == "linux":
        kernel = number_in(snapshot.layers.system.kernel if is_recorded else None) or "5.10"
        found += [("__unix", "0", "0"), ("__linux", kernel, "0")]
        found.append(("__glibc", glibc_of(snapshot.layers.system, platform), "0"))
    elif system == "osx":
        version = number_in(snapshot.layers.system.os if is_recorded else None) or OSX
        found += [("__unix", "0", "0"), ("__osx", version, "0")]
    elif system == "win":
        found.append(("__win", "0", "0"))
    found.append(("__archspec", "1", ARCHITECTURES.get(machine, machine)))
    gpu = snapshot.layers.gpu
    cuda = number_in(gpu.cuda_driver) if is_recorded and gpu.vendor == "nvidia" else None
    if cuda:
        found.append(("__cuda", cuda, "0"))
    return found
