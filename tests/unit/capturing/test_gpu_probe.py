"""The GPU layer: from recorded files, and together with the stand-in for NVIDIA's library."""

from __future__ import annotations

import platform
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.probes import gpu
from jupyter_repro.capturing.sources.gpu import nvml
from jupyter_repro.capturing.sources.gpu.files import (
    NvidiaFiles,
    find_nvidia,
    name_gfx_target,
    parse_nvidia_version,
)
from jupyter_repro.capturing.sources.gpu.nvml import NvmlAnswer
from jupyter_repro.model.snapshot import GpuDevice, GpuLayer
from tests.unit.support.fake_nvml import compile_fake, run_python
from tests.unit.support.machine import make_world, recorded

pytestmark = pytest.mark.skipif(platform.system() == "Darwin", reason="macOS has its own GPU")

OPEN = "proc/driver/nvidia/version"
DRIVER = {
    OPEN: recorded("nvidia_version_proprietary.txt"),
    "proc/driver/nvidia/gpus/0/information": recorded("nvidia_gpu_information.txt"),
}
NODES = {"dev/nvidiactl": ""}


def test_no_gpu_is_said_without_loading_anything(tmp_path: Path) -> None:
    make_world(tmp_path)
    code = f"""
import sys
from pathlib import Path
from tests.unit.support.machine import make_world
from jupyter_repro.capturing.probes import gpu
layer = gpu.collect(make_world(Path({str(tmp_path)!r})))
print(layer.status, layer.reason, "pynvml" in sys.modules, sep="|")
"""
    assert run_python(code).decode().strip() == "unavailable|no GPU driver found|False"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nvidia_version_proprietary.txt", "550.54.15"),
        ("nvidia_version_open.txt", "570.124.06"),
    ],
)
def test_both_flavours_of_the_driver(name: str, expected: str) -> None:
    assert parse_nvidia_version(recorded(name)) == expected


@given(st.text())
def test_only_a_version_leaves_the_line(text: str) -> None:
    version = parse_nvidia_version("NVRM version: " + text)
    assert version is None or set(version) <= set("0123456789.")


@given(st.from_regex(r"[1-9][0-9]{2}\.[0-9]{1,3}(\.[0-9]{2})?", fullmatch=True))
def test_any_version_is_found(version: str) -> None:
    line = (
        f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {version}  Tue Mar  5 22:23:56 UTC 2024"
    )
    assert parse_nvidia_version(line) == version


def test_the_modules_own_file_is_enough(tmp_path: Path) -> None:
    files = find_nvidia(make_world(tmp_path, {"sys/module/nvidia/version": "535.183.01\n"}))
    assert files is not None
    assert (files.driver, files.nodes) == ("535.183.01", False)


def test_wsl_needs_the_library_beside_the_device(tmp_path: Path) -> None:
    device = {"dev/dxg": ""}
    assert find_nvidia(make_world(tmp_path, device)) is None
    library = {"usr/lib/wsl/lib/libnvidia-ml.so.1": ""}
    files = find_nvidia(make_world(tmp_path, {**device, **library}))
    assert files is not None
    assert files.nodes
    assert files.libraries == (str(tmp_path / "root/usr/lib/wsl/lib/libnvidia-ml.so.1"),)


def test_windows_library(tmp_path: Path) -> None:
    (tmp_path / "System32").mkdir()
    environ = {"WINDIR": str(tmp_path)}
    assert find_nvidia(make_world(tmp_path, environ=environ)) is None
    (tmp_path / "System32" / "nvml.dll").touch()
    files = find_nvidia(make_world(tmp_path, environ=environ))
    assert files is not None
    assert files.nodes


ASK = """
import sys, msgspec
from pathlib import Path
from tests.unit.support.machine import make_world
from jupyter_repro.capturing.probes import gpu
layer = gpu.collect(make_world(Path({folder!r})))
sys.stdout.buffer.write(msgspec.json.encode(layer))
"""


