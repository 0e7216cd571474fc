"""Read the operating system's files about accelerators; no library is loaded.

Used by the GPU probe. NVIDIA's files only show whether to load its library; AMD's and Intel's
contain all facts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from jupyter_repro.capturing.sources.system.files import list_folder, read_line, read_system_file
from jupyter_repro.model.snapshot import GpuDevice, GpuLayer
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.world import World


@dataclass(frozen=True, kw_only=True)
class NvidiaFiles:
    """Traces of NVIDIA's driver.

    Parameters
    ----------
    driver
        Version of the loaded kernel module. A container sees that of its host.
    models
        Names of the GPUs from that module; a container may not be allowed to use them.
    nodes
        Whether there are device files through which a process could reach a GPU.
    libraries
        Paths of the driver's library outside the folders that the loader searches.
    """

    driver: str | None
    models: tuple[str, ...]
    nodes: bool
    libraries: tuple[str, ...]


# Device files on Linux, and the one with which WSL reaches the driver of Windows
_NODES = ("dev/nvidiactl", "dev/nvidia0", "dev/nvhost-gpu", "dev/dxg")
# WSL and NixOS keep the driver's library in a separate folder
_LIBRARIES = ("usr/lib/wsl/lib/libnvidia-ml.so.1", "run/opengl-driver/lib/libnvidia-ml.so.1")


def find_nvidia(world: World) -> NvidiaFiles | None:
    """Return the traces of NVIDIA's driver, or None if there are none."""
    version = read_system_file(world, "proc/driver/nvidia/version")
    driver = parse_nvidia_version(version or "") or read_line(world, "sys/module/nvidia/version")
    libraries = tuple(str(world.root / path) for path in _LIBRARIES if (world.root / path).exists())
    nodes = any((world.root / path).exists() for path in _NODES[:3])
    # Every WSL has /dev/dxg; the library exists only with a driver
    nodes = nodes or (bool(libraries) and (world.root / _NODES[3]).exists())
    windows = world.environ.get("WINDIR")
    if windows and (Path(windows) / "System32" / "nvml.dll").exists():
        nodes = True
    if driver is None and version is None and not nodes:
        return None
    return NvidiaFiles(
        driver=driver, models=_nvidia_models(world), nodes=nodes, libraries=libraries
    )


def parse_nvidia_version(text: str) -> str | None:
    """Return the driver's version from ``/proc/driver/nvidia/version``.

    The line also names the machine that built the module, so only the version is returned.
    """
    for line in text.splitlines():
        if line.startswith("NVRM version:"):
            return next((word for word in line.split() if _DRIVER_VERSION.fullmatch(word)), None)
    return None


_DRIVER_VERSION = re.compile(r"[0-9]{2,4}(\.[0-9]{1,4}){1,2}")


def _nvidia_models(world: World) -> tuple[str, ...]:
    folder = "proc/driver/nvidia/gpus"
    found = []
    for address in list_folder(world, folder):
        text = read_system_file(world, f"{folder}/{address}/information") or ""
        model = re.search(r"^Model:[ \t]*(\S.*?)[ \t]*$", text, re.MULTILINE)
        if model:
            found.append(redact_text(model[1], world))
    return tuple(found)


def collect_amd(world: World) -> GpuLayer | None:
    """Return the layer of an AMD GPU, or None if its driver is not loaded."""
    if not (world.root / "sys/module/amdgpu").exists():
        return None
    if not (world.root / "dev/kfd").exists():
        return _not_given("AMD")
    driver = read_line(world, "sys/module/amdgpu/version")
    rocm = read_line(world, "opt/rocm/.info/version")
    devices = _amd_devices(world)
    return GpuLayer(
        status="ok",
        reason=_reason(driver, None if devices else "the driver offers no device for computing"),
        vendor="amd",
        driver=redact_text(driver, world) if driver else None,
        library_driver=redact_text(f"ROCm {rocm}", world) if rocm else None,
        devices=devices,
    )


def _amd_devices(world: World) -> list[GpuDevice]:
    folder = "sys/class/kfd/kfd/topology/nodes"
    found = []
    # ROCm numbers its devices in the order of the nodes; nodes without units are processors
    for node in sorted(list_folder(world, folder), key=lambda name: (len(name), name)):
        facts = _properties(read_system_file(world, f"{folder}/{node}/properties"))
        units, target = facts.get("simd_count", 0), facts.get("gfx_target_version", 0)
        if not units or not target:
            continue
        gfx = name_gfx_target(target)
        name = read_line(world, f"{folder}/{node}/name")
        found.append(
            GpuDevice(
                name=redact_text(f"AMD {name or gfx}", world),
                compute_capability=gfx,
                memory_mib=_amd_memory(world, f"{folder}/{node}/mem_banks"),
                sm_count=units // facts["simd_per_cu"] if facts.get("simd_per_cu") else None,
            )
        )
    return found


def name_gfx_target(version: int) -> str:
    """Return AMD's name for an architecture: 90010 is ``gfx90a``, 110000 is ``gfx1100``."""
    return f"gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}"


def _amd_memory(world: World, folder: str) -> int | None:
    banks = [
        _properties(read_system_file(world, f"{folder}/{bank}/properties"))
        for bank in list_folder(world, folder)
    ]
    # heap_type 1 and 2 are memory of the GPU, visible to the processor or not; 0 is memory of the
    # machine: https://docs.kernel.org/gpu/amdgpu/
    own = [bank.get("size_in_bytes", 0) for bank in banks if bank.get("heap_type") in {1, 2}]
    return sum(own) // 2**20 if own else None


def _properties(text: str | None) -> dict[str, int]:
    pairs = (line.split() for line in (text or "").splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}


def collect_intel(world: World) -> GpuLayer | None:
    """Return the layer of an Intel GPU, or None if neither of its drivers is loaded."""
    module = next((m for m in ("xe", "i915") if (world.root / "sys/module" / m).exists()), None)
    if module is None:
        return None
    if not (world.root / "dev/dri").exists():
        return _not_given("Intel")
    driver = read_line(world, f"sys/module/{module}/version")
    devices = []
    for card in list_folder(world, "sys/class/drm"):
        device = f"sys/class/drm/{card}/device"
        if re.fullmatch(r"card[0-9]+", card) and read_line(world, f"{device}/vendor") == "0x8086":
            code = read_line(world, f"{device}/device") or "unknown"
            devices.append(GpuDevice(name=redact_text(f"Intel GPU {code} ({module})", world)))
    return GpuLayer(
        status="ok",
        reason=_reason(driver, None if devices else "the driver offers no device"),
        vendor="intel",
        driver=redact_text(driver, world) if driver else None,
        devices=devices,
    )


def _not_given(vendor: str) -> GpuLayer:
    return GpuLayer(
        status="unavailable",
        reason=f"the machine has an {vendor} driver, but no GPU was given to this process",
    )


def _reason(driver: str | None, problem: str | None) -> str | None:
    own = None if driver else "the driver is the kernel's own and has the kernel's version"
    return "; ".join(part for part in (own, problem) if part) or None
