"""The system layer, from recorded files of machines that are not this one."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.probes import system
from jupyter_repro.capturing.sources.system.files import read_system_file
from jupyter_repro.capturing.sources.system.processor import parse_cpu_list, parse_cpuinfo
from jupyter_repro.model.snapshot import SystemLayer
from jupyter_repro.packages.platforms import conda_platform
from jupyter_repro.safety.world import current_world
from tests.unit.support.machine import make_world, recorded

linux = pytest.mark.skipif(platform.system() != "Linux", reason="reads Linux's files")

UBUNTU = {
    "etc/os-release": recorded("os_release_ubuntu.txt"),
    "proc/cpuinfo": recorded("cpuinfo_x86.txt"),
    "proc/sys/kernel/osrelease": "6.8.0-49-generic\n",
    "proc/self/status": recorded("self_status.txt"),
    "sys/devices/system/cpu/online": "0-7\n",
}


@linux
def test_recorded_machine(tmp_path: Path) -> None:
    layer = system.collect(make_world(tmp_path, UBUNTU))
    assert (layer.status, layer.os, layer.kernel) == (
        "ok",
        "Ubuntu 24.04.1 LTS",
        "6.8.0-49-generic",
    )
    assert layer.cpu == "AMD EPYC 9V84 96-Core Processor"
    assert layer.cores == 8  # 32 are allowed, 8 are there
    assert layer.container is None


@linux
def test_this_machine_is_described_completely() -> None:
    layer = system.collect(current_world())
    assert layer.status == "ok"
    assert layer.platform
    assert layer.platform.startswith("linux-")
    assert layer.cores == len(os.sched_getaffinity(0))
    assert layer.machine == platform.machine()
    assert layer.kernel == platform.release()
    assert platform.node() not in str(layer).split()


@linux
def test_an_empty_root_says_what_was_not_found(tmp_path: Path) -> None:
    layer = system.collect(make_world(tmp_path))
    assert layer.status == "ok"
    assert layer.reason is not None
    assert "distribution" in layer.reason
    assert "processor model" in layer.reason
    assert layer.cores is None


def test_only_the_first_processor_is_described() -> None:
    model, features = parse_cpuinfo(recorded("cpuinfo_x86.txt"))
    assert model == "AMD EPYC 9V84 96-Core Processor"
    assert "amx_tile" not in features


def test_memory_encryption_of_amd_is_no_matrix_extension_of_arm() -> None:
    _, features = parse_cpuinfo(recorded("cpuinfo_x86.txt"))
    assert features == [
        *("avx", "avx2", "avx512_bf16", "avx512_vnni", "avx512bw", "avx512dq", "avx512f"),
        *("avx512vl", "f16c", "fma", "sse4_2"),
    ]


def test_arm_processor() -> None:
    model, features = parse_cpuinfo(recorded("cpuinfo_arm.txt"))
    assert model == "ARM Neoverse-V1"
    assert {"asimd", "sve", "sve2", "bf16", "i8mm"} <= set(features)
    assert not {"fp", "aes", "atomics"} & set(features)


def test_an_unknown_arm_part_keeps_its_number() -> None:
    text = "CPU implementer : 0x41\nCPU part : 0xfff\n"
    assert parse_cpuinfo(text)[0] == "ARM part 0xfff"


@given(st.text())
def test_any_cpuinfo_is_read(text: str) -> None:
    _, features = parse_cpuinfo(text)
    assert features == sorted(set(features))


@given(st.sets(st.integers(0, 2000), min_size=1))
def test_cpu_list_round_trip(processors: set[int]) -> None:
    assert parse_cpu_list(",".join(map(str, sorted(processors)))) == processors
    first, last = min(processors), max(processors)
    assert parse_cpu_list(f"{first}-{last}") == set(range(first, last + 1))


def test_a_monstrous_cpu_list_is_cut() -> None:
    assert len(parse_cpu_list("0-99999999999")) < 100_000


@pytest.mark.parametrize(
    ("name", "machine", "bits", "expected"),
    [
        ("Linux", "x86_64", 64, "linux-64"),
        ("Linux", "x86_64", 32, "linux-32"),
        ("Linux", "i686", 32, "linux-32"),
        ("Linux", "aarch64", 64, "linux-aarch64"),
        ("Linux", "ppc64le", 64, "linux-ppc64le"),
        ("Linux", "riscv64", 64, "linux-riscv64"),
        ("Darwin", "arm64", 64, "osx-arm64"),
        ("Darwin", "x86_64", 64, "osx-64"),
        ("Windows", "AMD64", 64, "win-64"),
        ("Windows", "ARM64", 64, "win-arm64"),
        ("FreeBSD", "amd64", 64, "freebsd-64"),
        ("Linux", "", 64, "linux-unknown"),
    ],
)
def test_conda_platform(name: str, machine: str, bits: int, expected: str) -> None:
    assert conda_platform(name, machine, bits=bits) == expected


def test_os_release_quotes_and_comments() -> None:
    facts = system.parse_os_release(recorded("os_release_ubuntu.txt") + 'A="say \\"hi\\""\n')
    assert facts["NAME"] == "Ubuntu"
    assert facts["HOME_URL"] == "https://www.ubuntu.com/"
    assert facts["A"] == 'say "hi"'
    assert "BROKEN" not in facts


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1))
def test_os_release_round_trip(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert system.parse_os_release(f'NAME="{quoted}"') == {"NAME": value}


@linux
def test_musl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "confstr")  # what musl has not: the answer to the question
    padding = "P:padding\n" + "R:file\n" * 5_000 + "\n"
    files = {
        "etc/os-release": recorded("os_release_alpine.txt"),
        "lib/apk/db/installed": padding + recorded("apk_installed.txt"),
    }
    layer = system.collect(make_world(tmp_path, files))
    assert (layer.os, layer.libc) == ("Alpine Linux v3.20", "musl 1.2.5")


@linux
def test_musl_without_a_package_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "confstr")
    assert system.collect(make_world(tmp_path, {"lib/ld-musl-x86_64.so.1": ""})).libc == "musl"


@linux
@pytest.mark.parametrize(
    ("files", "environ", "expected"),
    [
        ({}, {}, None),
        ({".dockerenv": ""}, {}, "docker"),
        ({"run/.containerenv": ""}, {}, "podman"),
        ({".singularity.d/actions": ""}, {}, "apptainer"),
        ({}, {"APPTAINER_CONTAINER": "/x.sif"}, "apptainer"),
        ({".dockerenv": ""}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "kubernetes"),
        ({"proc/1/cgroup": recorded("cgroup_kubernetes.txt")}, {}, "kubernetes"),
        ({"proc/1/cgroup": recorded("cgroup_docker.txt")}, {}, "docker"),
        ({"run/systemd/container": "systemd-nspawn\n"}, {}, "systemd-nspawn"),
        ({"run/systemd/container": "My Host!\n"}, {}, None),
        ({"proc/sys/kernel/osrelease": "5.15.153.1-microsoft-standard-WSL2\n"}, {}, "wsl"),
    ],
)
def test_container(
    tmp_path: Path, files: dict[str, str], environ: dict[str, str], expected: str | None
) -> None:
    assert system.collect(make_world(tmp_path, files, environ=environ)).container == expected


def test_a_docker_host_is_no_container(tmp_path: Path) -> None:
    files = {"proc/1/cgroup": "0::/init.scope\n"}
    assert system.collect(make_world(tmp_path, files)).container is None


def test_reading_is_bounded_and_does_not_raise(tmp_path: Path) -> None:
    world = make_world(tmp_path, {"big": "x" * 100_000, "folder/file": ""})
    assert len(read_system_file(world, "big") or "") == 16_384
    assert read_system_file(world, "folder") is None
    assert read_system_file(world, "missing") is None
    assert read_system_file(world, "null\0") is None


def test_other_systems_say_what_they_cannot_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(platform, "machine", lambda: "AMD64")
    world = make_world(tmp_path, environ={"PROCESSOR_IDENTIFIER": "Intel64 Family 6 Model 158"})
    layer = system.collect(world)
    assert isinstance(layer, SystemLayer)
    assert layer.platform in {"win-64", "win-32"}
    assert layer.cpu == "Intel64 Family 6 Model 158"
    assert layer.reason is not None
