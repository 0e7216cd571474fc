"""Whatever a file holds, a command answers with one sentence and leaves it alone."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.cli import main
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.unit.support.command_line import ONE, document, jupyter_repro


def hostile(**changes: Any) -> dict[str, Any]:
    plain = document(reference=ONE)
    plain["reference"]["layers"]["packages"].update(changes)
    return plain


BAD_METADATA: dict[str, Any] = {
    "a number": 5,
    "a list": [],
    "nothing in it": {},
    "a newer version": {"schema_version": 999},
    "no version": document(reference=ONE) | {"schema_version": None},
    "a million packages": hostile(packages=["x==1 [pip]"] * 1_000_000),
    "control characters": hostile(packages=["x==1 [\x1b[31mpip]"]),
    "a wrong type": hostile(packages="x"),
    "an endless line": hostile(packages=["x" * 100_000]),
}

BAD_FILES: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"hello \x1b[31m",
    "cut off": b'{"cells": [{"cell_type": "code", "source": "1',
    "no notebook": b'{"a": 1}',
    "a list": b"[1, 2]",
    "version 3": b'{"nbformat": 3, "worksheets": []}',
    "version 5": b'{"nbformat": 5, "cells": []}',
    "no cells": b'{"nbformat": 4, "metadata": {}}',
    "no UTF-8": b"\xff\xfe\x00",
    "nested deeply": b"[" * 100_000,
}


def call(
    command: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> subprocess.CompletedProcess[str]:
    """Two of the commands as a process of their own, the others, which read alike, in this one."""
    if command in {"run", "check"}:
        return jupyter_repro(command, path)
    code = main([command, str(path)])
    printed = capsys.readouterr()
    return subprocess.CompletedProcess((command,), code, printed.out, printed.err)


def one_sentence(done: subprocess.CompletedProcess[str], path: Path) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("jupyter repro: ")
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("command", ["run", "show", "check", "diff", "lift", "export"])
@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files(
    command: str, case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(BAD_FILES[case])
    one_sentence(call(command, path, capsys), path)
    assert path.read_bytes() == BAD_FILES[case]


@pytest.mark.parametrize("command", ["run", "show", "check", "diff", "lift", "export"])
@pytest.mark.parametrize("case", BAD_METADATA)
def test_bad_metadata(
    command: str, case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    notebook = make_notebook(code_cell("1"), jupyter_repro=BAD_METADATA[case])
    before = write_notebook(path, notebook)
    one_sentence(call(command, path, capsys), path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("command", ["run", "show", "check", "diff", "lift", "export"])
def test_files_that_are_none(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path / "none.ipynb", tmp_path):
        one_sentence(call(command, path, capsys), path)


@pytest.mark.parametrize("command", ["show", "check", "diff", "export"])
def test_nothing_recorded(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell("1")))
    done = call(command, path, capsys)
    one_sentence(done, path)
    assert "%repro seed=42" in done.stderr
