"""The oldest JupyterLab that is supported, once through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import interpreter_of
from tests.browser.kernels import install_python
from tests.browser.lab import APP, KEY, SEED_CELL, Lab, read_notebook, stamps, write_notebook
from tests.browser.server import Server, running_server
from tests.browser.test_recording import elsewhere

KERNEL = "suite"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("oldest") / "home"
    with running_server(home, python=interpreter_of("lab-4.2")) as running:
        install_python(running, KERNEL)
        yield running


def test_record_and_reopen_elsewhere(lab: Lab, open_tab: Callable[[], Lab], folder: Path) -> None:
    path = write_notebook(folder / "a.ipynb", SEED_CELL, "1", language=KERNEL)
    lab.open(f"{folder.name}/a.ipynb")
    assert lab.page.evaluate(f"() => {APP}.version").startswith("4.2.")
    lab.expect_verdict("Nothing recorded")
    lab.run_all()
    recorded = lab.wait_for_metadata()
    lab.expect_verdict("Matches")
    lab.save()
    assert read_notebook(path)["metadata"][KEY] == recorded
    assert stamps(path) == [recorded["reference"]["digest"][:12]] * 2
    lab.page.close()

    write_notebook(folder / "b.ipynb", "1", metadata=elsewhere(), language=KERNEL)
    again = open_tab()
    again.open(f"{folder.name}/b.ipynb", show=False)
    again.toast.get_by_role("button", name="Show differences").click()
    again.expect_verdict("Differs")
    expect(again.page.locator(".jp-Repro-Status")).to_contain_text("Differs")
    assert again.metadata == elsewhere()[KEY]
