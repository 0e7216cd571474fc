"""``jupyter repro export``: a file, those beside it, or text; and what of it is told."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
import yaml

from jupyter_repro.cli import main
from jupyter_repro.model.document import Document
from jupyter_repro.model.snapshot import Snapshot
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.unit.support.command_line import jupyter_repro
from tests.unit.support.factories import make_snapshot, snapshot_with


def record(path: Path, snapshot: Snapshot, name: str = "paper.ipynb") -> Path:
    document = Document(schema_version=1, reference=snapshot)
    plain = msgspec.to_builtins(document)
    write_notebook(path / name, make_notebook(code_cell("1"), jupyter_repro=plain))
    return path / name


def test_a_file_by_its_name(tmp_path: Path) -> None:
    notebook = record(tmp_path, make_snapshot())
    done = jupyter_repro("export", notebook, "-o", tmp_path / "environment.yml")
    assert done.returncode == 0
    assert done.stdout == f"Written: {tmp_path / 'environment.yml'}\n"
    assert "torch==2.3.1+cu121: not on PyPI, so the file adds PyTorch's own place" in done.stderr
    assert yaml.safe_load((tmp_path / "environment.yml").read_text())["name"] == "lab"
    again = jupyter_repro("export", notebook, "-o", tmp_path / "environment.yml")
    assert again.returncode == 2
    assert again.stderr.count("\n") == 1
    assert "is there already" in again.stderr


def test_text_without_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = record(tmp_path, make_snapshot())
    assert main(["export", str(notebook), "--format", "explicit"]) == 0
    printed = capsys.readouterr()
    assert "\n@EXPLICIT\nhttps://" in printed.out
    assert "2 Python packages" in printed.err
    assert [*tmp_path.iterdir()] == [notebook]


def test_a_hyphen_is_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = record(tmp_path, make_snapshot())
    assert main(["export", str(notebook), "--format", "explicit", "-o", "-"]) == 0
    assert "\n@EXPLICIT\nhttps://" in capsys.readouterr().out
    for words in (
        ["run", str(notebook), "-o", "-"],
        ["import", str(notebook), "-o", "-"],
        ["report", str(notebook), "-o", "-"],
        ["capture", "-o", "-"],
        ["verify", str(notebook), "--junit", "-"],
        ["solve", str(notebook), "--junit", "-"],
    ):
        with pytest.raises(SystemExit):
            main(words)
        assert "must be a file, not '-'" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == [notebook]


def test_several_files_go_beside_the_one_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = record(tmp_path, snapshot_with(packages={"packages": []}))
    (tmp_path / "image").mkdir()
    assert main(["export", str(notebook), "-o", str(tmp_path / "image" / "Dockerfile")]) == 0
    names = {path.name for path in (tmp_path / "image").iterdir()}
    assert names == {"Dockerfile", ".dockerignore", "environment.lock.txt"}
    capsys.readouterr()
    assert main(["export", str(notebook), "--format", "dockerfile"]) == 2
    assert "several files" in capsys.readouterr().err


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = record(tmp_path, make_snapshot())
    out = tmp_path / "explicit.txt"
    assert main(["export", str(notebook), "-o", str(out), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["written"] == [str(out)]
    assert printed.err == ""
    assert main(["export", str(notebook), "--format", "explicit", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"]["explicit.txt"].startswith("# Environment ")
    assert len(told["notes"]) == 1


def test_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notebook = str(record(tmp_path, make_snapshot()))
    assert main(["export", notebook, "--format", "requirements.txt", "--no-hashes"]) == 0
    assert "rich==13.7.0\n" in capsys.readouterr().out
    assert main(["export", notebook, "--format", "environment.yml", "--pins", "research"]) == 0
    assert '"numpy=1.26"' in capsys.readouterr().out
    arguments = ["--pins", "version", "--platform", "osx-arm64"]
    assert main(["export", notebook, "--format", "environment.yml", *arguments]) == 0
    printed = capsys.readouterr()
    assert "For osx-arm64" in printed.out
    assert "was not solved" in printed.err
    assert main(["export", notebook, "--format", "pixi.lock", "--platform", "osx-arm64"]) == 2
    assert "do not exist for osx-arm64" in capsys.readouterr().err


def test_a_snapshot_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "environment.json"
    path.write_bytes(msgspec.json.encode(make_snapshot()))
    assert main(["export", str(path), "--format", "paragraph"]) == 0
    assert capsys.readouterr().out.startswith("Computations were run")


def test_a_workflow_names_the_notebook_from_the_top_of_the_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "work").mkdir()
    notebook = record(tmp_path / "work", make_snapshot())
    out = tmp_path / ".github" / "workflows" / "weekly.yml"
    assert main(["export", str(notebook), "-o", str(out)]) == 0
    assert yaml.safe_load(out.read_text())["env"] == {"NOTEBOOK": "work/paper.ipynb"}
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "a.zip"], "Cannot guess the format"),
        ([], "Name a file or a format"),
        (["--format", "enviroment.yml"], "Did you mean 'environment.yml'"),
        (["-o", "gone\x1b[31m.yml", "--format", "\x1b[31m"], "no format"),
        (["-o", "environment.yml", "--platform", "-rf"], "expected one argument"),
        (["-o", "environment.yml", "--platform=-rf"], "Unknown platform"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    notebook = record(tmp_path, make_snapshot())
    done = jupyter_repro("export", notebook, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert [*tmp_path.iterdir()] == [notebook]
