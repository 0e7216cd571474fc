"""``papermill --engine repro`` records what plain papermill does not."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.notebook.lift import read_document
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]


def execute(source: Path, output: Path, **options: Any) -> None:
    papermill = pytest.importorskip("papermill")
    from papermill.engines import papermill_engines

    from jupyter_repro.run.papermill_engine import ReproEngine

    # What the entry point does where the package is installed
    papermill_engines.register("repro", ReproEngine)
    papermill.execute_notebook(
        str(source), str(output), engine_name="repro", progress_bar=False, **options
    )


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=":")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_papermill_records(tmp_path: Path) -> None:
    source, output = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    cells = code_cell("a = 1", tags=["parameters"]), code_cell("import random\nrandom.random() + a")
    before = write_notebook(source, make_notebook(*cells))
    execute(source, output, parameters={"a": 2}, seed=42)
    assert source.read_bytes() == before
    document = read_document(output)
    assert document is not None
    assert document.reference.layers.determinism.seed == "42"
    written = json.loads(output.read_bytes())["cells"]
    assert written[-1]["outputs"][0]["data"]["text/plain"] == [str(2 + random.Random(42).random())]
    stamps = {cell["metadata"]["jupyter_repro"]["env"] for cell in written}
    assert stamps == {document.reference.digest[:12]}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_failing_cell_is_recorded_too(tmp_path: Path) -> None:
    from papermill.exceptions import PapermillExecutionError

    source, output = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    write_notebook(source, make_notebook(code_cell("1"), code_cell("1 / 0")))
    with pytest.raises(PapermillExecutionError):
        execute(source, output)
    assert read_document(output) is not None
