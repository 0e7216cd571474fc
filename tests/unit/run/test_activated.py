"""A kernel of a conda environment has what ``conda activate`` sets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpec

from jupyter_repro.run import activated
from jupyter_repro.run.kernel_install import Kernel, install_kernel
from jupyter_repro.run.kernels import _launcher_of, interpreter_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the scripts are those of a shell")

SHOW = "import json, os, sys; print(json.dumps([dict(os.environ), sys.argv, os.getpid()]))"


def make_prefix(prefix: Path, **variables: str) -> Path:
    """Make a conda environment that lends this interpreter, with a script and variables."""
    (prefix / "bin").mkdir(parents=True)
    (prefix / "conda-meta").mkdir()
    binary = Path(os.path.realpath(sys.executable))
    (prefix / "pyvenv.cfg").write_text(f"home = {binary.parent}\n")
    (prefix / "bin" / "python").symlink_to(binary)
    (prefix / "conda-meta" / "state").write_text(json.dumps({"version": 1, "env_vars": variables}))
    for folder, text in (
        (
            "activate.d",
            f'export GDAL_DATA="$CONDA_PREFIX/share/gdal"; export ORDER="$ORDER{prefix}"',
        ),
        ("deactivate.d", "unset GDAL_DATA; set -- a b c"),
    ):
        (prefix / "etc" / "conda" / folder).mkdir(parents=True)
        (prefix / "etc" / "conda" / folder / "libgdal.sh").write_text(text + "\n")
        (prefix / "etc" / "conda" / folder / "fish.fish").write_text("exit 3\n")
    (prefix / "etc" / "conda" / "env_vars.d").mkdir()
    packages = {"PKG_ONLY": "1", "BOTH": "package"}
    (prefix / "etc" / "conda" / "env_vars.d" / "pkg.json").write_text(json.dumps(packages))
    return prefix


def start(prefix: Path, **environ: str) -> tuple[dict[str, str], list[str], bool]:
    """Return the variables, the arguments, and whether the process is still the same."""
    child = subprocess.Popen(
        [prefix / "bin" / "python", "-I", activated.__file__, "-c", SHOW, "-f", "a b"],
        env={"PATH": "/usr/bin:/bin", **environ},
        stdout=subprocess.PIPE,
        text=True,
    )
    told, _ = child.communicate(timeout=60)
    variables, arguments, number = json.loads(told)
    return variables, arguments, number == child.pid


def test_it_has_what_activation_sets(tmp_path: Path) -> None:
    prefix = make_prefix(tmp_path / "envs" / "geo", MINE="yes", BOTH="user", GONE="***unset***")
    found, arguments, is_same = start(prefix, GONE="x", PYTHONHASHSEED="7")
    assert found["CONDA_PREFIX"] == str(prefix)
    assert found["CONDA_DEFAULT_ENV"] == "geo"
    assert found["PATH"] == f"{prefix}/bin:/usr/bin:/bin"
    assert found["GDAL_DATA"] == f"{prefix}/share/gdal"
    assert (found["MINE"], found["PKG_ONLY"], found["BOTH"]) == ("yes", "1", "user")
    assert "GONE" not in found
    assert found["PYTHONHASHSEED"] == "7"
    assert arguments == ["-c", "-f", "a b"]
    assert is_same  # Jupyter interrupts the process that it has started


def test_the_environment_of_jupyter_is_deactivated(tmp_path: Path) -> None:
    lab = make_prefix(tmp_path / "lab", LAB_ONLY="1")
    geo = make_prefix(tmp_path / "geo")
    active = {"CONDA_PREFIX": str(lab), "LAB_ONLY": "1", "GDAL_DATA": "/lab"}
    found, _, _ = start(geo, **active, PATH=f"{lab}/bin:/usr/bin:/bin")
    assert found["CONDA_PREFIX"] == found["CONDA_DEFAULT_ENV"] == str(geo)
    assert found["PATH"] == f"{geo}/bin:/usr/bin:/bin"
    assert "LAB_ONLY" not in found
    assert found["GDAL_DATA"] == f"{geo}/share/gdal"


def test_an_active_environment_is_left_as_it_is(tmp_path: Path) -> None:
    prefix = make_prefix(tmp_path / "geo", MINE="yes")
    found, _, _ = start(prefix, CONDA_PREFIX=str(prefix), MINE="changed")
    assert found["MINE"] == "changed"
    assert found["PATH"] == "/usr/bin:/bin"
    assert "GDAL_DATA" not in found


@pytest.mark.parametrize(
    "state",
    ["", "{", "[1]", '{"env_vars": [1]}', '{"env_vars": {"A=B": "x", "C": 1, "PATH": "/"}}'],
)
def test_a_damaged_state_does_not_stop_the_kernel(tmp_path: Path, state: str) -> None:
    prefix = make_prefix(tmp_path / "geo")
    (prefix / "conda-meta" / "state").write_text(state)
    found, _, _ = start(prefix)
    assert found["PATH"] == f"{prefix}/bin:/usr/bin:/bin"
    assert not {"A=B", "C"} & found.keys()


@pytest.mark.parametrize("is_conda", [True, False])
def test_a_kernel_of_a_conda_environment_starts_through_it(
    tmp_path: Path, *, is_conda: bool
) -> None:
    prefix = make_prefix(tmp_path / "geo")
    if not is_conda:
        shutil.rmtree(prefix / "conda-meta")
    python = prefix / "bin" / "python"
    path = install_kernel(Kernel("Geo", 42, python=python), tmp_path, replace=False).path
    spec = KernelSpec(**json.loads((path / "kernel.json").read_text()))
    launcher = ["-I", str(path / "activated.py")] if is_conda else []
    end = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert spec.argv == [str(python), *launcher, *end]
    assert interpreter_of(spec) == str(python)
    assert _launcher_of(spec) == launcher  # it is also described activated
    assert (path / "activated.py").exists() == is_conda
    if is_conda:
        done = subprocess.run(
            [*spec.argv[:3], "-c", "import os; print(os.environ['GDAL_DATA'])"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == f"{prefix}/share/gdal\n"
