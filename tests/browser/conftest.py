"""A server, a browser and pages for the tests that see what a person sees."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, sync_playwright

from tests.browser.chromium import find_chromium
from tests.browser.lab import PATIENCE_MS, Lab, write_notebook
from tests.browser.server import LABEXTENSION, Server, running_server

BUNDLE = "/extensions/jupyter-repro/"
"""Where the browser has our code from."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not (LABEXTENSION / "package.json").is_file():
        pytest.fail("The front end is not built: run `make labextension`.")
    with running_server(tmp_path_factory.mktemp("lab") / "home") as running:
        yield running


def interpreter_of(environment: str) -> str:
    """Return the interpreter of an environment that holds another JupyterLab."""
    python = Path(sys.prefix) / environment / "bin" / "python"
    if not python.exists():
        pytest.fail(f"There is no {python.parents[1]}: run `make .venv/{environment}.stamp`.")
    return str(python)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("There is no Chromium: `make test` says why it could not install one.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def new_profile(browser: Browser) -> Iterator[BrowserContext]:
    """Give a browser without memory; fail at the end where our code raised an error in it."""
    errors: list[str] = []

    def on_message(message: ConsoleMessage) -> None:
        # An error in a slot of a signal ends here
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url')})")

    with browser.new_context(viewport={"width": 1400, "height": 900}) as context:
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda event: errors.append(event.error.stack or str(event.error)))
        context.on("console", on_message)
        yield context
    assert [text for text in errors if BUNDLE in text] == []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with new_profile(browser) as context:
        yield context


@pytest.fixture
def open_tab(context: BrowserContext, server: Server) -> Callable[[], Lab]:
    """Return a function that opens a further tab."""
    return lambda: Lab(context.new_page(), server)


@pytest.fixture
def lab(open_tab: Callable[[], Lab]) -> Lab:
    return open_tab()


@pytest.fixture(scope="module")
def long_lab(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Return a tab that stays open for all tests of a module that only look at a notebook."""
    folder = server.root / request.module.__name__
    folder.mkdir()
    write_notebook(folder / "first.ipynb", "1")
    with new_profile(browser) as context:
        lab = Lab(context.new_page(), server)
        lab.open(f"{folder.name}/first.ipynb")
        yield lab


@pytest.fixture
def folder(server: Server, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Return a folder for the notebooks of one test; their kernels end with it."""
    name = "".join(char if char.isalnum() else "-" for char in request.node.name)
    folder = server.root / name
    folder.mkdir()
    yield folder
    server.end_kernels(name)
