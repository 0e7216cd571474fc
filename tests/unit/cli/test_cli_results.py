"""Named results on the command line: nothing is run there, so nothing holds, and failures stand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.cli import main
from jupyter_repro.comparing.results.merge import merge_results
from jupyter_repro.comparing.results.values import parts_of
from jupyter_repro.model.document import Document
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.results import Outcome, RunResult
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.model.verdicts import OUTCOME_LOOKS
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Return what this process would record, as the reference of a notebook."""
    path = tmp_path_factory.mktemp("here") / "here.json"
    assert main(["capture", "-o", str(path)]) == 0
    return decode_snapshot(path.read_bytes())


def results(*runs: dict[str, float]) -> Any:
    merged: Any = {}
    for day, values in enumerate(runs, 1):
        new = {
            name: RunResult(parts=parts_of(name, value), created=f"2026-11-0{day}T12:30:00Z")
            for name, value in values.items()
        }
        merged = merge_results(merged, new, "a" * 12)
    return merged


def write(path: Path, reference: Snapshot, *runs: dict[str, float]) -> Path:
    document = Document(schema_version=1, reference=reference, results=results(*runs))
    plain = msgspec.to_builtins(document)
    write_notebook(path, make_notebook(code_cell("1"), jupyter_repro=plain))
    return path


FIRST = {"loss": 0.4213, "accuracy": 0.9}
WORSE = {"loss": 0.45}


def test_check_runs_nothing_so_no_result_holds(
    tmp_path: Path, here: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.ipynb", here, FIRST)
    code = main(["check", str(path), "--fail-on", "error"])
    out = capsys.readouterr().out
    assert code == 0, out
    assert "2 of 2 results were not run" in out
    assert (
        "  not run  loss was not run. When it was last recorded it was identical: 0.4213, "
        "first seen 2026-11-01 12:30 UTC.\n"
    ) in out
    assert "identical  loss" not in out


def test_check_fails_where_the_last_recorded_result_is_outside_its_tolerance(
    tmp_path: Path, here: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.ipynb", here, FIRST, WORSE)
    assert main(["check", str(path), "--fail-on", "error"]) == 1
    assert (
        "outside the tolerance when last recorded: loss 0.45, recorded 0.4213"
    ) in capsys.readouterr().out
    assert main(["check", str(path), "--json", "--fail-on", "error"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["overall"]["verdict"] == "mismatch"
    assert told["report"]["verdict"] != "mismatch"
    assert [(one["name"], one["outcome"], one["last_outcome"]) for one in told["results"]] == [
        ("accuracy", "not run", "identical"),
        ("loss", "not run", "different"),
    ]


def test_show_says_what_results_are_recorded_and_that_none_was_run(
    tmp_path: Path, here: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "a.ipynb", here, FIRST, WORSE)
    assert main(["show", str(path)]) == 0
    out = capsys.readouterr().out
    assert "\nResults: 2 of 2 results were not run; outside the tolerance when last" in out
    assert "loss was not run. When it was last recorded it was different: 0.45" in out
    assert main(["show", "--json", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["outcome"] for one in told["results"]} == {"not run"}


def test_diff_compares_the_results_of_two_files_too(
    tmp_path: Path, here: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    one = write(tmp_path / "a.ipynb", here, FIRST)
    same = write(tmp_path / "b.ipynb", here, FIRST)
    other = write(tmp_path / "c.ipynb", here, WORSE)
    assert main(["diff", str(one), str(same)]) == 0
    assert "2 of 2 results hold" in capsys.readouterr().out
    assert main(["diff", str(one), str(other)]) == 1
    out = capsys.readouterr().out
    assert "1 of 2 results differs: loss 0.45, recorded 0.4213; 1 of 2 results was not run" in out
    assert main(["diff", "--json", str(one), str(other)]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["overall"]["verdict"]) == ("match", "mismatch")


RECORDED_RUNS: tuple[tuple[tuple[dict[str, float], ...], Outcome], ...] = (
    ((FIRST,), "not run"),
    ((FIRST, WORSE), "different"),
)


def test_a_page_on_the_record_calls_no_result_identical(tmp_path: Path, here: Snapshot) -> None:
    page = tmp_path / "report.html"
    for runs, verdict in RECORDED_RUNS:
        path = write(tmp_path / "a.ipynb", here, *runs)
        assert main(["report", "--recorded", str(path), "-o", str(page)]) == 0
        html = page.read_text()
        (said,) = re.findall('<p class="verdict">(.*?)</p>', html)
        assert re.sub("<.*?>", "", said) == f"{OUTCOME_LOOKS[verdict].sign} {verdict}"
        assert "2 of 2 results were not run" in html
        assert " identical</span>" not in html
        assert html.count("When it was last recorded it was") == 2
