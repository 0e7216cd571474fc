"""What a person does in JupyterLab, as methods of one page."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.server import Server

APP = "(window.jupyterapp || window.jupyterlab)"
WIDGET = f"{APP}.shell.currentWidget"
KEY = "jupyter_repro"
SEED_CELL = "%load_ext jupyter_repro\n%repro seed=42"
PATIENCE_MS = 60_000
"""How long anything in a page may take: a slow machine is no failure."""

expect.set_options(timeout=PATIENCE_MS)

_workspaces = itertools.count()


class Lab:
    """One tab.

    Parameters
    ----------
    page
        A fresh page.
    server
        What it shows.
    """

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server

    def open(self, path: str, *, show: bool = True, wait: bool = True) -> None:
        """Open a notebook in a workspace of its own.

        Parameters
        ----------
        path
            Where the server has it.
        show
            Whether to show the panel. That takes a notification about the notebook away, but not
            one that comes later: a test that needs the notification shows the panel afterwards.
        wait
            Whether to wait until the kernel is idle. Soon after that it is asked, and is busy.
        """
        self.go_to(
            f"notebooks/{path}"
            if self.server.app == "notebook"
            else f"lab/workspaces/w{next(_workspaces)}/tree/{path}"
        )
        self.page.wait_for_selector(".jp-NotebookPanel:visible")
        if wait:
            self.wait_idle()
        if show:
            self.command("jupyter-repro:show-panel")

    def go_to(self, place: str) -> None:
        self.page.goto(f"{self.server.url}/{place}?token={self.server.token}")

    def open_beside(self, path: str, **options: Any) -> None:
        """Open a further notebook in the same tab, and go to it.

        After a page was loaded, JupyterLab opens the notebook of its address once more, at a time
        of its own: that may take the place of the one that has just been opened.
        """
        self.command("docmanager:open", path=path, **options)
        self.page.wait_for_function(
            f"""path => {{
                const shell = {APP}.shell;
                if (shell.currentWidget?.context?.path === path) {{
                    return shell.currentWidget.context.isReady;
                }}
                const opened = [...shell.widgets('main')]
                    .find(widget => widget.context?.path === path);
                if (opened) {{
                    shell.activateById(opened.id);
                }}
                return false;
            }}""",
            arg=path,
        )
        self.wait_idle()

    def reload(self, *, show: bool = True, wait: bool = True) -> None:
        self.page.reload()
        self.page.wait_for_selector(".jp-NotebookPanel:visible")
        if wait:
            self.wait_idle()
        if show:
            self.command("jupyter-repro:show-panel")

    def close(self, path: str) -> None:
        """Close a notebook that is open in this tab."""
        self.page.evaluate(
            f"path => [...{APP}.shell.widgets('main')]"
            ".find(widget => widget.context?.path === path).close()",
            path,
        )

    def wait_idle(self) -> None:
        self.wait_status("idle")

    def wait_status(self, status: str) -> None:
        self.page.wait_for_function(
            f"status => {WIDGET}?.sessionContext?.session?.kernel?.status === status",
            arg=status,
        )

    def command(self, name: str, **arguments: Any) -> None:
        """Run one of the application's commands; it need not be done when this returns."""
        self.page.evaluate(
            f"([name, options]) => {{ void {APP}.commands.execute(name, options); }}",
            [name, arguments],
        )

    def set_theme(self, theme: str) -> None:
        """Change the theme; the server remembers it."""
        self.page.evaluate(
            f"theme => {APP}.commands.execute('apputils:change-theme', {{theme}})", theme
        )
        self.page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def run_all(self) -> None:
        """Run all cells and wait for the last one."""
        self.page.evaluate(f"() => {APP}.commands.execute('notebook:run-all-cells')")
        self.wait_idle()

    def run_cell(self, index: int) -> None:
        """Run one cell and wait for it."""
        self.page.evaluate(
            f"async index => {{ {WIDGET}.content.activeCellIndex = index;"
            f" await {APP}.commands.execute('notebook:run-cell'); }}",
            index,
        )
        self.wait_idle()

    def save(self) -> None:
        self.page.evaluate(f"() => {APP}.commands.execute('docmanager:save')")

    def restart(self) -> None:
        """Restart the kernel of the current notebook without asking."""
        self.page.evaluate(f"() => {WIDGET}.sessionContext.restartKernel()")
        self.wait_idle()

    def change_kernel(self, name: str) -> None:
        """Give the current notebook a kernel of another kind."""
        self.page.evaluate(f"name => {WIDGET}.sessionContext.changeKernel({{name}})", name)
        self.wait_idle()

    def shut_down(self) -> None:
        """Shut the kernel of the current notebook down without asking."""
        self.page.evaluate(f"() => {WIDGET}.sessionContext.shutdown()")

    def shut_down_all(self) -> None:
        self.page.evaluate(f"() => {APP}.serviceManager.sessions.shutdownAll()")

    def run_silently(self, code: str, *, wait: bool = True) -> None:
        """Run code in the kernel that leaves no cell behind."""
        future = (
            f"{WIDGET}.sessionContext.session.kernel.requestExecute({{code, store_history: false}})"
        )
        done = (
            f"{future}.done.then(() => null)" if wait else f"void {future}.done.catch(() => {{}})"
        )
        self.page.evaluate(f"code => {done}", code)

    def stamp(self, index: int, env: str) -> None:
        """Say of a cell that its outputs were made in an environment."""
        self.page.evaluate(
            f"([index, env]) => {WIDGET}.content.model.cells.get(index)"
            f".setMetadata('{KEY}', {{env}})",
            [index, env],
        )

    def set_source(self, index: int, source: str) -> None:
        """Edit a cell, as a person does."""
        self.page.evaluate(
            f"([index, source]) => {WIDGET}.content.model.cells.get(index)"
            ".sharedModel.setSource(source)",
            [index, source],
        )

    def wait_for_stamp(self, index: int, source: str) -> dict[str, Any]:
        """Wait until a cell is stamped with the digest of a source, and return the stamp."""
        stamp = f"{WIDGET}?.content.model?.cells.get(index)?.getMetadata('{KEY}')"
        self.page.wait_for_function(
            f"([index, source]) => {stamp}?.source === source", arg=[index, source], timeout=60_000
        )
        found: dict[str, Any] = self.page.evaluate(f"index => {stamp}", index)
        return found

    @property
    def kernel_id(self) -> str:
        return str(self.page.evaluate(f"() => {WIDGET}.sessionContext.session.kernel.id"))

    @property
    def execution_counts(self) -> list[int | None]:
        counts: list[int | None] = self.page.evaluate(
            f"() => [...{WIDGET}.content.model.cells].map(cell => cell.executionCount)"
        )
        return counts

    @property
    def metadata(self) -> Any:
        """What the notebook in the browser has recorded."""
        return self.page.evaluate(f"() => {WIDGET}.content.model.getMetadata('{KEY}') ?? null")

    @property
    def is_dirty(self) -> bool:
        return bool(self.page.evaluate(f"() => {WIDGET}.context.model.dirty"))

    @property
    def panel(self) -> Locator:
        return self.page.locator("#jupyter-repro-panel")

    @property
    def toast(self) -> Locator:
        """The notification about a notebook."""
        return self.page.locator(".Toastify__toast", has_text=".ipynb")

    def exchange_toast(self) -> None:
        """Wait for the notification, and show the panel in its place."""
        expect(self.toast).to_be_visible()
        self.command("jupyter-repro:show-panel")
        expect(self.toast).to_have_count(0)

    def press(self, label: str) -> None:
        """Click a button in the panel."""
        self.panel.get_by_role("button", name=label).click()

    def wait_for_metadata(self, member: str = "reference") -> dict[str, Any]:
        """Wait until something is recorded, and return it."""
        self.page.wait_for_function(
            f"member => {WIDGET}?.content.model?.getMetadata('{KEY}')?.[member]",
            arg=member,
        )
        recorded: dict[str, Any] = self.metadata
        return recorded

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait for something outside the page, while it goes on."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not condition():
            assert time.monotonic() < deadline, condition
            self.page.wait_for_timeout(20)

    def expect_responsive(self) -> None:
        """See that the rest of the application answers a click."""
        menu = self.page.get_by_role("menu")
        self.page.get_by_role("menuitem", name="Help").click()
        expect(menu).to_be_visible()
        self.page.keyboard.press("Escape")
        expect(menu).to_have_count(0)

    def expect_verdict(self, word: str) -> None:
        """Wait for the verdict on the whole notebook; each layer has its own."""
        expect(self.panel.get_by_role("heading", level=2)).to_have_text(word)

    def expect_panel(self, text: str) -> None:
        expect(self.panel).to_contain_text(text, ignore_case=True)


def write_notebook(
    path: Path, *cells: str, metadata: dict[str, Any] | None = None, language: str = "python3"
) -> Path:
    """Write a notebook with code cells."""
    document = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"{path.stem}{number}",
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {
            "kernelspec": {"display_name": language, "language": "python", "name": language},
            **(metadata or {}),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(document, indent=1))
    return path


def read_notebook(path: Path) -> Any:
    return json.loads(path.read_text())


def stamps(path: Path) -> list[str | None]:
    """Return the stamps of a file's cells."""
    return [cell["metadata"].get(KEY, {}).get("env") for cell in read_notebook(path)["cells"]]