def ask(folder: Path, files: dict[str, str], library: Path, **environ: str) -> GpuLayer:
    make_world(folder, files)
    answered = run_python(
        ASK.format(folder=str(folder)),
        environ={"LD_LIBRARY_PATH": str(library), **environ},
    )
    return msgspec.json.decode(answered, type=GpuLayer)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_fake(tmp_path_factory.mktemp("nvml") / "whole")


def test_driver_and_devices(tmp_path: Path, library: Path) -> None:
    layer = ask(tmp_path, DRIVER | NODES, library)
    assert (layer.status, layer.reason, layer.vendor) == ("ok", None, "nvidia")
    assert (layer.driver, layer.library_driver, layer.cuda_driver) == ("550.54.15", None, "12.4")
    assert [device.name for device in layer.devices] == ["NVIDIA H200", "NVIDIA H200"]


def test_a_driver_without_devices(tmp_path: Path, library: Path) -> None:
    layer = ask(tmp_path, DRIVER | NODES, library, FAKE_NVML_COUNT="0")
    assert (layer.status, layer.devices, layer.driver) == ("ok", [], "550.54.15")
    assert layer.reason == "the NVIDIA driver shows no device"


def test_an_update_without_a_restart_names_both_versions(tmp_path: Path, library: Path) -> None:
    layer = ask(
        tmp_path, DRIVER | NODES, library, FAKE_NVML_INIT="18", FAKE_NVML_LIBRARY="12.570.124"
    )
    assert layer.status == "error"
    assert (layer.driver, layer.library_driver) == ("550.54.15", "570.124")
    assert layer.reason is not None
    assert "550.54.15" in layer.reason
    assert "570.124" in layer.reason
    assert "restarted" in layer.reason


@pytest.mark.parametrize(
    ("code", "words"),
    [("4", "may not"), ("9", "not loaded"), ("999", "without saying why"), ("77", "error 77")],
)
def test_other_failures_are_errors_in_words(
    tmp_path: Path, library: Path, code: str, words: str
) -> None:
    layer = ask(tmp_path, DRIVER | NODES, library, FAKE_NVML_INIT=code)
    assert layer.status == "error"
    assert layer.driver == "550.54.15"
    assert layer.reason is not None
    assert words in layer.reason


def test_nothing_that_identifies_the_machine_is_kept(tmp_path: Path, library: Path) -> None:
    version = {OPEN: recorded("nvidia_version_open.txt")}
    layer = ask(tmp_path, DRIVER | NODES | version, library, FAKE_NVML_INIT="999")
    text = msgspec.json.encode(layer).decode()
    assert "570.124.06" in text
    for word in ("build-host", "builder", "GPU-0000", "0000:00:1e"):
        assert word not in text


def files_with(*, driver: str | None = "550.54.15", nodes: bool = True) -> NvidiaFiles:
    return NvidiaFiles(driver=driver, models=("Tesla T4",), nodes=nodes, libraries=())


def test_a_container_that_was_given_no_gpu(tmp_path: Path) -> None:
    answer = NvmlAnswer(code=nvml.LIBRARY_NOT_FOUND)
    layer = gpu.describe_nvidia(files_with(nodes=False), answer, make_world(tmp_path))
    assert (layer.status, layer.driver, layer.devices) == ("unavailable", "550.54.15", [])
    assert "--gpus" in (layer.reason or "")


def test_a_library_that_is_missing_beside_a_device_is_an_error(tmp_path: Path) -> None:
    answer = NvmlAnswer(code=nvml.LIBRARY_NOT_FOUND)
    layer = gpu.describe_nvidia(files_with(), answer, make_world(tmp_path))
    assert layer.status == "error"
    assert "libnvidia-ml was not found" in (layer.reason or "")


def test_without_the_binding_the_files_tell_the_names(tmp_path: Path) -> None:
    answer = NvmlAnswer(code=nvml.NOT_INSTALLED)
    layer = gpu.describe_nvidia(files_with(), answer, make_world(tmp_path))
    assert layer.status == "ok"
    assert layer.devices == [GpuDevice(name="Tesla T4")]
    assert "nvidia-ml-py is not installed" in (layer.reason or "")


