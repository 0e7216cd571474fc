"""Who writes into a notebook, and when: each case beside the same steps without our extension.

The rule and the table of its cases: labextension/src/notebook/writing.ts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from jupyter_repro.notebook.cell_keys import source_digest
from tests.browser.conftest import new_profile
from tests.browser.lab import APP, KEY, SEED_CELL, WIDGET, Lab, read_notebook, write_notebook
from tests.browser.server import Server, running_server

MESSAGE_TYPE = "application/vnd.jupyter-repro.snapshot+json"
QUEUED = 200


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve a JupyterLab without our extension; the kernels have our package all the same."""
    with running_server(tmp_path_factory.mktemp("plain") / "home", extension=False) as running:
        yield running


@dataclass
class Side:
    """A JupyterLab with our extension or without, and a folder of its own."""

    lab: Lab
    folder: Path
    is_ours: bool

    def write(self, name: str, *cells: str, metadata: dict[str, Any] | None = None) -> Path:
        return write_notebook(self.folder / f"{name}.ipynb", *cells, metadata=metadata)

    def open(self, name: str) -> None:
        self.lab.open(f"{self.folder.name}/{name}.ipynb", show=self.is_ours)
        self.settle()

    def open_beside(self, name: str, **options: Any) -> None:
        self.lab.open_beside(f"{self.folder.name}/{name}.ipynb", **options)
        self.settle()

    def settle(self) -> None:
        """Wait until our panel has had its answer about this notebook."""
        if self.is_ours:
            self.lab.page.wait_for_function(
                "() => !/Not checked yet|starting|running/i.test("
                "document.querySelector('#jupyter-repro-panel')?.textContent ?? '')"
            )
            self.lab.wait_idle()

    def wait_for_count(self, index: int) -> None:
        """Wait until the page has been told that a cell was run."""
        self.lab.page.wait_for_function(
            f"index => {WIDGET}.content.model.cells.get(index).executionCount", arg=index
        )

    def saved(self, name: str) -> Any:
        """Save the notebook and return its file."""
        self.lab.save()
        self.lab.page.wait_for_function(f"() => !{WIDGET}.context.model.dirty")
        return read_notebook(self.folder / f"{name}.ipynb")


@pytest.fixture
def sides(
    browser: Browser, server: Server, plain_server: Server, request: pytest.FixtureRequest
) -> Iterator[tuple[Side, Side]]:
    """Return the side with our extension and the one without."""
    name = "".join(char if char.isalnum() else "-" for char in request.node.name)
    found = []
    with new_profile(browser) as ours, new_profile(browser) as plain:
        for context, where in ((ours, server), (plain, plain_server)):
            folder = where.root / name
            folder.mkdir()
            lab = Lab(context.new_page(), where)
            found.append(Side(lab, folder, is_ours=where is server))
        yield found[0], found[1]
        for side in found:
            side.lab.page.context.pages[0].goto("about:blank")
            side.lab.server.end_kernels(name)


def without_ours(notebook: Any) -> Any:
    """Return a notebook without what our extension may change in it."""
    notebook = deepcopy(notebook)
    notebook["metadata"].pop(KEY, None)
    for cell in notebook["cells"]:
        cell["metadata"].pop(KEY, None)
        for output in cell["outputs"]:
            if MESSAGE_TYPE in output.get("data", {}):
                # Our front end tells the kernel what the notebook has recorded, so the words differ
                output["data"] = MESSAGE_TYPE
    return notebook


def stamped(notebook: Any) -> list[str | None]:
    """Return what the cells of a file say that they ran, by digest."""
    return [cell["metadata"].get(KEY, {}).get("source") for cell in notebook["cells"]]


Steps = Callable[[Side], Any]


def same(sides: tuple[Side, Side], steps: Steps) -> Any:
    """Do the same on both sides, and return what is on ours: only what is ours may differ.

    Parameters
    ----------
    steps
        Returns notebooks and other values, by name.
    """
    ours, plain = (steps(side) for side in sides)
    for name in plain:
        if isinstance(plain[name], dict) and "cells" in plain[name]:
            left, right = without_ours(ours[name]), without_ours(plain[name])
            for cell, other in zip(left["cells"], right["cells"], strict=True):
                assert cell == other
            assert left == right, name
        else:
            assert ours[name] == plain[name], name
    return ours


WAIT = "import os, time\nwhile not os.path.exists('gate'): time.sleep(0.02)\n"
"""Waits for a file beside the notebook: what came before has reached the page by then."""


def dismiss_restart(lab: Lab) -> None:
    """Say yes to the note that the kernel has died."""
    lab.page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
    lab.wait_idle()


