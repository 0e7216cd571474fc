"""``jupyter repro verify`` on the corpus and as a process, with real kernels."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    text_output,
    write_notebook,
)
from tests.notebooks.verify.make import NOTEBOOKS, path_of, text_of

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]
ENVIRON = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
}
COMMAND = (sys.executable, "-m", "jupyter_repro", "verify")
CODES = {"identical": 0, "within tolerance": 0, "different": 1, "not run": 2, "not comparable": 2}


def verify(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, **options, env=ENVIRON
    )


def told(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.stdout, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Verify the corpus once, and return what was told of each notebook."""
    folder = tmp_path_factory.mktemp("corpus")
    reports = tmp_path_factory.mktemp("reports")
    for name in NOTEBOOKS:
        (folder / f"{name}.ipynb").write_text(text_of(name), encoding="utf-8")
    paths = [folder / f"{name}.ipynb" for name in NOTEBOOKS if name != "slow"]
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    options = ("--json", "--jobs", "2", "--diff-images", reports)
    done = verify(*paths, *options, "--junit", reports / "j.xml", "--markdown", reports / "m.md")
    slow = verify(folder / "slow.ipynb", "--json", "--timeout", "2")
    assert "Traceback" not in done.stderr + slow.stderr
    assert done.returncode == slow.returncode == 2
    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}
    results = {Path(line["notebook"]).stem: line for line in (*told(done), *told(slow))}
    results["reports"] = {file.name: file.read_bytes() for file in reports.iterdir()}
    return results


