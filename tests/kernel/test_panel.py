"""`%repro panel` in a real kernel, with this test as the front end that draws and clicks."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbclient
import nbformat
import pytest

from jupyter_repro.kernel.remote import CHECK_MIME_TYPE
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.notebook.lift import lift
from jupyter_repro.run.runner import RunOptions, run_notebook
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.kernel.live import TIMEOUT, LiveKernel, Run, live_kernel

pytestmark = pytest.mark.kernel

LOAD = "%load_ext jupyter_repro"
VIEW = "application/vnd.jupyter.widget-view+json"


class FrontEnd:
    """Keeps the state of the widgets that a kernel opened, as every front end does."""

    def __init__(self, kernel: LiveKernel) -> None:
        self.kernel = kernel
        self.models: dict[str, dict[str, Any]] = {}

    def run(self, code: str) -> Run:
        return self.take(self.kernel.run(code))

    def take(self, run: Run) -> Run:
        for kind, content in run.comms:
            if kind == "comm_open":
                assert content["target_name"] == "jupyter.widget"
                self.models[content["comm_id"]] = content["data"]["state"]
            elif kind == "comm_close":
                del self.models[content["comm_id"]]
            elif content["data"]["method"] == "update":
                self.models[content["comm_id"]].update(content["data"]["state"])
        return run

    def click(self, label: str) -> Run:
        data = {"method": "custom", "content": {"event": "click"}}
        return self.take(self.kernel.tell(self.find("description", label), data))

    def search(self, text: str) -> Run:
        data = {"method": "update", "state": {"value": text}, "buffer_paths": []}
        return self.take(self.kernel.tell(self.find("description", "Packages"), data))

    def find(self, key: str, value: str) -> str:
        (found,) = (model for model, state in self.models.items() if state.get(key) == value)
        return found

    def is_shown(self, label: str) -> bool:
        layout = self.models[self.find("description", label)]["layout"].removeprefix("IPY_MODEL_")
        return self.models[layout].get("display") != "none"

    @property
    def text(self) -> str:
        """All that stands in the panel."""
        return "\n".join(
            state["value"]
            for state in self.models.values()
            if state.get("_model_name") == "HTMLModel"
        )


@pytest.fixture
def kernel() -> Iterator[LiveKernel]:
    with live_kernel() as running:
        running.run(LOAD)
        yield running


@pytest.fixture
def front(kernel: LiveKernel) -> FrontEnd:
    return FrontEnd(kernel)


def install(front: FrontEnd, site: Path, name: str) -> Run:
    """Make a distribution appear under the kernel."""
    return front.run(f"import os; os.makedirs({str(site / f'{name}-1.0.dist-info')!r})")


def test_the_panel_is_a_widget_and_readable_where_there_are_none(front: FrontEnd) -> None:
    run = front.run("%repro panel")
    assert (run.error, run.stderr, run.stdout) == (None, "", "")
    (shown,) = run.displays
    assert shown["data"][VIEW]["model_id"] in front.models
    assert shown["data"]["text/plain"].startswith("Nothing is seeded")
    assert "Operating system" in shown["data"]["text/plain"]
    assert "<script" not in shown["data"]["text/html"]
    assert MIME_TYPE not in shown["data"]  # looking records nothing
    assert "Nothing is recorded yet" in front.text
    assert front.is_shown("Check now")
    assert not front.is_shown("Accept as reference…")


def test_it_leaves_the_users_kernel_alone(front: FrontEnd) -> None:
    count = front.run("names = sorted(globals())").count
    front.run("%repro panel")
    front.click("Check now")
    front.search("py")
    after = front.run("[n for n in globals() if n not in names and not n.startswith('_')]")
    assert after.result == "['names']"
    assert after.count == (count or 0) + 2
    answer = front.kernel.ask('__import__("jupyter_repro.remote", fromlist=["_"]).check("{}")')
    told = answer["data"][CHECK_MIME_TYPE]
    assert told["recorded"] is False
    assert "ipywidgets" not in told["snapshot"]["layers"]["notebook"].get("used", [])


def test_a_search_is_answered(front: FrontEnd) -> None:
    front.run("%repro panel")
    assert "ipykernel" not in front.text
    front.search("IPYkernel")
    assert "<b>ipykernel</b>" in front.text
    front.search("<script>alert(1)</script>")
    assert "<script" not in front.text
    front.search("")
    assert "ipykernel" not in front.text


def test_it_follows_the_cells(front: FrontEnd, tmp_path: Path) -> None:
    site = tmp_path / "site"
    front.run(f"import sys; sys.path.append({str(site)!r})")
    front.run("%repro panel")
    front.run("%repro seed=42")
    assert "Environment matches" in front.text
    assert "seed 42" in front.text
    assert front.run("x = 1").comms == []
    front.run("import numpy")
    assert "numpy" in front.text
    install(front, site, "lately")
    front.search("lately")
    assert "<b>lately</b>" in front.text
    front.run("%repro accept")
    assert "None in the environment." in front.text


def test_without_a_seed_it_follows_and_still_records_nothing(
    front: FrontEnd, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    front.run(f"import sys; sys.path.append({str(site)!r})")
    front.run("%repro panel")
    front.search("lately")
    assert "No package" in front.text
    run = install(front, site, "lately")
    assert "<b>lately</b>" in front.text
    assert run.displays == run.updates == []
    assert "Nothing is recorded yet" in front.text
    assert "Nothing is recorded yet" in (front.run("%repro check").error or "")


def test_accepting_asks_and_travels_into_the_notebook(front: FrontEnd, tmp_path: Path) -> None:
    site = tmp_path / "site"
    front.run(f"import sys; sys.path.append({str(site)!r})")
    first = front.run("%repro seed=42").displays[0]
    install(front, site, "lately")
    shown = front.run("%repro panel").displays[0]
    assert "lately" in front.text
    assert front.is_shown("Accept as reference…")
    assert front.click("Accept as reference…").updates == []
    assert "This replaces the environment recorded on" in front.text
    assert front.click("Cancel").updates == []
    assert "This replaces the environment recorded on" not in front.text
    front.click("Accept as reference…")
    (update,) = front.click("Replace the reference").updates
    assert "Environment matches" in front.text
    assert "Accepted:" in front.text
    assert update["transient"]["display_id"] == shown["transient"]["display_id"]
    assert update["transient"]["jupyter_repro"]["does"] == "accept"
    assert update["data"][VIEW] == shown["data"][VIEW]
    assert update["data"][MIME_TYPE]["accept"] is True
    # What a front end without our extension saves, and the command line lifts
    cells = [
        {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": data}]}
        for data in (first["data"], update["data"])
    ]
    notebook: dict[str, Any] = {"cells": cells, "metadata": {}}
    reference = lift(notebook).document
    assert reference is not None
    assert reference.latest is None
    assert "lately==1.0" in " ".join(reference.reference.layers.packages.packages)


def test_a_policy_that_cannot_be_read_is_told_in_the_panel(tmp_path: Path) -> None:
    with live_kernel(cwd=tmp_path) as kernel:
        front = FrontEnd(kernel)
        front.run(f"{LOAD}\n%repro seed=42")
        (tmp_path / "pyproject.toml").write_text('[tool.jupyter_repro]\npolicy = "lax"\n')
        run = front.run("%repro panel")
        assert run.error is None
        assert VIEW in run.displays[0]["data"]
        assert "there is no policy &#x27;lax&#x27;" in front.text
        assert "Until then the policy is research." in front.text
        (tmp_path / "pyproject.toml").unlink()
        front.click("Check now")
        assert "Environment matches" in front.text
        assert "lax" not in front.text


def test_off_and_another_panel_close_it(front: FrontEnd) -> None:
    state = "{k: len(v) for k, v in get_ipython().events.callbacks.items()}"
    before = front.run(state).result
    front.run("%repro panel")
    first = set(front.models)
    front.run("%repro panel")
    assert len(front.models) == len(first)
    assert not first & set(front.models)
    assert front.run(state).result != before
    front.run("%repro off")
    assert front.models == {}
    assert front.run(state).result == before
    front.run("%repro panel")
    front.run("%unload_ext jupyter_repro")
    assert front.models == {}


def test_without_ipywidgets_there_is_a_sentence_and_the_card(front: FrontEnd) -> None:
    front.run("import sys; sys.modules['ipywidgets'] = None")  # as if it were not installed
    run = front.run("%repro panel")
    assert run.error is None
    assert run.stdout.count("\n") == 1
    assert "%pip install 'jupyter_repro[widgets]'" in run.stdout
    (shown,) = run.displays
    assert VIEW not in shown["data"]
    assert "text/html" in shown["data"]
    assert run.comms == []


def test_a_wrong_key_is_one_sentence(front: FrontEnd) -> None:
    error = front.run("%repro panel seed=42").error
    assert error is not None
    assert error.count("\n") == 0


NOTEBOOK = make_notebook(code_cell(f"{LOAD}\n%repro seed=42"), code_cell("%repro panel"))


def test_what_is_saved_with_the_notebook_is_small() -> None:
    """nbclient stores the state of all widgets, as nbconvert --execute does."""
    notebook = nbformat.from_dict(copy.deepcopy(NOTEBOOK))
    nbclient.NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3").execute()
    state = json.dumps(notebook.metadata["widgets"])
    assert "Environment matches" in state
    assert "pytest==" not in state
    assert len(state) < 40_000


def test_our_own_runner_needs_no_widget(tmp_path: Path) -> None:
    path = tmp_path / "paper.ipynb"
    done = run_notebook(path, write_notebook(path, NOTEBOOK), RunOptions(), lambda *_: None)
    written = json.loads(done.data)
    assert "widgets" not in written["metadata"]
    (shown,) = written["cells"][1]["outputs"]
    assert set(shown["data"]) == {"text/plain", "text/html"}


def test_a_terminal_gets_text() -> None:
    code = "get_ipython().run_line_magic('load_ext', 'jupyter_repro');"
    code += "get_ipython().run_line_magic('repro', 'panel');"
    code += "import sys; print('ipywidgets' in sys.modules)"
    command = [sys.executable, "-m", "IPython", "--no-banner", "--quick", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT)
    assert "Operating system" in done.stdout
    assert done.stdout.rstrip().endswith("False")


def test_a_result_outside_its_tolerance_turns_the_verdict() -> None:
    with live_kernel() as kernel:
        front = FrontEnd(kernel)
        front.run(f"{LOAD}\n%repro seed=42")
        front.run("%repro panel")
        front.run("%repro expect loss=0.4213 rtol=1e-3")
        assert "</span> Environment matches; 1 of 1 result holds" in front.text
        front.run("%repro expect loss=0.45 rtol=1e-3")
        assert "✗</span> Environment matches" in front.text
        assert "1 of 1 result differs: loss 0.45, recorded 0.4213" in front.text
        assert "<i>different</i> <b>loss</b> 0.4213 → 0.45" in front.text
        assert front.is_shown("Accept as reference…")
        front.run("%repro seed=42")
        assert "○</span> Environment matches" in front.text
        assert "<i>not run</i> <b>loss</b> 0.4213 → not run" in front.text
