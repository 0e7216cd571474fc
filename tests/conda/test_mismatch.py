"""Record in one conda environment, check in another: exactly what differs is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conda import channel
from tests.conda.channel import SITE, Package

pytestmark = [pytest.mark.conda, pytest.mark.kernel]

CELLS = ["%load_ext jupyter_repro\n%repro seed=42", "import alpha, random\nrandom.random()"]


def python_package(name: str, version: str, build: str) -> Package:
    """Return a conda package that is also a Python distribution, as most of them are."""
    info = f"{SITE}/{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return Package(
        name=name,
        version=version,
        build=build,
        depends=["python"],
        files={
            f"{SITE}/{name}.py": f"__version__ = {version!r}\n".encode(),
            f"{info}/METADATA": metadata.encode(),
            f"{info}/INSTALLER": b"conda",
        },
    )


@pytest.fixture(scope="module")
def prefixes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("mismatch")
    packages = [
        channel.python_package(),
        python_package("alpha", "1.2.0", "py_0"),
        python_package("alpha", "1.2.1", "py_0"),
        python_package("beta", "2.0", "openblas_0"),
        python_package("beta", "2.0", "mkl_0"),
        python_package("gamma", "0.1", "py_0"),
        python_package("delta", "3.1", "py_0"),
    ]
    channel.write_channel(folder / "channel", packages)
    envs = folder / "envs"
    specs = (
        ["python", "alpha ==1.2.0", "beta ==2.0 openblas_0", "gamma", "delta"],
        ["python", "alpha ==1.2.1", "beta ==2.0 mkl_0", "gamma"],
    )
    return (
        channel.make_prefix(envs / "a", specs[0], folder / "channel"),
        channel.make_prefix(envs / "b", specs[1], folder / "channel"),
    )


@pytest.fixture(scope="module")
def notebook(prefixes: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a notebook that was run and recorded in the first prefix."""
    path = tmp_path_factory.mktemp("work") / "paper.ipynb"
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for number, source in enumerate(CELLS)
    ]
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    channel.install_kernel(prefixes[0])
    run = repro("run", str(path), "--kernel", channel.KERNEL, prefix=prefixes[0])
    assert run.returncode == 0, run.stdout + run.stderr
    return path


def repro(*words: str, prefix: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = dict(os.environ)
    if prefix is not None:
        environ["JUPYTER_PATH"] = str(prefix / "share" / "jupyter")
    return subprocess.run(
        [sys.executable, "-m", "jupyter_repro", *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def findings(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(found["severity"], found["kind"], found["subject"]) for found in report["findings"]]


def check(notebook: Path, prefix: Path, policy: str) -> tuple[int, dict[str, Any]]:
    channel.install_kernel(prefix)
    python = str(prefix / "bin" / "python")
    done = repro("check", str(notebook), "--python", python, "--policy", policy, "--json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)["report"]


def test_recorded_what_the_kernel_ran_in(notebook: Path) -> None:
    reference = json.loads(notebook.read_text())["metadata"]["jupyter_repro"]["reference"]
    assert reference["layers"]["conda"]["name"] == "a"
    assert "alpha" in reference["layers"]["notebook"]["used"]
    assert reference["layers"]["core"]["environment"] == "conda"


def test_the_same_environment_matches(notebook: Path, prefixes: tuple[Path, Path]) -> None:
    status, report = check(notebook, prefixes[0], "production")
    assert findings(report) == []
    assert (status, report["verdict"]) == (0, "match")


def test_research_weighs_what_the_notebook_uses(
    notebook: Path, prefixes: tuple[Path, Path]
) -> None:
    status, report = check(notebook, prefixes[1], "research")
    assert findings(report) == [
        ("warning", "version-patch", "alpha"),
        ("note", "package-missing", "delta"),
        ("note", "build", "beta"),
    ]
    assert (status, report["verdict"]) == (0, "drift")


def test_production_weighs_everything(notebook: Path, prefixes: tuple[Path, Path]) -> None:
    status, report = check(notebook, prefixes[1], "production")
    assert findings(report) == [
        ("error", "version-patch", "alpha"),  # used, so it comes first
        ("error", "package-missing", "delta"),
        ("error", "build", "beta"),
    ]
    assert (status, report["verdict"]) == (1, "mismatch")
