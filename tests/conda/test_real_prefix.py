"""A prefix that rattler really solved, installed and recorded; see `channel`."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from jupyter_repro.capturing.probes import conda, core
from jupyter_repro.capturing.sources.conda.records import read_records
from jupyter_repro.model.snapshot import CondaLayer
from jupyter_repro.safety.world import World, current_world
from tests.conda.channel import KERNEL, VERSION, install_kernel, make_prefix
from tests.conda.conftest import INSTALLED, REQUESTED, Built

pytestmark = pytest.mark.conda

TIMEOUT = 120
CAPTURE = (
    "import sys, msgspec; from jupyter_repro.capturing.probes import conda, core;"
    "from jupyter_repro.safety.world import current_world; world = current_world();"
    "print(msgspec.json.encode([sys.prefix, conda.collect(world), core.collect(world)]).decode())"
)


def world_of(prefix: Path) -> World:
    return dataclasses.replace(current_world(), prefix=prefix)


def expected_packages(built: Built) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for stem in sorted(INSTALLED):
        package = built.packages[stem]
        line = f"{package.file_name}#{built.digests[package.file_name]}"
        groups.setdefault(f"file://***/{package.subdir}", []).append(line)
    return groups


def package_names(layer: CondaLayer) -> set[str]:
    return {line.partition("#")[0] for lines in layer.packages.values() for line in lines}


def test_capture_is_what_was_installed(built: Built) -> None:
    layer = conda.collect(world_of(built.prefix))
    assert layer.status == "ok"
    assert layer.name == "work"
    assert layer.packages == expected_packages(built)
    assert layer.requested == sorted(REQUESTED)


def test_records_give_name_version_and_build(built: Built) -> None:
    records = {record.name: record for record in read_records(built.prefix / "conda-meta").records}
    for stem in INSTALLED:
        package = built.packages[stem]
        record = records[package.name]
        assert (record.version, record.build) == (package.version, package.build)
        assert record.subdir == package.subdir


def test_environment_is_conda_and_its_maker_is_rattler(built: Built) -> None:
    layer = core.collect(world_of(built.prefix))
    assert (layer.environment, layer.manager) == ("conda", "rattler")


def test_capturing_changes_no_file(built: Built) -> None:
    meta = built.prefix / "conda-meta"
    before = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in meta.iterdir()}
    conda.collect(world_of(built.prefix))
    after = {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in meta.iterdir()}
    assert after == before


def test_its_own_python_captures_the_same(built: Built) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "CONDA_PREFIX"}
    done = subprocess.run(
        [built.prefix / "bin" / "python", "-c", CAPTURE],
        cwd=built.prefix,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT,
    )
    prefix, conda_layer, core_layer = json.loads(done.stdout)
    assert prefix == str(built.prefix)
    # From outside it is not known whether the environment is active
    expected = msgspec.to_builtins(conda.collect(world_of(built.prefix)))
    assert conda_layer == expected | {"activated": False}
    assert (core_layer["python"], core_layer["environment"]) == (VERSION, "conda")


def test_venv_on_top_sees_the_packages_below(built: Built, tmp_path: Path) -> None:
    world = dataclasses.replace(current_world(), prefix=tmp_path, base_prefix=built.prefix)
    layer = conda.collect(world)
    assert layer.packages == expected_packages(built)
    assert "virtual environment" in (layer.reason or "")
    assert core.collect(world).environment == "venv on conda"


def test_three_known_differences_are_three_lines(built: Built, tmp_path: Path) -> None:
    """A patch version, a build string and a missing package."""
    other = make_prefix(
        tmp_path / "other", ["python", "alpha ==1.2.1", "beta ==2.0 cpu_0"], built.channel
    )
    before = package_names(conda.collect(world_of(built.prefix)))
    after = package_names(conda.collect(world_of(other)))
    assert before - after == {
        "alpha-1.2.0-py_0.conda",
        "beta-2.0-cuda_0.tar.bz2",
        "gamma-0.1-pyh_0.conda",
        "delta-3.1.4-h0_0.conda",
    }
    assert after - before == {"alpha-1.2.1-py_0.conda", "beta-2.0-cpu_0.tar.bz2"}


def test_records_that_became_unreadable_degrade(built: Built, tmp_path: Path) -> None:
    prefix = make_prefix(tmp_path / "broken", ["alpha ==1.2.0", "delta"], built.channel)
    meta = prefix / "conda-meta"
    for stem in ("alpha-1.2.0-py_0", "delta-3.1.4-h0_0", "gamma-0.1-pyh_0"):
        (meta / f"{stem}.json").unlink()
    (meta / "alpha-1.2.0-py_0.json").symlink_to(meta / "alpha-1.2.0-py_0.json")
    (meta / "delta-3.1.4-h0_0.json").mkdir()
    (meta / "gamma-0.1-pyh_0.json").write_bytes(b'{\n  "build": "pyh_0",\n  "dep')
    layer = conda.collect(world_of(prefix))
    assert layer.status == "ok"
    assert layer.packages["unknown"] == ["alpha-1.2.0-py_0", "delta-3.1.4-h0_0", "gamma-0.1-pyh_0"]
    assert (layer.reason or "").startswith("3 of 4 records could not be read")


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may read everything")
def test_records_of_another_user_degrade(built: Built, tmp_path: Path) -> None:
    prefix = make_prefix(tmp_path / "shared", ["gamma"], built.channel)
    (prefix / "conda-meta" / "gamma-0.1-pyh_0.json").chmod(0)
    layer = conda.collect(world_of(prefix))
    assert layer.packages == {"unknown": ["gamma-0.1-pyh_0"]}


@contextmanager
def kernel_in(prefix: Path) -> Iterator[BlockingKernelClient]:
    specs = KernelSpecManager(kernel_dirs=[install_kernel(prefix)])
    manager = KernelManager(kernel_name=KERNEL, kernel_spec_manager=specs)
    manager.start_kernel(cwd=str(prefix))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def printed(client: BlockingKernelClient, code: str) -> str:
    written: list[str] = []

    def keep(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            written.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=keep, timeout=TIMEOUT)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(written)


@pytest.mark.kernel
def test_kernel_in_the_prefix_captures_it(built: Built) -> None:
    with kernel_in(built.prefix) as client:
        prefix, conda_layer, core_layer = json.loads(printed(client, CAPTURE))
        assert printed(client, "import alpha; print(alpha.__version__)") == "1.2.0\n"
    assert prefix == str(built.prefix)
    assert conda_layer["packages"] == expected_packages(built)
    assert core_layer["environment"] == "conda"
