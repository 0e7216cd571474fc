"""The only module that calls NVIDIA's management library. It returns plain data.

Used by the GPU probe. It imports ``pynvml`` (the distribution nvidia-ml-py, 20 ms) only when it is
called, and always shuts the library down again. It never requests UUIDs, serial numbers or bus
addresses.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from jupyter_repro.model.snapshot import GpuDevice

# NVML's return codes, https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html
NOT_INSTALLED = -1
"""Our own code: the Python binding is missing."""
OK = 0
NOT_SUPPORTED = 3
NOT_FOUND = 6
NO_PERMISSION = 4
DRIVER_NOT_LOADED = 9
LIBRARY_NOT_FOUND = 12
FUNCTION_NOT_FOUND = 13
VERSION_MISMATCH = 18

_WORDS = {
    NOT_INSTALLED: "the Python package nvidia-ml-py is not installed",
    1: "NVML was not initialised",
    2: "NVML refused an argument",
    NOT_SUPPORTED: "this device does not support the question",
    NO_PERMISSION: "this user may not ask the NVIDIA driver",
    DRIVER_NOT_LOADED: "the NVIDIA driver is not loaded",
    10: "the NVIDIA driver did not answer in time",
    11: "the driver could not get an interrupt for the GPU",
    LIBRARY_NOT_FOUND: "the driver's library libnvidia-ml was not found",
    FUNCTION_NOT_FOUND: "the driver's library is too old for the question",
    15: "the GPU has fallen off the bus",
    16: "the GPU must be reset",
    17: "the operating system blocks access to the GPU",
    VERSION_MISMATCH: "the kernel driver and the driver's library are of different versions",
    20: "there was not enough memory to ask",
    999: "the NVIDIA driver failed without saying why",
}


@dataclass(frozen=True, kw_only=True)
class NvmlAnswer:
    """The answer of the driver's library.

    Parameters
    ----------
    code
        NVML's return code of the initialisation, or `NOT_INSTALLED`.
    driver
        Version of the kernel driver, as the library reports it.
    library
        Version of the library; known even if it could not be initialised. Some releases omit its
        last part (``570.124`` for 570.124.06).
    cuda_driver
        The newest CUDA that the driver supports.
    devices
        In NVML's order, which is that of the PCI bus. A GPU that is split by MIG is replaced by
        the slices that this process may see.
    problems
        Queries that failed, in words.
    """

    code: int
    driver: str | None = None
    library: str | None = None
    cuda_driver: str | None = None
    devices: tuple[GpuDevice, ...] = ()
    problems: tuple[str, ...] = ()


def describe_code(code: int) -> str:
    """Return a description of one of NVML's return codes."""
    return _WORDS.get(code, f"NVML answered with the error {code}")


def read_nvml(libraries: Iterable[str] = ()) -> NvmlAnswer:
    """Ask the driver's library about the driver and its devices.

    Parameters
    ----------
    libraries
        Files to try if the loader does not find ``libnvidia-ml.so.1`` by its name.

    Returns
    -------
    NvmlAnswer
        With the `code` of the failure if NVML cannot be initialised; nothing is raised.

    Notes
    -----
    Initialising attaches the GPUs. If no other process holds them and the persistence mode is off,
    that takes up to seconds.
    """
    try:
        import pynvml as nvml
    except ImportError:
        return NvmlAnswer(code=NOT_INSTALLED)
    code = _initialise(nvml)
    if code == LIBRARY_NOT_FOUND and _load_first(libraries):
        code = _initialise(nvml)  # the loader now finds the library by its name
    problems: list[str] = []
    try:
        library = _ask(nvml, problems, "nvmlSystemGetNVMLVersion")
        cuda = _ask(nvml, problems, "nvmlSystemGetCudaDriverVersion_v2")
        answer = NvmlAnswer(
            code=code,
            driver=_ask(nvml, problems, "nvmlSystemGetDriverVersion") if code == OK else None,
            # In "12.570.124.06", the first part is the version of NVML's interface
            library=re.sub(r"^[0-9]{1,2}\.(?=[0-9]{3})", "", library) if library else None,
            cuda_driver=f"{cuda // 1000}.{cuda % 1000 // 10}" if cuda else None,
            devices=tuple(_read_devices(nvml, problems)) if code == OK else (),
            problems=tuple(dict.fromkeys(problems)) if code == OK else (),
        )
    finally:
        if code == OK:
            nvml.nvmlShutdown()
    return answer


def _initialise(nvml: ModuleType) -> int:
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        return int(error.value)
    return OK


