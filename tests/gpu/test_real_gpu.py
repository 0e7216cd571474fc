"""The GPU layer on a machine that has a GPU, beside what NVIDIA's own tool says."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from jupyter_repro.capturing.probes import gpu
from jupyter_repro.capturing.sources.gpu.files import find_nvidia
from jupyter_repro.model.snapshot import GpuLayer
from jupyter_repro.safety.world import current_world

pytestmark = pytest.mark.gpu


@pytest.fixture(scope="module")
def layer() -> GpuLayer:
    files = find_nvidia(current_world())
    if files is None:
        pytest.skip("no NVIDIA driver on this machine")
    if not files.nodes:
        pytest.skip("this machine's NVIDIA driver gives no GPU to this process")
    return gpu.collect(current_world())


def ask_nvidia_smi(question: str) -> list[str]:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        pytest.skip("nvidia-smi is not installed")
    done = subprocess.run(
        [tool, f"--query-gpu={question}", "--format=csv,noheader,nounits"],
        capture_output=True,
        check=True,
        text=True,
    )
    return [line.strip() for line in done.stdout.splitlines()]


def test_the_layer_is_complete(layer: GpuLayer) -> None:
    assert (layer.status, layer.reason, layer.vendor) == ("ok", None, "nvidia")
    assert layer.driver
    assert layer.cuda_driver
    assert layer.devices
    for device in layer.devices:
        assert device.compute_capability
        assert device.memory_mib
        assert device.sm_count


def test_the_driver_is_the_one_of_nvidia_smi(layer: GpuLayer) -> None:
    assert set(ask_nvidia_smi("driver_version")) == {layer.driver}


def test_the_devices_are_those_of_nvidia_smi(layer: GpuLayer) -> None:
    if any(device.mig for device in layer.devices):
        pytest.skip("a GPU is split by MIG: nvidia-smi lists the whole ones")
    assert ask_nvidia_smi("name") == [device.name for device in layer.devices]
    told = [int(memory) for memory in ask_nvidia_smi("memory.total")]
    assert told == [device.memory_mib for device in layer.devices]
    assert ask_nvidia_smi("compute_cap") == [device.compute_capability for device in layer.devices]


def test_nothing_that_identifies_the_machine_is_kept(layer: GpuLayer) -> None:
    for identity in ask_nvidia_smi("uuid") + ask_nvidia_smi("serial"):
        if len(identity) > 5:  # "[N/A]" and "0" identify nothing
            assert identity not in str(layer)


def test_multiprocessors_are_those_of_cuda(layer: GpuLayer) -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("this PyTorch has no CUDA")
    told = torch.cuda.get_device_properties(0).multi_processor_count
    assert told in {device.sm_count for device in layer.devices}
