"""One notebook in two tabs, and a notebook that cannot be written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Route, expect

from tests.browser.lab import SEED_CELL, Lab, write_notebook
from tests.browser.test_recording import elsewhere


def test_the_second_tab_may_run_the_cell(
    lab: Lab, open_tab: Callable[[], Lab], folder: Path
) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL)
    lab.open(f"{folder.name}/a.ipynb")
    lab.save()
    second = open_tab()
    second.open(f"{folder.name}/a.ipynb")

    second.run_all()
    second.wait_for_metadata()
    second.expect_verdict("Matches")
    lab.expect_verdict("Nothing recorded")
    assert lab.metadata is None
    assert not lab.is_dirty


def test_a_tab_opened_after_an_unsaved_recording_writes_nothing(
    lab: Lab, open_tab: Callable[[], Lab], folder: Path
) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL)
    lab.open(f"{folder.name}/a.ipynb")
    lab.save()
    lab.run_all()
    lab.wait_for_metadata()
    second = open_tab()
    second.open(f"{folder.name}/a.ipynb")
    second.expect_verdict("Nothing recorded")
    assert second.metadata is None
    assert not second.is_dirty


def make_read_only(lab: Lab) -> None:
    """Say that files cannot be written, as the server does where it is not run by root."""

    def answer(route: Route) -> None:
        response = route.fetch()
        content = json.loads(response.text()) if response.ok else None
        if route.request.method == "GET" and isinstance(content, dict):
            route.fulfill(response=response, json={**content, "writable": False})
        else:
            route.fulfill(response=response)

    lab.page.route("**/api/contents/**", answer)


def test_a_read_only_notebook_is_never_dirty(lab: Lab, folder: Path) -> None:
    path = write_notebook(folder / "a.ipynb", "0", SEED_CELL, metadata=elsewhere())
    lab.open(f"{folder.name}/a.ipynb")
    # JupyterLab itself adds the language of the kernel
    lab.save()
    before = path.read_bytes()
    lab.page.goto("about:blank")
    make_read_only(lab)

    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_panel("read-only")
    assert not lab.is_dirty
    lab.run_silently("%load_ext jupyter_repro\n%repro seed=1")
    lab.command("jupyter-repro:check")
    lab.expect_panel("seed 1")
    lab.command("jupyter-repro:accept")
    lab.command("jupyter-repro:insert-magic")
    lab.wait_idle()
    assert not lab.is_dirty
    assert lab.metadata == elsewhere()["jupyter_repro"]
    expect(lab.page.locator(".jp-Dialog")).to_have_count(0)
    assert path.read_bytes() == before
    # JupyterLab goes on asking for the list of files, also while the page is closed
    lab.page.unroute_all(behavior="ignoreErrors")
