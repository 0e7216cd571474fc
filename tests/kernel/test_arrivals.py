"""What the messages of an execution bring to the notebook whose cell it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.kernel.remote import CHECK_MIME_TYPE
from jupyter_repro.model.message import MIME_TYPE, TRANSIENT_KEY
from jupyter_repro.notebook.cell_keys import source_digest
from tests.kernel.live import LiveKernel, Run, live_kernel

pytestmark = pytest.mark.kernel

REMOTE = '__import__("jupyter_repro.remote", fromlist=["_"])'


@pytest.fixture
def kernel() -> Iterator[LiveKernel]:
    with live_kernel() as running:
        running.run("%load_ext jupyter_repro")
        yield running


def arrivals(run: Run) -> list[dict[str, Any]]:
    sent = [one["transient"] for one in run.messages]
    return [transient[TRANSIENT_KEY] for transient in sent if TRANSIENT_KEY in transient]


def ask(kernel: LiveKernel, **request: Any) -> dict[str, Any]:
    answer = kernel.ask(f"{REMOTE}.check({json.dumps(request)!r})")
    told: dict[str, Any] = answer["data"][CHECK_MIME_TYPE]
    return told


def test_the_record_comes_with_its_display_and_the_stamp_at_the_end(kernel: LiveKernel) -> None:
    begun, ended = arrivals(kernel.run("%repro seed=42", cell_id="a"))
    assert (begun["does"], begun["cell"]) == ("record", "a")
    assert begun["snapshot"]["digest"] == begun["digest"]
    assert begun["snapshot"]["layers"]["determinism"]["seed"] == "42"
    assert "snapshot" not in ended, "it is there already"
    assert ended["stamp"]["env"] == begun["digest"][:12]

    (next_one,) = arrivals(kernel.run("1 + 1", cell_id="b"))
    assert {*next_one} == {"schema_version", "digest", "cell", "stamp"}
    assert next_one["stamp"]["source"] == source_digest("1 + 1")


def test_an_arrival_alone_is_displayed_nowhere(kernel: LiveKernel) -> None:
    kernel.run("%repro seed=42")
    run = kernel.run("1 + 1")
    assert run.displays == run.updates == []
    (message,) = run.messages
    assert (message["data"], message["metadata"]) == ({}, {})


def test_nothing_arrives_before_a_record_and_after_off(kernel: LiveKernel) -> None:
    assert arrivals(kernel.run("1")) == []
    kernel.run("%repro seed=42")
    assert arrivals(kernel.run("%repro off")) == []
    assert arrivals(kernel.run("1")) == []


def test_another_environment_arrives_with_the_cell_that_made_it(
    kernel: LiveKernel, tmp_path: Path
) -> None:
    kernel.run(f"import sys; sys.path.append({str(tmp_path)!r})")
    kernel.run("%repro seed=42")
    (tmp_path / "late-1.0.dist-info").mkdir()
    (arrival,) = arrivals(kernel.run("1"))
    assert "late==1.0" in " ".join(arrival["snapshot"]["layers"]["packages"]["packages"])
    assert arrival.get("does") is None


def test_a_result_arrives_before_its_cell_has_ended(kernel: LiveKernel) -> None:
    kernel.run("%repro seed=42")
    code = "import jupyter_repro\njupyter_repro.expect('x', 1, rtol=1e-3)\nprint('later')"
    first, last = arrivals(kernel.run(code, cell_id="a"))
    assert first["results"]["x"]["parts"] == [{"type": "int", "value": "1"}]
    assert first["results"]["x"]["cell"] == "a"
    assert first["results"]["x"]["tolerance"]["rtol"] == 1e-3
    assert (first.get("stamp"), last.get("results")) == (None, None)


def test_accepting_arrives_with_its_display(kernel: LiveKernel) -> None:
    kernel.run("%repro seed=42")
    (first, _) = arrivals(kernel.run("%repro accept"))
    assert first["does"] == "accept"
    assert first["snapshot"]["digest"] == first["digest"]


def test_two_notebooks_on_one_kernel(kernel: LiveKernel, tmp_path: Path) -> None:
    kernel.run(f"import sys; sys.path.append({str(tmp_path)!r})")
    (shown,) = kernel.run("%repro seed=42", cell_id="a").displays
    with kernel.another_client() as other:
        (tmp_path / "late-1.0.dist-info").mkdir()
        run = other.run("1", cell_id="b")
        shown_ids = {one["transient"]["display_id"] for one in run.messages}
        assert shown["transient"]["display_id"] not in shown_ids, "it is A's"
        (arrival,) = arrivals(run)
        assert arrival["stamp"]["source"] == source_digest("1")
        assert "snapshot" in arrival, "its front end has not been sent it"

        (again,) = other.run("%repro seed=7", cell_id="b").displays
        assert again["transient"]["display_id"] != shown["transient"]["display_id"]
        text = again["data"]["text/plain"]
        assert "seed 42" not in text.lower(), "A's record is no reference of B's"


def test_each_recording_cell_has_a_display_of_its_own(kernel: LiveKernel) -> None:
    first, second = (kernel.run("%repro seed=42").displays[0] for _ in range(2))
    assert first["transient"]["display_id"] != second["transient"]["display_id"]
    import_something = kernel.run("import colorsys")
    ids = {one["transient"]["display_id"] for one in import_something.updates}
    assert first["transient"]["display_id"] not in ids


def test_an_answer_adds_to_what_cells_have_written_alone(kernel: LiveKernel) -> None:
    begun, _ = arrivals(kernel.run("%repro seed=42", cell_id="a"))
    kernel.run("import numpy as np; np.random.default_rng()", cell_id="b")
    assert ask(kernel, document=None, wrote=False, cells=["a", "b"])["document"] is None
    assert ask(kernel, document=None, wrote=True, cells=["a", "b"])["document"] is None
    document = {"schema_version": 1, "reference": begun["snapshot"]}
    told = ask(kernel, document=document, wrote=False, cells=["a", "b"])
    assert (told["document"], told["unchanged"]) == (None, True)
    told = ask(kernel, document=document, wrote=True, cells=["a", "b"])
    assert "numpy" in told["document"]["reference"]["layers"]["notebook"]["used"]
    assert "unseeded-generator" in {one["kind"] for one in told["document"]["findings"]}


def test_an_answer_brings_nothing_of_another_notebook(kernel: LiveKernel) -> None:
    begun, _ = arrivals(kernel.run("%repro seed=42", cell_id="a"))
    document = {"schema_version": 1, "reference": begun["snapshot"]}
    with kernel.another_client() as other:
        other.run("import os; os.environ['OMP_NUM_THREADS'] = '3'", cell_id="b")
        told = ask(kernel, document=document, wrote=True, cells=["a"])
        assert (told["document"], told["unchanged"]) == (None, True)
        assert told["report"]["verdict"] != "match", "but it is told"
    kernel.run("1", cell_id="a")
    told = ask(kernel, document=document, wrote=True, cells=["a"])
    assert told["document"]["latest"]["digest"] == told["snapshot"]["digest"]


def test_an_acceptance_is_not_taken_by_another_notebook(kernel: LiveKernel) -> None:
    kernel.run("%repro seed=42", cell_id="a")
    stored = json.loads(
        (Path(__file__).parents[1] / "fixtures" / "snapshots" / "pip_cpu.json").read_text()
    )
    document = {"schema_version": 1, "reference": stored}
    with kernel.another_client() as other:
        kernel.run("%repro accept", cell_id="a")
        told = ask(other, document=document, wrote=True, cells=["b"])
    assert (told["document"], told["unchanged"]) == (None, True)


def test_without_a_front_end_the_output_carries_the_snapshot(kernel: LiveKernel) -> None:
    with kernel.another_client() as other:
        ask(other, document=None, attached=True)
        (shown,) = kernel.run("%repro seed=42").displays
        assert "snapshot" in shown["data"][MIME_TYPE], "it is another one that is attached"
        (shown,) = other.run("%repro seed=42").displays
        assert "snapshot" not in shown["data"][MIME_TYPE]
