from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.cli import main
from jupyter_repro.cli.reading import exit_code
from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.model.report import Report, Severity
from jupyter_repro.model.snapshot import Snapshot
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    make_snapshot,
    message_output,
    text_output,
    write_notebook,
)
from tests.unit.support.command_line import ONE, OTHER, ROOT, document, jupyter_repro

COMMANDS = ("run", "capture", "show", "check", "diff", "lift", "import", "export")


def test_control_characters_never_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\n\u202eb.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))
    for arguments in (
        ("show", path),
        ("check", path),
        ("check", path, "--kernel", "\x1b[31m"),
        ("check", path, "--python", "\x1b[31m"),
        ("check", path, "--policy", "\x1b[31m"),
        ("run", path, "--kernel", "\x1b[31m"),
        ("run", path, "--seed", "\x1b[31m"),
        ("run", path, "--timeout", "\x1b[31m"),
        ("diff", path, path, "\x1b[31m"),
        ("\x1b[31m",),
    ):
        done = jupyter_repro(*arguments)
        assert "\x1b" not in done.stdout + done.stderr
        assert "\u202e" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems want names in Unicode")
def test_a_name_that_is_no_unicode(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.ipynb")
    done = jupyter_repro("show", path)
    assert done.returncode == 2
    assert "does not exist" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert f"example    jupyter repro {command}" in text
    assert "--json" in text


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["unknown"],
        ["check"],
        ["check", "a.ipynb", "--fail-on", "nothing"],
        ["check", "a.ipynb", "--kernel", "x", "--python", "y"],
        ["run", "a.ipynb", "--timeout", "0"],
        ["run", "a.ipynb", "--timeout", "-5"],
        ["run", "a.ipynb", "--timeout", "x"],
        ["run", "a.ipynb", "--seed", "-1"],
        ["run", "a.ipynb", "--seed", str(2**64)],
        ["run", "a.ipynb", "--seed", "1.5"],
        ["run", "a.ipynb", "--determinism", "x"],
        ["run", "a.ipynb", "b.ipynb", "-o", "c.ipynb"],
    ],
)
def test_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(arguments)
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert capsys.readouterr().err


def test_capture_show_and_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "environment.json"
    assert main(["capture", "-o", str(path)]) == 0
    snapshot = msgspec.json.decode(path.read_bytes(), type=Snapshot)
    assert snapshot.digest in capsys.readouterr().out
    assert main(["capture", "--json"]) == 0
    again = msgspec.json.decode(capsys.readouterr().out, type=Snapshot)
    assert again.digest == snapshot.digest
    assert main(["show", str(path)]) == 0
    assert str(snapshot.layers.core.python) in capsys.readouterr().out
    assert main(["diff", str(path), str(path)]) == 0


def test_capture_does_not_start_what_it_cannot_write(tmp_path: Path) -> None:
    done = jupyter_repro("capture", "-o", tmp_path / "none" / "x.json")
    assert done.returncode == 2
    assert "its folder does not exist" in done.stderr


def test_check_holds_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", found)
    main(["capture", "--json"])
    here = msgspec.json.decode(capsys.readouterr().out, type=Snapshot)
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=here)))
    assert main(["check", str(path), "--json", "--fail-on", "note"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["notebook"] == str(path)
    assert told["report"]["verdict"] == "match"
    assert main(["check", str(path), "--json", "--python", sys.executable]) == 0


def test_check_does_not_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["capture", "--json"])
    here = msgspec.json.decode(capsys.readouterr().out)
    here["layers"]["core"]["python"] = "2.7.18"
    here["digest"] = "0" * 64
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro={"schema_version": 1, "reference": here}))
    assert main(["check", str(path)]) == 1
    assert "2.7.18" in capsys.readouterr().out


def test_the_worst_of_several_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, none = tmp_path / "good.ipynb", tmp_path / "none.ipynb"
    write_notebook(good, make_notebook(jupyter_repro=document(reference=ONE)))
    assert main(["show", str(none), str(good), "--json"]) == 2
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    assert [line["exit_code"] for line in lines] == [2, 0]
    assert "does not exist" in lines[0]["error"]
    assert lines[1]["document"] == document(reference=ONE)


def test_diff_of_one_notebook(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE, latest=OTHER)))
    assert main(["diff", str(path)]) == 1
    assert "numpy" in capsys.readouterr().out
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))
    assert main(["diff", str(path)]) == 2


