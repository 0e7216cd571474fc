"""``jupyter repro run`` as a process: exit codes, what is said, and what becomes of the file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    make_snapshot,
    message_output,
    write_notebook,
)

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]
ENVIRON = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
}


def jupyter_repro(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jupyter_repro", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRON,
        **options,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell("import json"), code_cell("print(6 * 7)")))
    return path


def test_run_check_show(path: Path) -> None:
    first = jupyter_repro("run", path, "--seed", "42")
    assert first.returncode == 0, first.stderr
    assert f"{path}: 2 cells executed in" in first.stdout
    assert "there were no stored results" in first.stdout
    assert f"{path}: cell 2 of 2\n" in first.stderr

    second = jupyter_repro("run", path, "--json", "--seed", "42")
    told = json.loads(second.stdout)
    assert told["results"] == [{"cell": 2, "outcome": "identical"}]
    assert told["report"]["verdict"] == "match"
    assert told["failure"] is None
    third = jupyter_repro("run", path, "--seed", "42")
    assert "1 of 1 cells with outputs gave identical results" in third.stdout

    # A plain process of the same interpreter is the environment that the kernel was in
    for arguments in ((), ("--kernel", "python3"), ("--python", sys.executable)):
        checked = jupyter_repro("check", path, "--json", *arguments)
        assert checked.returncode == 0, checked.stdout
        report = json.loads(checked.stdout)["report"]
        assert report["layers"]["determinism"]["verdict"] == "not checked"
        assert report["reference_digest"] == told["digest"]
        assert report["current_digest"] == told["digest"], report["findings"]
    assert jupyter_repro("show", path).returncode == 0


NOISY = """\
import os, subprocess, sys
subprocess.run(["echo", "from a child"])
print("to the terminal", file=sys.__stdout__, flush=True)
os.write(1, b"to the file\\n")
subprocess.Popen(["sh", "-c", "sleep 0; echo late"]).wait();"""


@pytest.mark.skipif(os.name == "nt", reason="the cell calls programs of Unix")
@pytest.mark.parametrize("command", ["run", "verify"])
def test_each_line_of_json_is_an_object_whatever_the_cells_print(
    command: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell(NOISY, count=1)))
    options = ("--github",) if command == "verify" else ()
    done = jupyter_repro(command, path, "--json", *options)
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["executed"] == 1
    assert ("::error" in done.stderr) == (command == "verify")


def test_a_failing_cell(path: Path) -> None:
    write_notebook(path, make_notebook(code_cell("1"), code_cell("1 / 0"), code_cell("3")))
    done = jupyter_repro("run", path)
    assert done.returncode == 1
    assert "cell 2 failed: ZeroDivisionError: division by zero." in done.stderr
    assert "Traceback" not in done.stderr
    assert "jupyter_repro" in json.loads(path.read_bytes())["metadata"]
    assert jupyter_repro("run", path, "--allow-errors").returncode == 0


def test_output_elsewhere(path: Path, tmp_path: Path) -> None:
    before = path.read_bytes()
    output = tmp_path / "out.ipynb"
    done = jupyter_repro("run", path, "-o", output)
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == before
    assert "jupyter_repro" in json.loads(output.read_bytes())["metadata"]


def test_write_protected_is_refused_before_anything_runs(path: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    before = write_notebook(path, make_notebook(code_cell(f"open({str(marker)!r}, 'w')")))
    path.chmod(0o444)
    done = jupyter_repro("run", path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "write-protected" in done.stderr
    assert not marker.exists()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kernel", "none"], 'no kernel named "none"'),
        (["--seed", "-1"], "seed must be an integer"),
    ],
)
def test_wrong_use(arguments: list[str], said: str, path: Path) -> None:
    before = path.read_bytes()
    done = jupyter_repro("run", path, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert path.read_bytes() == before


def test_another_environment_is_told(path: Path) -> None:
    output = message_output(make_snapshot())
    write_notebook(path, make_notebook(code_cell("1", output)))
    done = jupyter_repro("run", path)
    assert done.returncode == 0
    assert f"see `jupyter repro diff {path}`, or run with --accept" in done.stdout
    assert jupyter_repro("diff", path).returncode in {1, 2}
    assert jupyter_repro("run", path, "--accept").returncode == 0
    document = json.loads(path.read_bytes())["metadata"]["jupyter_repro"]
    assert "latest" not in document


def test_edits_that_were_saved_meanwhile_are_not_lost(path: Path) -> None:
    edit = f"import pathlib; pathlib.Path({str(path)!r}).write_text('my edit')"
    write_notebook(path, make_notebook(code_cell(edit)))
    done = jupyter_repro("run", path)
    assert "a.ipynb changed while it ran" in done.stderr
    assert path.read_text() == "my edit"
    assert json.loads(path.with_name("a.run.ipynb").read_bytes())["cells"]


def test_no_run_is_lost(path: Path) -> None:
    gone = f"import pathlib; pathlib.Path({str(path)!r}).unlink()"
    write_notebook(path, make_notebook(code_cell(gone)))
    done = jupyter_repro("run", path, "--json")
    assert done.returncode == 0, done.stderr
    assert "a.ipynb is gone since the run began; the result is in" in done.stderr
    assert json.loads(done.stdout)["output"] == str(path.with_name("a.run.ipynb"))
    assert not path.exists()
    assert json.loads(path.with_name("a.run.ipynb").read_bytes())["cells"]


def test_several_notebooks(path: Path, tmp_path: Path) -> None:
    failing = tmp_path / "b.ipynb"
    write_notebook(failing, make_notebook(code_cell("1 / 0")))
    none = tmp_path / "none.ipynb"
    done = jupyter_repro("run", path, none, failing, "--json")
    codes = [json.loads(line)["exit_code"] for line in done.stdout.splitlines()]
    assert codes == [0, 2, 1]
    assert done.returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_cleans_up(path: Path, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = (
        f"import os, pathlib; pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\n"
        "print('started', flush=True)\nwhile True: pass"
    )
    before = write_notebook(path, make_notebook(code_cell("1"), code_cell(code)))
    # A shell may start its background jobs, and so these tests, with the signal ignored
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from jupyter_repro.cli import main; sys.exit(main(['run', sys.argv[1]]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRON,
    )
    assert process.stderr is not None
    try:
        while "cell 2 of 2" not in (line := process.stderr.readline()):
            assert line, "it ended before the second cell"
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert out == ""
    assert errors == "jupyter repro: interrupted; no file was changed.\n"
    assert path.read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} <= {"a.ipynb", "pid"}
    if pid_file.exists() and pid_file.read_text():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid_file.read_text()), 0)


def test_without_the_extra(path: Path) -> None:
    before = path.read_bytes()
    code = (
        "import sys; sys.modules['nbclient'] = None; from jupyter_repro.cli import main;"
        "sys.exit(main(['run', sys.argv[1]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRON,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'jupyter_repro[headless]'" in done.stderr
    assert path.read_bytes() == before


def test_what_was_seen_in_a_run_is_told(path: Path) -> None:
    cells = (
        code_cell("%load_ext jupyter_repro\n%repro seed=42\nimport random"),
        code_cell("x = 1"),
        code_cell("for _ in range(3):\n    random.Random()"),
    )
    write_notebook(path, make_notebook(*cells))
    told = jupyter_repro("run", path).stdout
    assert "· cell 3, line 2: A random.Random was made without a seed" in told
    assert "(seen 3 times)" in told
    shown = jupyter_repro("show", path).stdout
    assert "Seen in this run\n" in shown
    assert "· cell 3, line 2: A random.Random was made without a seed" in shown
    assert "seen 3 times" not in shown
    (line,) = jupyter_repro("run", "--json", path).stdout.splitlines()
    (found,) = (one for one in json.loads(line)["findings"] if one["kind"] == "unseeded-generator")
    assert (found["line"], found["count"], found["severity"]) == (2, 3, "note")
    (line,) = jupyter_repro("show", "--json", path).stdout.splitlines()
    assert found["what"] in {one["what"] for one in json.loads(line)["document"]["findings"]}
