"""What is built is what a user needs: installed into a fresh environment, it works there."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def python(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment in which the wheel is installed."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=False, symlinks=True)
    site = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    (wheel,) = built.glob("*.whl")
    install = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*install, "--no-deps", "--target", site, str(wheel)], check=True, timeout=300)
    # The dependencies come from here, but not the package itself: this folder is no .pth
    Path(site, "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin" / "python"


def run(python: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_wheel_holds_the_schema_and_the_types(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"jupyter_repro/py.typed", "jupyter_repro/schema/document.schema.json"} <= names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "benchmarks/"))]


def test_the_source_archive_can_be_tested(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert {"Makefile", "LICENSE", "pyproject.toml", "tests/unit/test_snapshot.py"} <= names


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
    assert "repro = jupyter_repro.headless.papermill_engine:ReproEngine" in text
