"""The output of conda list and pip list, saved as requirements.txt; files in old encodings."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from jupyter_repro.errors import UnreadableError
from jupyter_repro.formats.importers.registry import find_format, import_bytes, import_file
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.exports import text_of
from tests.unit.support.imports import imported, notes

EXPORT = """\
# This file may be used to create an environment using:
# $ conda create --name <env> --file <this file>
# platform: osx-arm64
_libgcc_mutex=0.1=main
ca-certificates=2021.10.26=hecd8cb5_2
numpy=1.21.2=py39h4b4dc7a_0
sub-pkg=1!2.0=0
torchmetrics=0.6.0=pypi_0
old=1.2=<pip>
"""
CONDA_LIST = """\
# packages in environment at /home/somebody/miniconda3/envs/lab:
#
# Name                    Version                   Build  Channel
_libgcc_mutex             0.1                        main
blas                      1.0                         mkl
numpy                     1.21.2           py39h20f2e39_0    conda-forge
jpeg                      9e                   h7f8727e_0    pkgs/main
mine                      0.3.dev0                  dev_0    <develop>
torchmetrics              0.6.0                    pypi_0    pypi
old                       1.2                       <pip>
"""
PIP_LIST = """\
Package    Version      Editable project location
---------- ------------ -------------------------
numpy      1.21.2
mypkg      1.0.dev0     /home/somebody/code/mypkg
torch      1.13.1+cu117
"""


def read(text: str) -> Snapshot:
    return imported(text, "requirements.txt")


def conda(snapshot: Snapshot) -> dict[str, list[str]]:
    return snapshot.layers.conda.packages


def test_conda_list_export() -> None:
    snapshot = read(EXPORT)
    assert conda(snapshot) == {
        "unknown": [
            "_libgcc_mutex-0.1-main",
            "ca-certificates-2021.10.26-hecd8cb5_2",
            "numpy-1.21.2-py39h4b4dc7a_0",
            "sub-pkg-1!2.0-0",
        ]
    }
    assert snapshot.layers.packages.packages == ["old==1.2 [pip]", "torchmetrics==0.6.0 [pip]"]
    assert snapshot.layers.system.platform == "osx-arm64"
    assert notes(snapshot) == [
        "Some lines have the form of conda's or pip's list of packages: they were read so."
    ]
    document = yaml.safe_load(text_of(snapshot))
    assert "numpy=1.21.2=py39h4b4dc7a_0" in document["dependencies"]
    assert {"pip": ["old==1.2", "torchmetrics==0.6.0"]} in document["dependencies"]


def test_conda_list() -> None:
    snapshot = read(CONDA_LIST)
    assert conda(snapshot) == {
        "unknown": ["_libgcc_mutex-0.1-main", "blas-1.0-mkl"],
        "https://conda.anaconda.org/conda-forge/unknown": ["numpy-1.21.2-py39h20f2e39_0"],
        "https://repo.anaconda.com/pkgs/main/unknown": ["jpeg-9e-h7f8727e_0"],
    }
    assert snapshot.layers.packages.packages == [
        "mine==0.3.dev0 [pip, editable]",
        "old==1.2 [pip]",
        "torchmetrics==0.6.0 [pip]",
    ]
    assert snapshot.layers.conda.channels == ["conda-forge", "pkgs/main"]
    assert "somebody" not in repr(snapshot)
    assert "jpeg=9e=h7f8727e_0" in yaml.safe_load(text_of(snapshot))["dependencies"]


def test_the_head_of_a_conda_list_is_not_needed() -> None:
    bare = "".join(f"{line}\n" for line in CONDA_LIST.splitlines() if not line.startswith("#"))
    assert conda(read(bare)) == conda(read(CONDA_LIST))


def test_pip_list() -> None:
    snapshot = read(PIP_LIST)
    assert snapshot.layers.packages.packages == [
        "mypkg==1.0.dev0 [pip, editable, file://***/mypkg]",
        "numpy==1.21.2 [pip]",
        "torch==1.13.1+cu117 [pip]",
    ]
    assert len(notes(snapshot)) == 1
    verbose = (
        "Package Version Location                      Installer\n"
        "------- ------- ----------------------------- ---------\n"
        "numpy   1.21.2  /usr/lib/python3/dist-packages pip\n"
    )
    assert read(verbose).layers.packages.packages == ["numpy==1.21.2 [pip]"]
    old = "numpy (1.21.2)\nmypkg (1.0, /home/somebody/mypkg)\n"
    assert read(old).layers.packages.packages == [
        "mypkg==1.0 [pip, editable, file://***/mypkg]",
        "numpy==1.21.2 [pip]",
    ]


def test_specifications_of_conda_among_requirements() -> None:
    snapshot = read("conda-forge::numpy=1.21\npytorch::torchvision\nscipy=1.7\nrich==13.7.0\n")
    assert snapshot.layers.conda.requested == [
        *("conda-forge::numpy=1.21", "pytorch::torchvision", "scipy=1.7")
    ]
    assert snapshot.layers.conda.channels == ["conda-forge", "pytorch"]
    assert snapshot.layers.packages.packages == ["rich==13.7.0 [pip]"]


@pytest.mark.parametrize("line", ["Python 3.8 or newer", "see README 2.0", "numpy = 1.2 = x = y"])
def test_words_are_no_packages(line: str) -> None:
    snapshot = read(f"rich==13.7.0\n{line}\n")
    assert snapshot.layers.packages.packages == ["rich==13.7.0 [pip]"]
    assert conda(snapshot) == {}
    assert len(notes(snapshot)) == 1


@pytest.mark.parametrize("text", [EXPORT, CONDA_LIST, PIP_LIST])
def test_a_list_is_recognised_whatever_its_name(text: str) -> None:
    one = find_format(Path("what-i-had.txt"), text)
    assert one is not None
    assert one.name == "requirements.txt"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("gbk", "GBK"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("cp1252", "Windows-1252")],
)
def test_an_old_encoding_is_read_and_told(encoding: str, shown: str, tmp_path: Path) -> None:
    comment = "für Grüße, déjà vu" if encoding == "cp1252" else "# 深度学习"
    path = tmp_path / "requirements.txt"
    path.write_bytes(f"# {comment}\nnumpy==1.21.2\n".encode(encoding))
    snapshot = import_file(path)
    assert snapshot.layers.packages.packages == ["numpy==1.21.2 [pip]"]
    assert notes(snapshot) == [f"The file is not UTF-8 text; it was read as {shown}."]


@pytest.mark.parametrize("raw", [b"\xff\x00numpy", b"\x89PNG\r\n\x1a\n\xff\x00", b"\xffa\x01"])
def test_a_binary_file_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableError, match="is not UTF-8 text"):
        import_bytes(Path("requirements.txt"), raw)


def test_pip_freeze_names_an_editable_package_above_its_folder() -> None:
    snapshot = read(
        "# Editable install with no version control (mypkg==1.0)\n-e /home/somebody/mypkg\n"
        "# Editable Git install with no remote (other==2.0.dev1+g12ab)\n"
        "-e c:\\users\\somebody\\other\n"
        "numpy==1.21.2\n-e /home/somebody/third\n"
    )
    assert snapshot.layers.packages.packages == [
        "mypkg==1.0 [pip, editable, file://***/mypkg]",
        "numpy==1.21.2 [pip]",
        "other==2.0.dev1+g12ab [pip, editable, file://***/other]",
    ]
    assert notes(snapshot) == [
        "file://***/third: an editable installation that does not name its package."
    ]
