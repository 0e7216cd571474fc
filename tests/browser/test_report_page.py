"""The page of `jupyter repro report` in a browser: complete, readable, and alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from jupyter_repro.show.page.page import render_page
from tests.browser.test_accessibility import AXE
from tests.unit.show.test_page import EVIL, notebook

RUN_AXE = """
async () => (await axe.run()).violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 300)}`)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    page = render_page([notebook("paper.ipynb"), notebook(EVIL)], "2026-11-25 12:00 UTC", "0.1.0")
    path.write_text(page, encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_complete_and_runs_nothing(
    browser: Browser, file: Path, scheme: Literal["light", "dark"]
) -> None:
    with browser.new_context(color_scheme=scheme, bypass_csp=True) as context:
        page: Page = context.new_page()
        asked: list[str] = []
        told: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.goto(file.as_uri())
        assert asked == [file.as_uri()]
        assert told == []
        headings = page.locator("h2").all_inner_texts()
        assert headings[0] == "paper.ipynb"
        assert "<script>" in headings[1], "it is shown as text"
        page.get_by_role("link", name="paper.ipynb").click()
        assert page.locator("svg.chart").first.is_visible()
        page.add_script_tag(path=AXE)
        assert page.evaluate(RUN_AXE) == []


def test_it_is_readable_on_paper(browser: Browser, file: Path) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(file.as_uri())
        page.emulate_media(media="print")
        colours = page.locator(".status").evaluate_all(
            "nodes => [...new Set(nodes.map(node => getComputedStyle(node).color))]"
        )
        assert colours == ["rgb(0, 0, 0)"]
        assert page.pdf().startswith(b"%PDF")
