"""The panel without a mouse, without eyes, and in every theme of JupyterLab."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.lab import KEY, SEED_CELL, Lab, write_notebook
from tests.browser.server import REPOSITORY
from tests.browser.test_recording import elsewhere

AXE = REPOSITORY / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("JupyterLab Dark", "JupyterLab Dark High Contrast", "JupyterLab Light")
"""The last one is the default, so that the next test finds it."""

OURS = ("#jupyter-repro-panel", ".jp-Repro-Status", ".jp-Repro-Indicator")

# JupyterLab's body has no height, and axe takes what lies in it for hidden
RUN_AXE = """
async places => {
  document.body.style.height = '100vh';
  const { violations, passes } = await axe.run({ include: places.map(place => [place]) });
  if (passes.filter(({ id, nodes }) => id === 'color-contrast' && nodes.length > 5).length !== 1) {
    return ['axe looked at no colour'];
  }
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 300)} ${
      node.any.map(check => check.message).join('; ')}`));
}
"""

# Of what has the focus: a name that tells it from the others, and whether one sees that it has it
FOCUSED = """
panel => {
  const node = document.activeElement;
  if (!panel.contains(node) || node === panel) {
    return null;
  }
  const style = getComputedStyle(node);
  return {
    place: Number(node.dataset.place),
    text: node.getAttribute('aria-label') || node.innerText || node.closest('label')?.innerText,
    isSeen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  };
}
"""

NUMBER_ALL = """
panel => {
  const all = [...panel.querySelectorAll('button, input, select, a[href], [tabindex="0"]')]
    .filter(node => node.checkVisibility());
  all.forEach((node, place) => { node.dataset.place = place; });
  return all.length;
}
"""


@pytest.fixture
def in_default_theme(lab: Lab) -> Iterator[None]:
    yield
    lab.set_theme(THEMES[-1])


def complaints(lab: Lab) -> list[str]:
    found: list[str] = lab.page.evaluate(RUN_AXE, OURS)
    return found


def open_everything(lab: Lab) -> None:
    for name in ("Packages", "Cells"):
        lab.panel.get_by_role("button", name=name, exact=True).click()
    lab.press("Frameworks")
    lab.press("conda environment Cannot")


def two_environments() -> dict[str, Any]:
    """Return what a notebook holds that was last run in another environment than recorded."""
    document = elsewhere()[KEY]
    latest = json.loads(json.dumps(document["reference"]))
    latest["digest"] = "0" * 64
    return {KEY: {**document, "latest": latest}}


@pytest.mark.usefixtures("in_default_theme")
@pytest.mark.parametrize("state", ["match", "mismatch", "results", "nothing"])
def test_axe_finds_nothing_serious(lab: Lab, folder: Path, state: str) -> None:
    write_notebook(
        folder / "a.ipynb",
        "1" if state == "nothing" else SEED_CELL,
        "%repro expect loss=0.5 accuracy=0.87 rtol=1e-3" if state == "results" else "",
        metadata=two_environments() if state == "mismatch" else None,
    )
    lab.open(f"{folder.name}/a.ipynb", show=state != "mismatch")
    if state == "nothing":
        lab.expect_verdict("Nothing recorded")
    elif state == "match":
        lab.run_all()
        lab.expect_verdict("Matches")
    elif state == "results":
        lab.run_all()
        lab.expect_panel("identical")
        lab.set_source(1, "%repro expect loss=0.51 accuracy=0.8701 rtol=1e-3")
        lab.run_cell(1)
        lab.exchange_toast()
        expect(lab.panel.locator(".jp-Repro-Chart")).to_have_count(2)
    else:
        lab.exchange_toast()
        lab.expect_verdict("Differs")
        lab.stamp(0, "0" * 12)
        open_everything(lab)
    lab.page.add_script_tag(path=AXE)
    found = {}
    for theme in THEMES:
        lab.set_theme(theme)
        found[theme] = complaints(lab)
    assert found == {theme: [] for theme in THEMES}


def test_the_keyboard_reaches_everything(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL, metadata=two_environments())
    lab.open(f"{folder.name}/a.ipynb", show=False)
    lab.exchange_toast()
    lab.expect_verdict("Differs")
    lab.stamp(0, "0" * 12)
    open_everything(lab)
    count = lab.panel.evaluate(NUMBER_ALL)
    lab.command("jupyter-repro:show-panel")
    expect(lab.panel).to_be_focused()

    reached = []
    for _ in range(count + 1):
        lab.page.keyboard.press("Tab")
        focused = lab.panel.evaluate(FOCUSED)
        if focused is None:
            break
        assert focused["isSeen"], focused
        reached.append(focused)
    assert [one["place"] for one in reached] == list(range(count))
    names = " / ".join(one["text"] for one in reached)
    for name in ("Check now", "Stack", "GPU and driver", "Search packages", "Used first", "Cell 1"):
        assert name in names


def test_the_keyboard_alone_suffices(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere())
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Differs")
    keys = lab.page.keyboard
    button = lab.panel.get_by_role("button", name="GPU and driver")
    for key, state in (("Enter", "true"), ("Space", "false")):
        button.focus()
        keys.press(key)
        expect(button).to_have_attribute("aria-expanded", state)
        expect(button).to_be_focused()

    lab.panel.get_by_role("button", name="Packages", exact=True).focus()
    keys.press("Enter")
    keys.press("Tab")
    expect(lab.panel.get_by_role("searchbox")).to_be_focused()
    keys.type("numpy")
    table = lab.panel.get_by_role("table", name="Packages")
    rows = table.get_by_role("row")
    expect(table.get_by_role("rowheader").first).to_contain_text("numpy")
    keys.press("ControlOrMeta+A")
    keys.press("Delete")
    for _ in range(3):  # over the two boxes to the head of the table
        keys.press("Tab")
    head = table.get_by_role("columnheader", name="Package")
    expect(head).to_have_attribute("aria-sort", "ascending")
    keys.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    # A list that scrolls is one step in the order, and keys move it
    scrolled = lab.panel.locator(".jp-Repro-List")
    scrolled.focus()
    first = rows.nth(1).inner_text()
    for _ in range(3):
        keys.press("PageDown")
    expect(rows.nth(1)).not_to_have_text(first)

    accept = lab.panel.get_by_role("button", name="Accept as reference")
    question = lab.page.locator(".jp-Dialog")
    accept.focus()
    keys.press("Enter")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    keys.press("Escape")
    expect(question).to_have_count(0)
    expect(accept).to_be_focused()
    keys.press("Enter")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    lab.expect_verdict("Matches")
    expect(lab.panel).to_be_focused()  # the button that asked is gone