def test_a_snapshot_is_read_from_the_outputs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    before = write_notebook(path, make_notebook(code_cell("%repro", message_output(ONE))))
    assert main(["show", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["document"] == document(reference=ONE)
    assert path.read_bytes() == before
    assert main(["lift", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 1 moved into the metadata\n"
    assert main(["lift", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: nothing to move\n"


def test_outputs_of_several_environments_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["capture", "--json"])
    here = msgspec.json.decode(capsys.readouterr().out, type=Snapshot)
    stamps = ["a" * 12, "a" * 12, "b" * 12]
    cells = [code_cell("1", text_output("x"), jupyter_repro={"env": env}) for env in stamps]
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(*cells, jupyter_repro=document(reference=here)))
    assert main(["check", str(path)]) == 0
    assert "cells 1-2 in aaaaaaaaaaaa, cells 3 in bbbbbbbbbbbb" in capsys.readouterr().out
    assert main(["check", str(path), "--fail-on", "warning"]) == 1


def test_another_interpreter_needs_no_package_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))
    # A file of that name beside the notebook must not be run
    for name in ("jupyter_repro", "json", "platform"):
        (tmp_path / f"{name}.py").write_text("print('hacked')")
    venv.create(tmp_path / "venv", symlinks=os.name != "nt")
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    environ = {"PYTHONPATH": ""}
    done = jupyter_repro("check", path, "--json", "--python", python, cwd=ROOT, env=environ)
    report = json.loads(done.stdout)["report"]
    missing = [one["subject"] for one in report["findings"] if one["kind"] == "package-missing"]
    assert missing == ["numpy"]
    assert "hacked" not in done.stdout + done.stderr
    nowhere = tmp_path / "none" / "python"
    done = jupyter_repro("check", path, "--python", nowhere, cwd=ROOT, env=environ)
    assert done.returncode == 2
    assert "cannot be started (No such file or directory)" in done.stderr


@pytest.mark.parametrize(
    ("verdict", "severities", "fail_on", "code"),
    [
        ("match", [], "note", 0),
        ("drift", ["note"], "error", 0),
        ("drift", ["note"], "note", 1),
        ("drift", ["warning", "note"], "error", 0),
        ("drift", ["warning"], "warning", 1),
        ("mismatch", ["error"], "error", 1),
        ("not comparable", [], "note", 2),
        ("not checked", [], "error", 2),
    ],
)
def test_exit_codes(verdict: Any, severities: list[Severity], fail_on: Severity, code: int) -> None:
    plain = {
        "verdict": verdict,
        "summary": "x",
        "policy": "research",
        "reference_digest": "0" * 64,
        "current_digest": "1" * 64,
        "layers": {},
        "findings": [
            {
                "kind": "version-minor",
                "layer": "packages",
                "subject": "numpy",
                "reference": "1",
                "current": "2",
                "severity": severity,
                "used": True,
                "why": "x",
                "action": "x",
            }
            for severity in severities
        ],
    }
    assert exit_code(of_environment(msgspec.convert(plain, Report)), fail_on) == code


def test_what_a_check_imports(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))
    code = (
        "import sys; from jupyter_repro.cli import main; main(['check', sys.argv[1]]);"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    heavy = {"nbformat", "jsonschema", "rich", "IPython", "numpy", "torch", "nbclient"}
    assert not heavy & set(done.stdout.splitlines()[-1].split())


def in_terminal(*arguments: str | Path, **environ: str) -> str:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    found = {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100", **environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_repro", *arguments],
        stdout=theirs,
        stderr=theirs,
        env={**{key: os.environ[key] for key in os.environ if key != "NO_COLOR"}, **found},
    )
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 65536):
            text += piece
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    process.wait()
    return text.decode()


def test_colour_is_for_terminals(tmp_path: Path) -> None:
    pytest.importorskip("rich")
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE, latest=OTHER)))
    for arguments in (("diff", path), ("show", path)):
        coloured = in_terminal(*arguments)
        plain = in_terminal(*arguments, NO_COLOR="1")
        assert "\x1b[" in coloured
        assert "\x1b[3" not in plain  # no colour; bold is none
        assert "\x1b[" not in jupyter_repro(*arguments).stdout
    assert "numpy" in in_terminal("diff", path, NO_COLOR="1")


def test_a_terminal_shows_what_a_pipe_gets(tmp_path: Path) -> None:
    pytest.importorskip("rich")
    many = [make_snapshot(packages=tuple(f"p{n}=={v} [pip]" for n in range(160))) for v in (1, 2)]
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=many[0], latest=many[1])))
    for arguments in (("diff", path), ("diff", path, "--all"), ("show", path)):
        shown = re.sub(r"\x1b\[[0-9;]*m", "", in_terminal(*arguments, NO_COLOR="1"))
        assert shown.split() == jupyter_repro(*arguments).stdout.split()
    narrow = in_terminal("diff", path, NO_COLOR="1", COLUMNS="80").splitlines()
    assert len(narrow) < 24
    assert "--all shows each" in narrow[-1]
    assert len(in_terminal("diff", path, "--all", NO_COLOR="1", COLUMNS="80").splitlines()) > 160


def test_no_value_is_emphasised_for_a_title_in_it(tmp_path: Path) -> None:
    pytest.importorskip("rich")
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(jupyter_repro=document(reference=ONE)))
    line = next(line for line in in_terminal("show", path).splitlines() if "CPython" in line)
    assert re.fullmatch(r"\x1b\[1;36m  Python +\x1b\[0mCPython 3\.11\.7\r?", line)


def test_a_pipe_that_nobody_reads() -> None:
    command = f"{sys.executable} -m jupyter_repro capture | true"
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stderr == ""
