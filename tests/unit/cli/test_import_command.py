"""`jupyter repro import`, and `diff` with what it reads and with git."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.cli import main
from jupyter_repro.cli.reading import read_recorded
from jupyter_repro.model.message import METADATA_KEY
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    text_output,
    write_notebook,
)
from tests.unit.support.command_line import ONE, document

REQUIREMENTS = "numpy==1.25.0\nrich>=13\n--extra-index-url https://bob:sekret@example.org/simple\n"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.ipynb"
    write_notebook(path, make_notebook(code_cell("import numpy as np"), author={"name": "ü"}))
    return path


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(REQUIREMENTS)
    return path


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def test_a_notebook_gets_a_reference(
    old: Path, requirements: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = json.loads(old.read_text())
    assert run("import", old, requirements) == 0
    told = capsys.readouterr().out
    assert "its reference now comes from requirements.txt" in told
    assert "Python packages      1 by version, 1 by constraint" in told
    assert "Options of pip, kept for an export: --extra-index-url https://" in told
    after = json.loads(old.read_text())
    recorded = after["metadata"].pop(METADATA_KEY)
    assert after == before
    assert "sekret" not in json.dumps(recorded)
    reference = read_recorded(old).reference
    assert reference.layers.notebook.used == ["numpy"]
    assert reference.imported
    assert run("show", old) == 0
    assert "Imported from requirements.txt" in capsys.readouterr().out
    assert run("check", old) in {0, 1}
    assert "what the file omits is not checked" in capsys.readouterr().out


def test_what_is_recorded_is_not_written_over_by_accident(
    tmp_path: Path, requirements: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.ipynb"
    raw = write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))
    assert run("import", path, requirements) == 2
    assert "has a reference already, recorded 2026-01-02T03:04:05Z: use --replace" in (
        capsys.readouterr().err
    )
    assert path.read_bytes() == raw
    assert run("import", path, requirements, "--replace") == 0
    assert read_recorded(path).reference.imported
    once = path.read_bytes()
    assert run("import", path, requirements, "--replace") == 0
    assert path.read_bytes() == once  # not even another time


def test_another_file_is_written_where_one_is_named(
    old: Path, requirements: Path, tmp_path: Path
) -> None:
    raw = old.read_bytes()
    assert run("import", old, requirements, "-o", tmp_path / "new.ipynb") == 0
    assert old.read_bytes() == raw
    assert read_recorded(tmp_path / "new.ipynb").reference.imported


def test_a_run_after_it_does_not_replace_it(old: Path, requirements: Path) -> None:
    from jupyter_repro.notebook.record import record

    run("import", old, requirements)
    before = read_recorded(old)
    after = record(before, ONE)
    assert (after.reference, after.latest) == (before.reference, ONE)


def test_json(old: Path, requirements: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", old, requirements, "--json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["confidence"]["packages"] == {"version": 1, "constraint": 1}
    assert told["reference"]["imported"]["format"] == "requirements.txt"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "holds nothing of collect_env or watermark or uv: name a file to import"),
        (("nowhere.yml",), "nowhere.yml does not exist"),
        ((".",), ". is a folder; name a file"),
        (
            ("requirements.txt", "--format", "toml"),
            "Unknown format toml. Choose one with --format: ",
        ),
        (("requirements.txt", "--format", "explicit"), "is no explicit file"),
        (("notes.md",), "watermark, uv, requirements.txt. Say with --format which one it is."),
        (("requirements.txt", "-o", "nowhere/a.ipynb"), "its folder does not exist"),
    ],
)
def test_a_mistake_is_one_sentence_and_changes_nothing(
    *,
    old: Path,
    requirements: Path,
    arguments: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    raw = old.read_bytes()
    monkeypatch.chdir(requirements.parent)
    Path("notes.md").write_text("# Notes\n")
    assert run("import", old, *arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert old.read_bytes() == raw


def test_diff_with_a_file_of_another_tool(
    tmp_path: Path, requirements: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))  # numpy 1.26.0
    assert run("diff", path, requirements, "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert [(one["kind"], one["subject"]) for one in report["findings"]] == [
        ("version-minor", "numpy"),
        ("package-added", "rich"),
    ]
    requirements.write_text("numpy>=1.20\n")
    assert run("diff", requirements, path) == 0
    assert run("diff", requirements, tmp_path / "nowhere") == 2


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_diff_with_an_earlier_revision(
    tmp_path: Path, requirements: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))
    identity = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "one")):
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True)
    assert run("diff", path, "--git", "HEAD") == 0
    assert run("import", path, requirements, "--replace") == 0
    capsys.readouterr()
    assert run("diff", path, "--git", "HEAD") == 1
    assert "numpy 1.26.0 → 1.25.0" in capsys.readouterr().out
    requirements.write_text("numpy==1.24.0\n")
    assert run("diff", requirements, "--git", "HEAD") == 1
    # Only the earlier revision has no record: to run the present notebook would not help
    write_notebook(path, make_notebook())
    for arguments in (("add", "."), ("commit", "-q", "-m", "two")):
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True)
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))
    assert run("diff", path, "--git", "HEAD") == 2
    told = capsys.readouterr().err
    assert told.endswith("new.ipynb had recorded nothing at HEAD: name a later revision.\n")
    for wrong in (("--git", "nope"), (str(path), "--git", "HEAD")):
        assert run("diff", path, *wrong) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_an_environment_of_a_pixi_lock_is_chosen(old: Path, tmp_path: Path) -> None:
    lock = tmp_path / "pixi.lock"
    zlib = "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-h4ab18f5_1.conda"
    lock.write_text(
        "version: 6\nenvironments:\n  default: {channels: [], packages: {}}\n  test:\n"
        f"    channels: []\n    packages: {{linux-64: [{{conda: {zlib}}}]}}\npackages: []\n"
    )
    assert run("import", old, lock) == 2
    assert run("import", old, lock, "--environment", "test", "--platform", "linux-64") == 0
    assert [*read_recorded(old).reference.layers.conda.packages.values()] == [
        ["zlib-1.3.1-h4ab18f5_1.conda"]
    ]


@pytest.mark.parametrize("command", ["show", "check", "diff", "export"])
def test_every_command_reads_each_file_with_a_record(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot, other = tmp_path / "record.json", tmp_path / "notes.md"
    snapshot.write_bytes(msgspec.json.encode(ONE))
    other.write_text("numpy\n")
    more = {"diff": (snapshot,), "export": ("--format", "environment.yml")}.get(command, ())
    assert run(command, snapshot, *more) in {0, 1}
    assert capsys.readouterr().err == "" or command == "export"
    assert run(command, other, *more) == 2
    told = capsys.readouterr().err
    assert "notes.md is in none of the formats that can be read: explicit, " in told
    assert "--format" not in told  # they have none of this meaning


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_jupyter_writes_beyond_json_stays_as_it_is(
    requirements: Path, tmp_path: Path, mark: str
) -> None:
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "\ud83d"}}
    plain = make_notebook(code_cell("import numpy", shown, x=float("nan")), author="ü")
    text = mark + json.dumps(plain, indent=1).replace("NaN", "[NaN, 1E5, 1.10]")
    path = tmp_path / "strange.ipynb"
    path.write_text(text, encoding="utf-8")
    assert run("import", path, requirements) == 0
    assert read_recorded(path).reference.layers.notebook.used == ["numpy"]
    after = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in text.splitlines() if line not in after] == ['  "author": "\\u00fc"']
    assert '  "author": "\\u00fc",' in after


def test_no_text_of_a_notebook_is_lost_for_half_a_character(tmp_path: Path) -> None:
    shown = "\ud83d\nPyTorch version: 2.1.0\nVersions of relevant libraries:\n[pip3] numpy==1.25.0"
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(make_notebook(code_cell("x", text_output(shown)))))
    assert run("import", path) == 0
    packages = read_recorded(path).reference.layers.packages.packages
    assert packages == ["numpy==1.25.0 [pip]"]
