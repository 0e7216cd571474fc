"""What is built is what a user needs: installed into a fresh environment, it works there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.packaging.installing import without_node

PANEL = "share/jupyter/labextensions/jupyter-repro"


@pytest.fixture(scope="module")
def python(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False, symlinks=True)
    site = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    (wheel,) = built.glob("*.whl")
    python = folder / "bin" / "python"
    # Not --prefix: that would take away the one that runs this test
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    command = [*pip, "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run(command, env=without_node(folder / "nothing"), check=True, timeout=300)
    # The dependencies come from here, but not the package itself: this folder is no .pth
    Path(site, "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return python


def run(python: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command, env = [str(python), *words], without_node(cwd / "nothing")
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_wheel_holds_the_schema_and_the_types(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"jupyter_repro/py.typed", "jupyter_repro/model/schema/document.schema.json"} <= names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "benchmarks/"))]


def test_the_source_archive_can_be_tested(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {"Makefile", "LICENSE", "pyproject.toml", "tests/unit/model/test_snapshot.py"} <= names
    assert {"labextension/src/index.ts", "labextension/yarn.lock"} <= names
    assert "jupyter_repro/labextension/static/style.js" in names
    assert not [name for name in names if "node_modules" in name]


def test_the_wheel_holds_the_panel_once_and_as_released(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = [name for name in zipfile.ZipFile(wheel).namelist() if "labextension" in name]
    assert all(f".data/data/{PANEL}/" in name for name in names)
    files = {name.partition(f"{PANEL}/")[2] for name in names}
    assert {"package.json", "install.json", "schemas/jupyter-repro/plugin.json"} <= files
    assert any(name.startswith("static/remoteEntry.") for name in files)
    assert not [name for name in files if name.endswith((".map", ".ts", "build_log.json"))]


def test_jupyterlab_finds_the_installed_panel(python: Path, tmp_path: Path) -> None:
    done = run(python, "-m", "jupyterlab.labextensions", "list", cwd=tmp_path)
    listed = done.stdout + done.stderr
    here = listed.partition(f"{python.parents[1] / PANEL}".removesuffix("/jupyter-repro"))[2]
    plain = re.sub(r"\x1b\[\d+m", "", here)
    assert re.search(r"jupyter-repro v\S+ enabled OK \(python, jupyter_repro\)", plain), listed


def test_the_installed_package_captures_and_checks(python: Path, tmp_path: Path) -> None:
    where = run(python, "-c", "import jupyter_repro; print(jupyter_repro.__file__)", cwd=tmp_path)
    assert str(python.parents[1]) in where.stdout
    done = run(python, "-m", "jupyter_repro", "capture", "--json", cwd=tmp_path)
    assert done.stderr == ""
    assert json.loads(done.stdout)["layers"]["core"]["environment"] == "venv"


def test_entry_points(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    text = archive.read(name).decode()
    assert "jupyter-repro = jupyter_repro.cli:main" in text
    assert "repro = jupyter_repro.run.papermill_engine:ReproEngine" in text