def _load_first(libraries: Iterable[str]) -> bool:
    for library in libraries:
        try:
            ctypes.CDLL(library)
        except OSError:
            continue
        return True
    return False


def _ask(nvml: ModuleType, problems: list[str], question: str, *arguments: Any) -> Any:  # noqa: ANN401 - ctypes values
    """Return the answer, or None; `problems` gets the reason, unless the query is unsupported."""
    function = getattr(nvml, question, None)
    if function is None:  # an older nvidia-ml-py
        return None
    try:
        answer = function(*arguments)
    except nvml.NVMLError as error:
        code = int(error.value)
        if code not in {NOT_SUPPORTED, NOT_FOUND, FUNCTION_NOT_FOUND}:
            problems.append(f"{question}: {describe_code(code)}")
        return None
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _read_devices(nvml: ModuleType, problems: list[str]) -> Iterable[GpuDevice]:
    for index in range(_ask(nvml, problems, "nvmlDeviceGetCount") or 0):
        handle = _ask(nvml, problems, "nvmlDeviceGetHandleByIndex", index)
        if handle is None:
            continue
        whole = _read_device(nvml, problems, handle)
        slices = list(_read_slices(nvml, problems, handle, whole)) if whole.mig else []
        yield from slices or [whole]


def _read_device(nvml: ModuleType, problems: list[str], handle: object) -> GpuDevice:
    capability = _ask(nvml, problems, "nvmlDeviceGetCudaComputeCapability", handle)
    mig = _ask(nvml, problems, "nvmlDeviceGetMigMode", handle)
    ecc = _ask(nvml, problems, "nvmlDeviceGetEccMode", handle)
    cores = _ask(nvml, problems, "nvmlDeviceGetNumGpuCores", handle)
    return GpuDevice(
        name=_ask(nvml, problems, "nvmlDeviceGetName", handle) or "unknown NVIDIA device",
        compute_capability=".".join(map(str, capability)) if capability else None,
        memory_mib=_memory_mib(nvml, problems, handle),
        sm_count=count_multiprocessors(cores, tuple(capability)) if cores and capability else None,
        # Both modes are [current, after the next restart]
        mig=bool(mig[0]) if mig else None,
        ecc=bool(ecc[0]) if ecc else None,
    )


def _read_slices(
    nvml: ModuleType, problems: list[str], handle: object, whole: GpuDevice
) -> Iterable[GpuDevice]:
    for index in range(_ask(nvml, problems, "nvmlDeviceGetMaxMigDeviceCount", handle) or 0):
        part = _ask(nvml, problems, "nvmlDeviceGetMigDeviceHandleByIndex", handle, index)
        if part is None:
            continue
        attributes = _ask(nvml, problems, "nvmlDeviceGetAttributes_v2", part)
        yield GpuDevice(
            name=_ask(nvml, problems, "nvmlDeviceGetName", part) or f"{whole.name} MIG",
            compute_capability=whole.compute_capability,
            memory_mib=_memory_mib(nvml, problems, part),
            sm_count=int(attributes.multiprocessorCount) if attributes else None,
            mig=True,
            ecc=whole.ecc,
        )


def _memory_mib(nvml: ModuleType, problems: list[str], handle: object) -> int | None:
    memory = _ask(nvml, problems, "nvmlDeviceGetMemoryInfo", handle)
    return int(memory.total) // 2**20 if memory else None


def count_multiprocessors(cores: int, capability: tuple[int, ...]) -> int | None:
    """Return the number of streaming multiprocessors of a whole GPU, or None if not certain.

    NVML reports their number only for MIG slices, and the number of arithmetic units for all GPUs.
    The compute capability fixes the units per multiprocessor; see "Arithmetic Instructions",
    https://docs.nvidia.com/cuda/cuda-c-programming-guide/
    """
    each = _UNITS_PER_MULTIPROCESSOR.get(capability)
    return cores // each if each and cores % each == 0 else None


_UNITS_PER_MULTIPROCESSOR: dict[tuple[int, ...], int] = {
    **dict.fromkeys([(3, 5), (3, 7)], 192),
    **dict.fromkeys([(6, 0), (7, 0), (7, 2), (7, 5), (8, 0)], 64),
    **dict.fromkeys([(5, 0), (5, 2), (5, 3), (6, 1), (6, 2), (8, 6), (8, 7), (8, 9)], 128),
    **dict.fromkeys([(9, 0), (10, 0), (10, 3), (12, 0), (12, 1)], 128),
}
