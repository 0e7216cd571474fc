"""The GPU layer: accelerators and their drivers, without a framework.

Files are read first. NVIDIA's library is loaded only if they show a driver, so a machine without a
GPU costs a few file look-ups.
"""

from __future__ import annotations

import platform
from functools import cache

import msgspec

from jupyter_repro.capturing.sources.gpu import nvml
from jupyter_repro.capturing.sources.gpu.files import (
    NvidiaFiles,
    collect_amd,
    collect_intel,
    find_nvidia,
)
from jupyter_repro.capturing.sources.gpu.nvml import NvmlAnswer
from jupyter_repro.capturing.sources.system.sysctl import read_sysctl
from jupyter_repro.model.snapshot import GpuDevice, GpuLayer
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.world import World


def collect(world: World) -> GpuLayer:
    """Return the accelerators of the first vendor whose driver this process can reach.

    NVIDIA comes before AMD and Intel: if there are several, the others drive the screen.
    """
    files = find_nvidia(world)
    nvidia = describe_nvidia(files, _read_nvml(files), world) if files else None
    if nvidia and nvidia.status != "unavailable":
        return nvidia
    other = collect_amd(world) or collect_intel(world) or _collect_apple(world)
    if other and (other.status == "ok" or nvidia is None):
        return other
    return nvidia or GpuLayer(status="unavailable", reason="no GPU driver found")


def _read_nvml(files: NvidiaFiles) -> NvmlAnswer:
    answer = _read_nvml_once(files)
    if answer.code != nvml.OK:
        _read_nvml_once.cache_clear()  # only what was read is worth keeping
    return answer


# Devices do not change while a process runs, and initialising can take seconds. An update of the
# driver changes the files, and so the key.
@cache
def _read_nvml_once(files: NvidiaFiles) -> NvmlAnswer:
    return nvml.read_nvml(files.libraries)


def describe_nvidia(files: NvidiaFiles, answer: NvmlAnswer, world: World) -> GpuLayer:
    """Return the layer from NVIDIA's files and the answer of its library.

    Parameters
    ----------
    files, answer
        If the library failed, the files still contain the version of the kernel driver.
    world
        For the redaction of names.

    Returns
    -------
    GpuLayer
        ``unavailable`` if this process was given no GPU, even if it sees the driver; ``error`` if
        it should reach one and cannot.
    """
    kernel = answer.driver or files.driver
    layer = GpuLayer(
        status="ok",
        reason="; ".join(answer.problems)[:400] or None,
        vendor="nvidia",
        driver=redact_text(kernel, world) if kernel else None,
        library_driver=_other_version(answer.library, kernel),
        cuda_driver=answer.cuda_driver,
        devices=[
            msgspec.structs.replace(device, name=redact_text(device.name, world))
            for device in answer.devices
        ],
    )
    if answer.code == nvml.OK:
        if not answer.devices and not answer.problems:
            return msgspec.structs.replace(layer, reason="the NVIDIA driver shows no device")
        return layer
    status, reason = _explain_failure(files, answer)
    # Without the Python binding, the names of the GPUs are still in the files
    names = files.models if status == "ok" else ()
    return msgspec.structs.replace(
        layer, status=status, reason=reason, devices=[GpuDevice(name=name) for name in names]
    )


def _explain_failure(files: NvidiaFiles, answer: NvmlAnswer) -> tuple[str, str]:
    words = nvml.describe_code(answer.code)
    if answer.code in _UNREACHABLE and not files.nodes:
        return "unavailable", (
            "the machine has an NVIDIA driver, but no GPU was given to this process "
            "(a container needs `--gpus all` or its equal)"
        )
    if answer.code == nvml.DRIVER_NOT_LOADED and files.driver is None:
        return "unavailable", words
    if answer.code == nvml.NOT_INSTALLED and files.models:
        return "ok", f"only the driver and the names of the devices are known: {words}"
    if answer.code == nvml.VERSION_MISMATCH:
        return "error", (
            f"the kernel driver is {files.driver or 'of an unknown version'} and its library is "
            f"{answer.library or 'different'}: the driver was updated while it was in use, "
            "and CUDA does not work until the machine (or the container) is restarted"
        )
    return "error", words


# Without a device file, these mean only that no GPU was given: a container sees its host's driver
_UNREACHABLE = {nvml.NOT_INSTALLED, nvml.LIBRARY_NOT_FOUND, nvml.DRIVER_NOT_LOADED}


def _other_version(library: str | None, kernel: str | None) -> str | None:
    # NVML may omit the last part of its version: 570.124 of 570.124.06
    same = library and kernel and f"{kernel}.".startswith(f"{library}.")
    return None if same else library


def _collect_apple(world: World) -> GpuLayer | None:
    return describe_apple(
        platform.system(), platform.machine(), read_sysctl("machdep.cpu.brand_string"), world
    )


def describe_apple(system: str, machine: str, chip: str | None, world: World) -> GpuLayer | None:
    """Return the layer of an Apple chip, whose GPU PyTorch reaches through Metal.

    Parameters
    ----------
    system, machine
        As `platform` returns them. An x86-64 Python on an Apple chip cannot use its GPU.
    chip
        Apple's name, such as ``Apple M2 Pro``.
    world
        For the redaction of the name.
    """
    if system != "Darwin" or machine != "arm64":
        return None
    return GpuLayer(
        status="ok",
        reason="the driver is macOS's own and has its version",
        vendor="apple",
        devices=[GpuDevice(name=redact_text(chip or "Apple GPU", world))],
    )