def test_the_committed_corpus_is_what_its_script_makes() -> None:
    for name in NOTEBOOKS:
        assert path_of(name).read_text(encoding="utf-8") == text_of(name), name
    assert {path.stem for path in path_of("x").parent.glob("*.ipynb")} == set(NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_verdict_on_each_cell_of_the_corpus(
    name: str, corpus: dict[str, dict[str, Any]]
) -> None:
    verdict, cells = NOTEBOOKS[name]
    found = corpus[name]
    assert [cell["status"] for cell in found["cells"]] == [cell.expected for cell in cells], found
    for cell, expected in zip(found["cells"], cells, strict=True):
        assert expected.why.lower() in cell["why"].lower()
        assert cell["why"] or cell["status"] in {"identical", "no output"}
        assert cell["why"].count("\n") == 0
    assert found["verdict"] == verdict
    assert found["exit_code"] == CODES[verdict]


def test_the_reports_on_the_corpus(corpus: dict[str, dict[str, Any]]) -> None:
    reports = corpus["reports"]
    suites = {Path(suite.attrib["name"]).stem: suite for suite in ET.fromstring(reports["j.xml"])}
    assert set(suites) == set(NOTEBOOKS) - {"slow"}
    for name, suite in suites.items():
        statuses = [cell.expected for cell in NOTEBOOKS[name][1]]
        assert int(suite.attrib["tests"]) >= len(statuses)
        assert int(suite.attrib["failures"]) == statuses.count("different")
        assert int(suite.attrib["skipped"]) == statuses.count("left out")
        fine = CODES[NOTEBOOKS[name][0]] == 0
        assert fine == (suite.attrib["failures"] == suite.attrib["errors"] == "0"), name
    comment = reports["m.md"].decode()
    assert comment.count("### ") == len(suites)
    assert "| 4 | different | Row &#34;1&#34;, column &#34;x&#34;" in comment
    drawn = corpus["pictures"]["cells"][3]["pictures"]
    assert [Path(file).name for file in drawn] == ["pictures-cell4-output1.png"]
    assert reports["pictures-cell4-output1.png"].startswith(b"\x89PNG")
    assert "pictures-cell2-output1.png" not in reports


def notebook(path: Path, *cells: dict[str, Any]) -> Path:
    write_notebook(path, make_notebook(*cells))
    return path


def test_what_a_person_reads(tmp_path: Path) -> None:
    fine = notebook(tmp_path / "fine.ipynb", code_cell("print(1)", text_output("1\n"), count=1))
    other = notebook(
        tmp_path / "other.ipynb",
        code_cell("print('a', 1.5)", text_output("a 1.4\n"), count=1),
        code_cell("print(2)", text_output("2\n"), count=2),
    )
    done = verify("fine.ipynb", "other.ipynb", "missing.ipynb", "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == (
        "fine.ipynb: identical, the compared cell holds\n"
        "  1 identical\n"
        "other.ipynb: different, 1 of 2 compared cells hold\n"
        '  cell 1      different         "a 1.5", stored "a 1.4".\n'
        "  1 identical, 1 different\n"
        "  The runs part in cell 1: its results are the first that differ.\n"
        "  1. The record does not explain it: the cell may read a clock, a file or the "
        "network, or use an operation that does not repeat.\n"
        "     seen     cell 1\n"
        "     confirm  Put %%repro doctor on top of cell 1, or run "
        "`jupyter repro calibrate other.ipynb`.\n"
        "3 notebooks: 1 identical, 1 different, 1 not run\n"
    )
    assert "missing.ipynb does not exist." in done.stderr
    assert "other.ipynb: cell 2 of 2\n" in done.stderr
    assert {file.name for file in tmp_path.iterdir()} == {"fine.ipynb", "other.ipynb"}
    assert verify(fine).returncode == 0
    annotated = verify("other.ipynb", "--github", "--rtol", "0.1", cwd=tmp_path)
    assert annotated.returncode == 0
    line = next(
        number
        for number, text in enumerate(other.read_text(encoding="utf-8").splitlines(), 1)
        if '"cell_type"' in text
    )
    (command,) = [line for line in annotated.stdout.splitlines() if line.startswith("::")]
    assert command == (
        f"::notice file=other.ipynb,line={line - 1},title=cell 1%3A within tolerance"
        "::The number differs by 6.7e-02 of its size (rtol=0.1 atol=0, from the command line)."
    )


def test_what_is_not_compared_is_said(tmp_path: Path) -> None:
    now = code_cell("import time\nprint(time.time())", text_output("1714979289.25\n"), count=1)
    other = code_cell(
        "import datetime\nprint('on', f'{datetime.datetime.now():%d %B %Y}', object())",
        text_output("on 06 May 2024 <object object at 0x7f00>\n"),
        count=2,
    )
    done = verify(notebook(tmp_path / "a.ipynb", now, other))
    assert done.returncode == 2
    assert "It shows only times, which are not compared." in done.stdout
    assert "note: not compared: times in cells 1 and 2; addresses in cell 2." in done.stdout


def test_each_cell_that_differs_by_itself_has_its_own_cause(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "a.ipynb",
        code_cell(
            "import sys, random\nprint('version:', sys.version.split()[0])",
            text_output("version: 3.6.1\n"),
            count=1,
        ),
        code_cell("x = random.random()\nprint(x)", text_output("0.25\n"), count=2),
        code_cell("print(x * 2)", text_output("0.5\n"), count=3),
    )
    (found,) = told(verify(path, "--json"))
    assert [one["kind"] for one in found["causes"]] == ["printed-version"]
    assert found["causes"][0]["evidence"].startswith("version: 3.6.1 → 3.")
    (other,) = found["other_partings"]
    assert (other["cell"], [one["kind"] for one in other["causes"]]) == (2, ["unseeded-draw"])
    comment = tmp_path / "c.md"
    done = verify(path, "--markdown", comment)
    assert "  Cell 2 differs by itself: it uses nothing of what differs above it.\n" in done.stdout
    assert "draws, and nothing in this notebook seeds Python" in comment.read_text()


@pytest.mark.parametrize(
    ("options", "code"),
    [((), 0), (("--strict",), 1), (("--rtol", "0"), 1), (("--atol", "1"), 0), (("--lax",), 2)],
)
def test_tolerances(options: tuple[str, ...], code: int, tmp_path: Path) -> None:
    cell = code_cell("print(2 / 3)", text_output("0.666667\n"), count=1)
    assert verify(notebook(tmp_path / "a.ipynb", cell), *options).returncode == code


def test_the_projects_tolerance_and_a_sanitize_file(tmp_path: Path) -> None:
    path = notebook(
        tmp_path / "a.ipynb",
        code_cell("print(1.5)", text_output("1.4\n"), count=1),
        code_cell("print('20 °C')", text_output("21 °C\n"), count=2),
    )
    file = tmp_path / "sanitize.cfg"
    file.write_text("[t]\nregex: [0-9]+ °C\nreplace: T\n", encoding="utf-8")
    assert verify(path).returncode == 1
    assert verify(path, "--sanitize", file).returncode == 1
    (tmp_path / "pyproject.toml").write_text("[tool.jupyter_repro.tolerance]\nrtol = 0.2\n")
    assert verify(path, "--nbval-sanitize-with", file).returncode == 0
    assert verify(path, "--nbval-sanitize-with", file, "--strict").returncode == 1
    file.write_text("[t]\nregex: (\nreplace: T\n")
    done = verify(path, "--sanitize", file)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "[t] is no regular expression" in done.stderr


def test_the_run_leaves_no_trace_but_reads_what_lies_around(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("5")
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb" / "helper.py").write_text("def f(): return 7")
    source = (
        "import helper\nfrom pathlib import Path\n"
        "print(Path('../data/a.txt').read_text(), helper.f(), Path('../.git').exists())\n"
        "Path('made').write_text('x'); Path('../data/a.txt').write_text('6');"
    )
    path = tmp_path / "nb" / "a.ipynb"
    notebook(path, code_cell(source, text_output("5 7 False\n"), count=1))
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    done = verify(path)
    assert done.returncode == 0, done.stdout
    assert before == {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    done = verify(path, "--in-place")
    assert done.returncode == 1
    assert 'stored "5 7 False"' in done.stdout
    assert (tmp_path / "nb" / "made").exists()


def test_a_folder_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", code_cell("print(1)", text_output("1\n"), count=1))
    done = verify(path, "--copy-limit", "0")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "use --in-place" in done.stderr


def test_the_recorded_seed_is_given_again(tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", code_cell("import random\nprint(random.random())"))
    run = [sys.executable, "-m", "jupyter_repro", "run", str(path), "--seed", "42"]
    subprocess.run(run, check=True, env=ENVIRON, capture_output=True)
    before = path.read_bytes()
    assert b"0.6394267984578837" in before
    assert verify(path).returncode == 0
    assert path.read_bytes() == before


def test_interrupting_stops_the_kernels(tmp_path: Path) -> None:
    source = (
        "import os, pathlib, time\n"
        "pathlib.Path('pid').write_text(str(os.getpid())); os.rename('pid', 'started')\n"
        "time.sleep(600)"
    )
    path = notebook(tmp_path / "a.ipynb", code_cell(source, text_output("1"), count=1))
    process = subprocess.Popen(
        [*COMMAND, path, path, "--in-place"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRON,
        text=True,
    )
    started = tmp_path / "started"
    while not started.exists():
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; no file was changed." in errors
    assert "Traceback" not in errors
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


def test_hostile_cells_are_sentences_only(tmp_path: Path) -> None:
    picture = base64.b64encode(b"no picture").decode()
    outputs: list[Any] = [
        {"output_type": "display_data", "data": {"image/png": picture}, "metadata": {}},
        text_output("\x1b]0;x\x07<script>##[stop-commands]x</script>|`@all`\u202e\n::error::x"),
    ]
    cell = code_cell("print(1)", *outputs, count=1, tags=[5], jupyter_repro={"rtol": {}})
    path = notebook(tmp_path / "a|<b>.ipynb", cell)
    files = [tmp_path / "r.md", tmp_path / "r.xml"]
    done = verify(path, "--github", "--markdown", files[0], "--junit", files[1])
    assert done.returncode == 1, done.stderr
    assert done.stdout.replace("\n", "").isprintable()
    assert sum(line.startswith("::") for line in done.stdout.splitlines()) == 1
    assert "##[" not in done.stdout + done.stderr
    comment = files[0].read_text(encoding="utf-8")
    assert not set("<`@") & set(comment.replace("<br>", ""))
    ET.fromstring(files[1].read_bytes())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--strict", "--rtol", "1e-3"], "--strict allows no tolerance"),
        (["--rtol", "7"], "must be a number from 0 to 1"),
        (["--jobs", "0"], "must be a whole number from 1 to 64"),
        (["--kernel", "none"], 'no kernel named "none"'),
        (["--sanitize", "missing.cfg"], "does not exist"),
        (["--junit", "missing/j.xml"], "its folder does not exist"),
    ],
)
def test_wrong_use(arguments: list[str], said: str, tmp_path: Path) -> None:
    path = notebook(tmp_path / "a.ipynb", code_cell("print(1)"))
    done = verify(path, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
