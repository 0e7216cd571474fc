"""The same in Notebook 7, which has neither a status bar nor two notebooks in one tab."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.lab import KEY, SEED_CELL, Lab, read_notebook, stamps, write_notebook
from tests.browser.server import Server, running_server
from tests.browser.test_recording import elsewhere


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("nb") / "home", app="notebook") as running:
        yield running


def test_record_and_reopen(lab: Lab, open_tab: Callable[[], Lab], folder: Path) -> None:
    path = write_notebook(folder / "a.ipynb", SEED_CELL, "1")
    lab.open(f"{folder.name}/a.ipynb")
    right = lab.page.locator("#jp-right-stack")
    expect(right.locator("#jupyter-repro-panel")).to_be_visible()
    lab.expect_verdict("Nothing recorded")
    lab.run_all()
    recorded = lab.wait_for_metadata()
    lab.expect_verdict("Matches")
    lab.save()
    assert read_notebook(path)["metadata"][KEY] == recorded
    assert stamps(path) == [recorded["reference"]["digest"][:12]] * 2
    lab.page.close()

    again = open_tab()
    again.open(f"{folder.name}/a.ipynb")
    again.expect_verdict("Matches")
    assert not again.is_dirty


def test_another_environment_is_told(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere())
    lab.open(f"{folder.name}/a.ipynb", show=False)
    lab.toast.get_by_role("button", name="Show differences").click()
    expect(lab.panel).to_be_visible()
    lab.expect_verdict("Differs")
    expect(lab.page.locator(".jp-Repro-Indicator")).to_contain_text("Differs")


def test_the_list_of_files_is_left_alone(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere())
    lab.go_to(f"tree/{folder.name}")
    expect(lab.page.locator(".jp-DirListing-item", has_text="a.ipynb")).to_be_visible()
    expect(lab.panel).not_to_be_visible()
