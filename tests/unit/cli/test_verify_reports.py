"""The reports of ``jupyter repro verify``: nothing of a notebook becomes markup in them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.cli import main
from jupyter_repro.cli.reports.cell_lines import cell_lines
from jupyter_repro.cli.reports.github import MAX_ANNOTATIONS, to_annotations
from jupyter_repro.cli.reports.junit import to_junit
from jupyter_repro.cli.reports.markdown import MAX_LENGTH, escape, to_markdown
from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.comparing.outputs.verdict import CellVerdict
from tests.fixtures.notebooks.samples import code_cell, make_notebook, text_output


def result(*cells: CellVerdict, name: str = "a.ipynb", **fields: Any) -> Result:
    given_fields = {"code": 1, "verdict": "different", **fields}
    return Result(path=Path(name), name=name, cells=cells, **given_fields)


@given(st.text())
def test_no_report_lets_a_text_through_as_markup(why: str) -> None:
    verdicts = [result(CellVerdict(cell=1, status="different", why=why), name=f"{why[:9]}.ipynb")]
    assert not set("<>`|*[]@\n") & set(escape(why))
    assert f"| {escape(why)} |" in to_markdown(verdicts)
    (line,) = to_annotations(verdicts)
    assert "\n" not in line
    assert "\r" not in line
    (suite,) = ET.fromstring(to_junit(verdicts))
    assert suite[0][0].tag == "failure"


def test_a_comment_stays_below_the_limit() -> None:
    cells = [CellVerdict(cell=at, status="different", why=f"{at}" * 250) for at in range(99)]
    text = to_markdown([result(*cells)] * 5)
    assert len(text) < MAX_LENGTH + 100
    assert "The tables are left out" in text
    assert text.count("### a.ipynb") == 5
    many = [CellVerdict(cell=at, status="different", why=str(at)) for at in range(150)]
    assert "50 more" in to_markdown([result(*many)])


def test_cells_in_a_row_with_the_same_words_are_told_together() -> None:
    statuses: list[Any] = ["different", "not run", "not run", "no output", "not run", "identical"]
    cells = [CellVerdict(cell=at, status=status, why="w") for at, status in enumerate(statuses, 1)]
    assert [numbers for numbers, _ in result(*cells).shown_cells] == ["1", "2-3", "5"]
    assert "| 2-3 | not run | w |" in to_markdown([result(*cells)])


def test_what_could_not_be_run_is_an_error_everywhere() -> None:
    results = [result(code=2, verdict="not run", error="It is gone.")]
    assert "It is gone." in to_markdown(results)
    assert list(to_annotations(results)) == ["::error file=a.ipynb::It is gone."]
    (suite,) = ET.fromstring(to_junit(results))
    assert (suite.attrib["errors"], suite[0][0].attrib["message"]) == ("1", "It is gone.")


def test_many_notices_push_no_error_out() -> None:
    cells = [CellVerdict(cell=at, status="within tolerance") for at in range(1, 99)]
    cells.append(CellVerdict(cell=99, status="different", why="##[stop-commands]x"))
    lines = list(to_annotations([result(*cells)]))
    assert lines[0] == "::error file=a.ipynb,title=cell 99%3A different::# #[stop-commands]x"
    assert len(lines) == MAX_ANNOTATIONS


@pytest.mark.parametrize("name", ["::error::x.ipynb", "##[group]x.ipynb", "##vso[x]y.ipynb"])
def test_no_notebook_commands_the_runner(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = make_notebook(code_cell("1", text_output(f"/home/alice/{name}\n{name}\n"), count=5))
    Path(name).write_text(json.dumps(notebook), encoding="utf-8")
    for arguments in (
        ["lint", name],
        ["lint", "--json", name],
        ["show", name],
        ["check", "x" + name],
    ):
        main(arguments)
    shown = capsys.readouterr()
    assert shown.out
    assert shown.err
    for line in (shown.out + shown.err).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line
    assert any(
        json.loads(line)["notebook"] == name for line in shown.out.splitlines() if "{" in line
    )


def test_a_notebook_without_comparable_cells_does_not_pass() -> None:
    cells = [CellVerdict(cell=1, status="no output"), CellVerdict(cell=2, status="left out")]
    (suite,) = ET.fromstring(to_junit([result(*cells, verdict="not comparable", code=2)]))
    assert (suite.attrib["errors"], suite.attrib["skipped"]) == ("1", "1")
    (line,) = to_annotations([result(*cells, verdict="not comparable", code=2)])
    assert line == "::error file=a.ipynb::not comparable, no cell could be compared"


@pytest.mark.parametrize(
    ("statuses", "summary", "counts"),
    [
        (["identical"], "identical, the compared cell holds", "1 identical"),
        (
            ["identical", "within tolerance", "no output"],
            "within tolerance, all 2 compared cells hold",
            "1 identical, 1 within tolerance, 1 without output",
        ),
        (
            ["identical", "different", "not run", "left out"],
            "different, 1 of 2 compared cells hold",
            "1 identical, 1 not run, 1 different, 1 left out",
        ),
        (["not run"], "not run, no cell could be compared", "1 not run"),
    ],
)
def test_the_summary(statuses: list[Any], summary: str, counts: str) -> None:
    cells = [CellVerdict(cell=at, status=status) for at, status in enumerate(statuses, 1)]
    found = result(*cells, verdict=summary.partition(",")[0])
    assert (found.summary, found.counts) == (summary, counts)


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_the_lines_of_cells(indent: int | None) -> None:
    output = text_output('{"cells": [{"a\\": [1]}]}\n')
    cells = [code_cell("x = {'[': ']'}", output), code_cell("2"), code_cell("3", output)]
    plain = make_notebook(*cells, cells=[{"x": []}])
    plain = {"metadata": plain.pop("metadata"), **plain}
    raw = json.dumps(plain, indent=indent).encode()
    lines = cell_lines(raw)
    assert len(lines) == 3
    if indent is None:
        assert lines == [1, 1, 1]
        return
    rows = raw.decode().splitlines()
    firsts = [at for at, row in enumerate(rows, 1) if '"cell_type": "code"' in row]
    assert lines == [at - 1 for at in firsts]
    assert [rows[at - 1].strip() for at in lines] == ["{"] * 3