def test_a_later_cell_ends_the_kernel(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        gate = side.folder / "gate"
        side.write("a", SEED_CELL, "%repro expect x=1", f"{WAIT}os._exit(1)")
        side.open("a")
        side.lab.command("notebook:run-all-cells")
        side.wait_for_count(1)
        gate.touch()
        dismiss_restart(side.lab)
        return {"a": side.saved("a")}

    found = same(sides, steps)["a"]
    assert found["metadata"][KEY]["reference"]["layers"]["determinism"]["seed"] == "42"
    assert [*found["metadata"][KEY]["results"]] == ["x"]
    assert stamped(found)[1:] == [source_digest("%repro expect x=1"), None]
    assert "snapshot" not in found["cells"][0]["outputs"][0]["data"][MESSAGE_TYPE]


def test_the_cell_of_a_result_ends_the_kernel(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        gate = side.folder / "gate"
        end = f"%repro expect x=1\n{WAIT}os._exit(1)"
        side.write("a", f"{SEED_CELL}\n{end}")
        side.open("a")
        side.lab.command("notebook:run-all-cells")
        expect(side.lab.page.locator(".jp-OutputArea").first).to_contain_text("expect x = 1")
        gate.touch()
        dismiss_restart(side.lab)
        return {"a": side.saved("a")}

    found = same(sides, steps)["a"]
    assert found["metadata"][KEY]["results"]["x"]["parts"] == [{"type": "int", "value": "1"}]


def test_a_later_cell_says_off(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        side.write("a", SEED_CELL, "1", "%repro off")
        side.open("a")
        side.lab.run_all()
        return {"a": side.saved("a")}

    found = same(sides, steps)["a"]
    assert found["metadata"][KEY]["reference"]["layers"]["determinism"]["seed"] == "42"
    assert stamped(found)[1:] == [source_digest("1"), None]


def queue(side: Side) -> Path:
    """Run 200 cells of which one waits for a file, and return that file."""
    gate = side.folder / "gate"
    side.write("a", SEED_CELL, "1", WAIT, *["2"] * QUEUED)
    side.open("a")
    side.lab.command("notebook:run-all-cells")
    side.wait_for_count(1)
    return gate


def test_the_kernel_is_restarted_before_the_queue_is_empty(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        queue(side)
        side.lab.restart()
        return {"a": side.saved("a")}

    found = same(sides, steps)["a"]
    assert found["metadata"][KEY]["reference"]["layers"]["determinism"]["seed"] == "42"
    assert stamped(found)[1] == source_digest("1")
    assert {*stamped(found)[2:]} == {None}


def test_the_page_is_closed_before_the_queue_is_empty(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        gate = queue(side)
        found = side.saved("a")
        side.lab.page.goto("about:blank")
        gate.touch()
        return {"a": found}

    found = same(sides, steps)["a"]
    assert found["metadata"][KEY]["reference"]["layers"]["determinism"]["seed"] == "42"
    assert stamped(found)[1] == source_digest("1")


def test_two_notebooks_on_one_kernel(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        lab = side.lab
        side.write("a", SEED_CELL, "1")
        side.write("b", "2", SEED_CELL.replace("42", "7"))
        side.open("a")
        lab.run_cell(0)
        lab.save()
        kernel = lab.kernel_id
        side.open_beside("b", kernel={"id": kernel})
        lab.save()
        side.open_beside("a")
        lab.run_cell(1)
        first = side.saved("a")
        side.open_beside("b")
        after_a = (lab.is_dirty, lab.metadata)
        lab.run_cell(0)
        lab.run_cell(1)
        second = side.saved("b")
        side.open_beside("a")
        return {
            "B after A's cells": after_a,
            "first": first,
            "second": second,
            "A is dirty after B's cells": lab.is_dirty,
            "A": side.saved("a"),
        }

    found = same(sides, steps)
    seeds = [
        found[name]["metadata"][KEY]["reference"]["layers"]["determinism"]["seed"]
        for name in ("first", "second")
    ]
    assert seeds == ["42", "7"]
    assert found["A"] == found["first"], "what B records renews nothing that A shows"
    assert stamped(found["second"])[0] is None, "it ran before B had a record"
    assert "latest" not in found["second"]["metadata"][KEY]


def test_a_copied_tab(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        side.write("a", SEED_CELL, "1")
        side.open("a")
        side.lab.save()
        with side.lab.page.expect_popup() as popup:
            # It begins with a copy of what this tab has stored for itself
            side.lab.page.evaluate("() => { window.open(location.href.replace(/w[0-9]+/, 'c')) }")
        copy = Lab(popup.value, side.lab.server)
        copy.page.wait_for_selector(".jp-NotebookPanel:visible")
        copy.wait_idle()
        side.lab.run_all()
        found = side.saved("a")
        copy.wait_idle()
        told = {"the copy": (copy.is_dirty, copy.metadata), "a": found}
        told["dialogs"] = [lab.page.locator(".jp-Dialog").count() for lab in (side.lab, copy)]
        copy.page.close()
        return told

    found = same(sides, steps)
    assert found["the copy"] == (False, None)
    assert KEY in found["a"]["metadata"]


def test_discarded_work_does_not_come_back(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        path = side.write("a", SEED_CELL, "1", "2")
        side.open("a")
        side.lab.save()
        side.lab.run_all()
        before = path.read_text()
        side.lab.page.goto("about:blank")  # the kernel stays
        side.open("a")
        after_opening = (side.lab.is_dirty, side.lab.metadata, path.read_text() == before)
        side.lab.run_cell(2)
        return {"opened": after_opening, "a": side.saved("a")}

    found = same(sides, steps)
    assert found["opened"] == (False, None, True)
    assert KEY not in found["a"]["metadata"]
    assert stamped(found["a"]) == [None, None, None]


REVERT = f"() => {WIDGET}.context.revert()"
RESTORE = (
    f"async () => {{ const {{context}} = {WIDGET}; const [last] = await context.listCheckpoints();"
    " await context.restoreCheckpoint(last.id); await context.revert(); }"
)


@pytest.mark.parametrize("again", [REVERT, RESTORE], ids=["reload from disk", "revert"])
def test_loading_the_file_again(sides: tuple[Side, Side], again: str) -> None:
    def steps(side: Side) -> dict[str, Any]:
        lab = side.lab
        side.write("a", SEED_CELL, "1", "2")
        side.open("a")
        lab.run_all()
        recorded = side.saved("a")
        lab.page.evaluate(f"() => {WIDGET}.context.createCheckpoint()")
        lab.set_source(1, "10")
        lab.run_cell(1)
        lab.page.evaluate(again)
        side.settle()
        loaded = (lab.is_dirty, lab.metadata == recorded["metadata"].get(KEY))
        lab.run_cell(2)
        return {"loaded": loaded, "recorded": recorded, "a": side.saved("a")}

    found = same(sides, steps)
    assert found["loaded"] == (False, True)
    assert stamped(found["a"]) == stamped(found["recorded"]), "cell 2 was loaded, not run"
    assert found["a"]["metadata"] == found["recorded"]["metadata"]


def test_loading_the_page_again_while_the_recording_cell_runs(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        gate, done = side.folder / "gate", side.folder / "done"
        side.write("a", f"{WAIT}{SEED_CELL}\nopen('done', 'w').close()")
        side.open("a")
        side.lab.save()
        side.lab.command("notebook:run-all-cells")
        side.lab.wait_status("busy")
        side.lab.reload(wait=False, show=side.is_ours)
        gate.touch()
        side.lab.wait_for(done.exists)
        side.lab.wait_idle()
        side.settle()
        return {"dirty": side.lab.is_dirty, "metadata": side.lab.metadata}

    assert same(sides, steps) == {"dirty": False, "metadata": None}


def test_a_console_on_the_kernel(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        side.write("a", "1")
        side.open("a")
        side.lab.save()
        side.lab.run_silently(SEED_CELL)
        side.settle()
        before = (side.lab.is_dirty, side.lab.metadata)
        side.lab.run_cell(0)
        return {"before": before, "a": side.saved("a")}

    found = same(sides, steps)
    assert found["before"] == (False, None)
    assert KEY not in found["a"]["metadata"]
    assert stamped(found["a"]) == [None]


def test_clearing_outputs_takes_the_stamps_away(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        side.write("a", SEED_CELL, "1", "2")
        side.open("a")
        side.lab.run_all()
        before = side.saved("a")
        side.lab.page.evaluate(f"() => {{ {WIDGET}.content.activeCellIndex = 2; }}")
        side.lab.page.evaluate(f"() => {APP}.commands.execute('notebook:clear-cell-output')")
        one = side.saved("a")
        side.lab.page.evaluate(f"() => {APP}.commands.execute('notebook:clear-all-cell-outputs')")
        return {"before": before, "one": one, "all": side.saved("a")}

    found = same(sides, steps)
    assert stamped(found["before"])[1:] == [source_digest("1"), source_digest("2")]
    assert stamped(found["one"])[1:] == [source_digest("1"), None]
    assert stamped(found["all"]) == [None, None, None]
    assert KEY in found["all"]["metadata"], "the record of the notebook stays"


def test_what_is_typed_into_the_notebook_tools_stays(sides: tuple[Side, Side]) -> None:
    def steps(side: Side) -> dict[str, Any]:
        lab = side.lab
        gate = side.folder / "gate"
        side.write("a", f"{WAIT}{SEED_CELL}", "1")
        side.open("a")
        lab.save()
        lab.command("property-inspector:show-panel")
        tools = lab.page.locator(".jp-NotebookTools")
        tools.locator(".jp-Collapse-header", has_text="Advanced").click()
        editor = tools.locator(".jp-MetadataEditorTool .cm-content").last
        lab.command("notebook:run-all-cells")
        lab.wait_status("busy")
        editor.click()
        lab.page.keyboard.press("Control+End")
        lab.page.keyboard.press("ArrowLeft")
        lab.page.keyboard.type('  "typed": 1')
        gate.touch()
        side.wait_for_count(1)
        lab.wait_idle()
        kept = editor.inner_text()
        metadata = lab.metadata
        lab.page.locator(".jp-Cell-inputArea").nth(1).click()
        if side.is_ours:
            lab.wait_for_metadata()
        return {"kept": "typed" in kept, "metadata": metadata, "a": side.saved("a")}

    found = same(sides, steps)
    assert found["kept"]
    assert found["metadata"] is None, "it waits"
    assert stamped(found["a"])[1] == source_digest("1")
    expect(sides[0].lab.page.locator(".jp-Dialog")).to_have_count(0)