def test_device_files_that_a_removed_driver_left(tmp_path: Path) -> None:
    answer = NvmlAnswer(code=nvml.DRIVER_NOT_LOADED)
    layer = gpu.describe_nvidia(files_with(driver=None), answer, make_world(tmp_path))
    assert (layer.status, layer.reason) == ("unavailable", "the NVIDIA driver is not loaded")


@pytest.mark.parametrize(
    ("library_version", "kernel", "expected"),
    [
        ("570.124.06", "570.124.06", None),
        ("570.124", "570.124.06", None),
        ("570.12", "570.124.06", "570.12"),
        ("575.51", "570.124.06", "575.51"),
        (None, "570.124.06", None),
    ],
)
def test_another_library_version(
    tmp_path: Path, library_version: str | None, kernel: str, expected: str | None
) -> None:
    answer = NvmlAnswer(code=nvml.OK, driver=kernel, library=library_version)
    layer = gpu.describe_nvidia(files_with(), answer, make_world(tmp_path))
    assert layer.library_driver == expected


KFD = "sys/class/kfd/kfd/topology/nodes"
AMD = {
    "dev/kfd": "",
    "sys/module/amdgpu/version": "6.8.5\n",
    "opt/rocm/.info/version": "6.2.0-66\n",
    f"{KFD}/0/properties": "cpu_cores_count 64\nsimd_count 0\ngfx_target_version 0\n",
    f"{KFD}/1/properties": recorded("kfd_node_gpu.txt"),
    f"{KFD}/1/name": "aldebaran\n",
    f"{KFD}/1/mem_banks/0/properties": recorded("kfd_mem_bank.txt"),
}


def test_amd(tmp_path: Path) -> None:
    layer = gpu.collect(make_world(tmp_path, AMD))
    assert (layer.status, layer.vendor, layer.driver) == ("ok", "amd", "6.8.5")
    assert layer.library_driver == "ROCm 6.2.0-66"
    assert layer.devices == [
        GpuDevice(
            name="AMD aldebaran", compute_capability="gfx90a", memory_mib=65_520, sm_count=110
        )
    ]
    assert "1234567890123456789" not in str(layer)


def test_amd_driver_of_the_kernel(tmp_path: Path) -> None:
    layer = gpu.collect(make_world(tmp_path, {"dev/kfd": "", "sys/module/amdgpu/refcnt": "1"}))
    assert (layer.status, layer.driver, layer.devices) == ("ok", None, [])
    assert "kernel's version" in (layer.reason or "")
    assert "no device" in (layer.reason or "")


@pytest.mark.parametrize(
    ("version", "name"),
    [(90010, "gfx90a"), (90402, "gfx942"), (100300, "gfx1030"), (110501, "gfx1151")],
)
def test_amd_architectures(version: int, name: str) -> None:
    assert name_gfx_target(version) == name


INTEL = {
    "dev/dri/renderD128": "",
    "sys/module/xe/refcnt": "1",
    "sys/class/drm/card0/device/vendor": "0x8086\n",
    "sys/class/drm/card0/device/device": "0x56a0\n",
    "sys/class/drm/card0-HDMI-A-1/device/vendor": "0x8086\n",
    "sys/class/drm/version": "drm 1.1.0",
}


def test_intel(tmp_path: Path) -> None:
    layer = gpu.collect(make_world(tmp_path, INTEL))
    assert (layer.status, layer.vendor, layer.driver) == ("ok", "intel", None)
    assert [device.name for device in layer.devices] == ["Intel GPU 0x56a0 (xe)"]


def test_a_driver_that_the_container_cannot_reach(tmp_path: Path) -> None:
    layer = gpu.collect(make_world(tmp_path, {"sys/module/i915/refcnt": "1"}))
    assert layer.status == "unavailable"
    assert "no GPU was given" in (layer.reason or "")


def test_apple(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    layer = gpu.describe_apple("Darwin", "arm64", "Apple M2 Pro", world)
    assert layer is not None
    assert (layer.vendor, layer.devices) == ("apple", [GpuDevice(name="Apple M2 Pro")])
    assert gpu.describe_apple("Darwin", "x86_64", "Apple M2 Pro", world) is None
    assert gpu.describe_apple("Linux", "arm64", None, world) is None
