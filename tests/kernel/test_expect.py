"""`%repro expect` in real kernels: the first run records, later ones compare, accepting renews."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.comparing.results.judge import judge_results
from jupyter_repro.model.document import Document
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.model.results import EXACT
from jupyter_repro.notebook.lift import lift_file, read_document
from jupyter_repro.run.runner import Run, RunOptions, run_notebook
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.kernel.live import ROOT, live_kernel

pytestmark = pytest.mark.kernel

REPRO = "%load_ext jupyter_repro\n%repro seed=42"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=":")


def run(path: Path, **options: Any) -> Run:
    done = run_notebook(path, path.read_bytes(), RunOptions(**options), lambda *_: None)
    assert done.failure is None
    path.write_bytes(done.data)
    return done


def output_of(path: Path, index: int) -> str:
    cell = json.loads(path.read_bytes())["cells"][index]
    return "".join("".join(output.get("text", "")) for output in cell["outputs"])


def document_of(path: Path) -> Document:
    document = read_document(path)
    assert document is not None
    return document


def test_record_compare_and_accept(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    constant = tmp_path / "constant.txt"
    constant.write_text("0.5")
    cells = (
        code_cell(REPRO),
        code_cell("import numpy as np\nx = float(open('constant.txt').read())"),
        code_cell("%repro expect x=x name='a' + 'b' rtol=1e-3\n%repro expect w=np.ones(3) * x"),
    )
    write_notebook(path, make_notebook(*cells))
    run(path)
    assert output_of(path, 2) == (
        "expect x = 0.5: recorded\n"
        "expect name = 'ab': recorded\n"
        "expect w = [0.5, 0.5, 0.5]: recorded\n"
    )
    first = document_of(path)
    assert [*first.results] == ["name", "w", "x"]
    assert first.results["x"].cell == json.loads(path.read_bytes())["cells"][2]["id"]
    assert first.results["x"].history[0].env == first.reference.digest[:12]

    run(path)
    assert output_of(path, 2).splitlines()[0] == "expect x = 0.5: identical"
    assert document_of(path) == first, "a run that gives the same leaves the record alone"

    constant.write_text("0.5001")
    run(path)
    said = output_of(path, 2).splitlines()
    assert said[0].startswith("expect x = 0.5001: within tolerance. x is 0.5001, not 0.5 (")
    assert said[1] == "expect name = 'ab': identical"
    assert said[2].startswith("expect w = [0.5001, 0.5001, 0.5001]: different. w: number 0")
    changed = document_of(path)
    assert changed.results["x"].parts == first.results["x"].parts
    assert [one.name for one in judge_results(changed.results, EXACT)] == ["w", "x", "name"]
    assert [moment.value for moment in changed.results["x"].history] == ["0.5", "0.5001"]

    run(path, accept=True)
    assert document_of(path).results["w"].latest is None
    run(path)
    assert output_of(path, 2).splitlines()[2] == "expect w = [0.5001, 0.5001, 0.5001]: identical"


def test_what_a_front_end_without_our_extension_keeps_can_be_lifted(tmp_path: Path) -> None:
    with live_kernel() as kernel:
        kernel.run(REPRO, cell_id="a")
        done = kernel.run("%repro expect x=1.5\nimport jupyter_repro", cell_id="b")
        assert done.stdout == "expect x = 1.5: recorded\n"
        (message,) = (update["data"][MIME_TYPE] for update in done.updates)
        done = kernel.run("jupyter_repro.expect('y', [1, 2], atol=1)", cell_id="c")
        assert done.result == "expect y = list[2]: [0] 1, [1] 2: recorded"
        message = done.updates[0]["data"][MIME_TYPE]
    output = {"output_type": "display_data", "data": {MIME_TYPE: message}, "metadata": {}}
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell(REPRO, output)))
    lift_file(path)
    results = document_of(path).results
    assert [*results] == ["x", "y"]
    assert results["y"].cell == "c"
    (left,) = json.loads(path.read_bytes())["cells"][0]["outputs"]
    assert {*left["data"][MIME_TYPE]} == {"schema_version", "digest"}


def test_mistakes_are_one_sentence_and_leave_no_variable() -> None:
    with live_kernel() as kernel:
        kernel.run("%load_ext jupyter_repro")
        before = kernel.run("sorted(globals())").result
        for line, words in (
            ("expect", "takes results by name"),
            ("expect 5", "takes results by name, not '5'"),
            ("expect rtol=1e-3", "a tolerance, but no result"),
            ("expect x=1 rtol=much", "rtol='much': it is a number, such as rtol=1e-3"),
            ("expect x=1 rtol=2", "rtol=2.0 is no tolerance: it is a number from 0 to below 1"),
            ("expect x=1 x=2", "got x twice"),
            ("expect x=object()", "x is of a class that cannot be recorded (builtins.object)"),
            ("seed=1 rtol=1", "write %repro expect loss=loss rtol=1"),
        ):
            assert words in (kernel.run(f"%repro {line}").error or ""), line
        assert "NameError" in (kernel.run("%repro expect x=nowhere").error or "")
        names = kernel.run("sorted(globals())").result or ""
        assert set(json.loads(names.replace("'", '"'))) - set(
            json.loads((before or "").replace("'", '"'))
        ) <= {"_i3", "_2", "_i4", "_3"} | {f"_i{n}" for n in range(20)} | {
            f"_{n}" for n in range(20)
        }
        kernel.run("%repro expect x=1")
        assert kernel.run("%repro off").error is None
        assert kernel.run("%repro expect x=2").stdout == "expect x = 2: recorded\n"


def test_tensors_frames_and_figures() -> None:
    code = """
import numpy as np, pandas as pd, polars as pl, torch
from jupyter_repro import expect
torch.manual_seed(0)
model = torch.nn.Linear(20, 5)
frame = pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": [0.5, None]})
for name, value in dict(model=model, half=torch.ones(3, dtype=torch.bfloat16), frame=frame,
                        series=frame.c, polar=pl.DataFrame({"a": [1, None]})).items():
    print(expect(name, value))
"""
    with live_kernel() as kernel:
        kernel.run(REPRO)
        said = kernel.run(code).stdout.splitlines()
    assert said[0].startswith("expect model = Linear[2]: ['weight'] float32[5, 20] ")
    assert said[1] == "expect half = [1.0, 1.0, 1.0]: recorded"
    assert said[2].startswith("expect frame = DataFrame[4]: .index [0, 1], ['a'] [1, 2], ['b']")
    assert said[3] == "expect series = Series[2]: .index [0, 1], .values [0.5, nan]: recorded"
    assert said[4] == "expect polar = DataFrame[1]: ['a'] [1.0, nan]: recorded"
