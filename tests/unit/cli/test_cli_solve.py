"""The command `solve` on what is not worth asking anybody: no channel and no index is reached."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from jupyter_repro.cli import main
from jupyter_repro.model.document import Document
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.factories import snapshot_with


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be configured, and every index be refused before it is asked."""
    for name in os.environ:
        if name.startswith(("CONDA", "MAMBA", "PIP_", "UV_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("APPDATA", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path))
    monkeypatch.setenv("CONDA_CHANNELS", "http://127.0.0.1:9/none")


def write(path: Path, **layers: dict[str, Any]) -> Path:
    snapshot: Snapshot = snapshot_with(**layers)
    document = Document(schema_version=snapshot.schema_version, reference=snapshot)
    metadata = {"jupyter_repro": msgspec.to_builtins(document)}
    path.write_text(
        json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})
    )
    return path


def conda(group: str, *lines: str) -> dict[str, dict[str, Any]]:
    return {
        "conda": {"packages": {group: list(lines)}, "channels": []},
        "packages": {"packages": []},
    }


def asked(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main(["solve", *map(str, words)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_an_evil_channel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = f"x-1.0-0.conda#{'a' * 64}"
    path = write(tmp_path / "a.ipynb", **conda("https://evil.example/x/linux-64", line))
    code, out, _ = asked(capsys, path)
    assert code == 2
    assert "not checked      x-1.0-0.conda" in out
    assert "the channel https://evil.example/x is not one of yours" in out


@pytest.mark.parametrize(
    "line",
    [
        "-rf-1.0-0.conda#" + "a" * 64,
        "x;rm-1.0-0.conda",
        "x-1.0-$(id).conda",
        "../x-1-0.conda",
        "x-1-0.conda#zz",
    ],
)
def test_names_that_are_none(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(
        tmp_path / "a.ipynb", **conda("https://conda.anaconda.org/conda-forge/linux-64", line)
    )
    code, out, _ = asked(capsys, path)
    assert code == 1
    assert f"  not installable  {line}\n{'':19}not the name of a conda package\n" in out


def test_a_million_packages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [f"x-1.{number}-0.conda" for number in range(1_000_000)]
    path = write(tmp_path / "a.ipynb", **conda("conda-forge/linux-64", *lines))
    code, out, err = asked(capsys, path)
    assert (code, out) == (2, "")
    assert "a.ipynb" in err
    assert "\n" not in err.strip().split("jupyter repro: ")[-1]


def test_what_cannot_be_installed_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers: dict[str, dict[str, Any]] = {
        "conda": {"packages": {}, "channels": []},
        "packages": {
            "packages": [
                "mine==0.1 [pip, editable]",
                "lib==1 [pip, git+https://x.example/l@0123abc]",
            ]
        },
    }
    path = write(tmp_path / "a.ipynb", **layers)
    code, out, _ = asked(capsys, path, "--json")
    packages = json.loads(out)["solve"]["packages"]
    assert code == 1
    assert {one["package"].split()[0]: one["verdict"] for one in packages} == {
        "mine==0.1": "not installable",
        "lib": "not checked",
    }


def test_http_of_the_configuration_takes_consent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = conda("http://127.0.0.1:9/none/linux-64", f"x-1.0-0.conda#{'a' * 64}")
    layers["packages"] = {"packages": ["rich==13.7.0 [pip]"]}
    code, out, _ = asked(capsys, write(tmp_path / "a.ipynb", **layers))
    assert code == 2
    assert "the channel http://127.0.0.1:9/none of your CONDA_CHANNELS is not asked" in out
    assert "--allow-index http://127.0.0.1:9/simple" in out


def test_a_lookalike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layers: dict[str, dict[str, Any]] = {
        "conda": {"packages": {}, "channels": []},
        "packages": {"packages": ["reqeusts==1.0 [pip]"]},
    }
    _, out, _ = asked(capsys, write(tmp_path / "a.ipynb", **layers))
    assert "reqeusts looks like requests, a well-known package" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--allow-channel", "evil"], "is not the address of one"),
        (["--allow-channel", "-rf"], "expected one argument"),
        (["--allow-index", "ftp://x/y"], "is not the address of one"),
        (["--platform", "../x"], "must be conda's name of a platform"),
        (["--with", "conda"], "there is no conda on the PATH"),
        (["--junit", "/nowhere/solve.xml"], "nowhere"),
    ],
)
def test_mistakes(
    words: list[str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = write(tmp_path / "a.ipynb")
    try:
        code = main(["solve", str(path), *words])
    except SystemExit as left:
        code = int(str(left.code))
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert told in printed.err
    assert "Traceback" not in printed.err


def test_files_that_are_no_notebooks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.ipynb"
    bad.write_text("{")
    good = write(
        tmp_path / "good.ipynb", conda={"packages": {}, "channels": []}, packages={"packages": []}
    )
    report = tmp_path / "solve.xml"
    code, out, err = asked(capsys, bad, good, "--junit", report)
    assert code == 2
    assert "good.ipynb" in out
    assert "bad.ipynb" in err
    suites = list(ET.parse(report).getroot())
    assert [(suite.get("errors"), suite.get("failures")) for suite in suites] == [
        ("1", "0"),
        ("0", "0"),
    ]


def test_without_py_rattler(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_repro.install.rattler.parent.find_spec", lambda _: None)
    monkeypatch.setenv("CONDA_CHANNELS", "https://localhost:9/lab")
    path = write(
        tmp_path / "a.ipynb",
        **conda("https://localhost:9/lab/linux-64", f"x-1.0-0.conda#{'a' * 64}"),
    )
    code, out, err = asked(capsys, path)
    assert (code, out) == (2, "")
    assert err == "jupyter repro: py-rattler is missing: pip install 'jupyter_repro[restore]'\n"
