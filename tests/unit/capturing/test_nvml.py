"""The seam to NVML, through the real binding and a compiled stand-in for NVIDIA's library."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from jupyter_repro.capturing.sources.gpu import nvml
from jupyter_repro.capturing.sources.gpu.nvml import (
    NvmlAnswer,
    count_multiprocessors,
    describe_code,
)
from tests.unit.support.fake_nvml import compile_fake, run_python

ASK = """
import ctypes, sys, msgspec
from jupyter_repro.capturing.sources.gpu.nvml import read_nvml
answer = read_nvml()
try:
    left_open = ctypes.CDLL("libnvidia-ml.so.1").fakeOpenCount()
except OSError:
    left_open = 0
sys.stdout.buffer.write(msgspec.json.encode([answer, left_open]))
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compile_fake(tmp_path_factory.mktemp("nvml") / "whole")


def ask(library: Path, **environ: str) -> NvmlAnswer:
    answered = run_python(ASK, environ={"LD_LIBRARY_PATH": str(library), **environ})
    answer, left_open = msgspec.json.decode(answered, type=tuple[NvmlAnswer, int])
    assert left_open == 0, "NVML was not shut down"
    return answer


def test_two_devices(library: Path) -> None:
    answer = ask(library)
    assert answer.code == nvml.OK
    assert (answer.driver, answer.library, answer.cuda_driver) == (
        "550.54.15",
        "550.54.15",
        "12.4",
    )
    assert len(answer.devices) == 2
    device = answer.devices[0]
    assert device.name == "NVIDIA H200"
    assert device.compute_capability == "9.0"
    assert device.memory_mib == 143_771
    assert device.sm_count == 132
    assert answer.problems == ()


def test_what_a_device_does_not_support_is_unknown_and_no_problem(library: Path) -> None:
    answer = ask(library)
    assert [(device.mig, device.ecc) for device in answer.devices] == [(None, None)] * 2
    assert answer.problems == ()


@pytest.mark.parametrize(("told", "expected"), [("0", False), ("1", True)])
def test_ecc_in_force_and_not_the_pending_one(library: Path, told: str, expected: object) -> None:
    assert {device.ecc for device in ask(library, FAKE_NVML_ECC=told).devices} == {expected}


def test_no_devices(library: Path) -> None:
    answer = ask(library, FAKE_NVML_COUNT="0")
    assert (answer.code, answer.devices, answer.driver) == (nvml.OK, (), "550.54.15")


def test_a_split_gpu_is_replaced_by_its_slices(library: Path) -> None:
    devices = ask(library, FAKE_NVML_SLICES="2").devices
    assert [device.name for device in devices] == [
        "NVIDIA H200 MIG 1g.18gb",
        "NVIDIA H200 MIG 1g.18gb",
        "NVIDIA H200",
    ]
    assert [device.sm_count for device in devices] == [16, 16, 132]
    assert [device.mig for device in devices] == [True, True, False]
    assert devices[0].compute_capability == "9.0"
    assert devices[0].memory_mib == 16_384


def test_a_split_gpu_without_visible_slices_stays(library: Path) -> None:
    device = ask(library, FAKE_NVML_SLICES="0").devices[0]
    assert (device.name, device.mig) == ("NVIDIA H200", True)


@pytest.mark.parametrize("code", [4, 9, 18, 999])
def test_initialisation_errors(library: Path, code: int) -> None:
    answer = ask(library, FAKE_NVML_INIT=str(code))
    assert answer.code == code
    assert answer.driver is None
    assert answer.devices == ()
    # These two need no initialisation, and tell which library it was
    assert (answer.library, answer.cuda_driver) == ("550.54.15", "12.4")


def test_a_question_that_fails_is_told_once(library: Path) -> None:
    answer = ask(library, FAKE_NVML_MEMORY="4")
    assert [device.memory_mib for device in answer.devices] == [None, None]
    assert answer.problems == ("nvmlDeviceGetMemoryInfo: this user may not ask the NVIDIA driver",)


def test_missing_symbols_of_an_old_driver(tmp_path: Path) -> None:
    answer = ask(compile_fake(tmp_path / "old", "WITHOUT_CUDA_VERSION", "WITHOUT_CORES"))
    assert answer.code == nvml.OK
    assert answer.cuda_driver is None
    assert [device.sm_count for device in answer.devices] == [None, None]
    assert answer.problems == ()


def test_library_outside_of_the_search_path(library: Path) -> None:
    path = str(library / "libnvidia-ml.so.1")
    code = f"""
from jupyter_repro.capturing.sources.gpu.nvml import read_nvml
print(read_nvml().code, read_nvml(["/not/there.so", {path!r}]).code)
"""
    before, after = run_python(code, environ={"LD_LIBRARY_PATH": ""}).split()
    if before == b"0":
        pytest.skip("this machine has NVIDIA's library in its search path")
    assert (int(before), int(after)) == (nvml.LIBRARY_NOT_FOUND, nvml.OK)


def test_missing_binding() -> None:
    code = """
import sys
sys.modules["pynvml"] = None
from jupyter_repro.capturing.sources.gpu.nvml import read_nvml
print(read_nvml().code)
"""
    assert int(run_python(code)) == nvml.NOT_INSTALLED


@pytest.mark.parametrize(
    ("cores", "capability", "expected"),
    [
        (16_896, (9, 0), 132),  # H100 SXM
        (6_912, (8, 0), 108),  # A100
        (2_560, (7, 5), 40),  # T4
        (16_384, (8, 9), 128),  # RTX 4090
        (16_897, (9, 0), None),
        (1_000, (99, 0), None),
    ],
)
def test_multiprocessors(cores: int, capability: tuple[int, int], expected: int | None) -> None:
    assert count_multiprocessors(cores, capability) == expected


def test_every_code_has_words() -> None:
    assert describe_code(12345).endswith("12345")
    words = {describe_code(code) for code in (1, 2, 3, 4, 9, 10, 12, 13, 15, 16, 17, 18, 20, 999)}
    assert len(words) == 14
