"""Named results in the panel, as they come, leave their tolerance and are accepted."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from jupyter_repro.notebook.cell_keys import source_digest
from tests.browser.lab import KEY, SEED_CELL, WIDGET, Lab, read_notebook, write_notebook

EXPECT = "%repro expect loss=loss rtol=1e-3"

# What of the panel changed while a cell ran: nothing, where the answer said the same again
COUNT_CHANGES = """
panel => {
  window.changes = 0;
  new MutationObserver(records => { window.changes += records.length; })
    .observe(panel, { subtree: true, childList: true, attributes: true, characterData: true });
}
"""


def result(lab: Lab, name: str) -> Locator:
    return lab.panel.locator("[data-outcome]", has=lab.page.get_by_text(name, exact=True))


def test_a_result_that_leaves_its_tolerance_is_told_and_accepted(lab: Lab, folder: Path) -> None:
    path = write_notebook(folder / "a.ipynb", SEED_CELL, "loss = 0.5", EXPECT, "%repro accept")
    lab.open(f"{folder.name}/a.ipynb")
    for index in range(3):
        lab.run_cell(index)
    loss = result(lab, "loss")
    expect(loss).to_contain_text("identical")
    expect(loss.get_by_role("img")).to_have_count(0)

    lab.set_source(1, "loss = 0.51")
    lab.run_cell(1)
    lab.run_cell(2)
    expect(loss).to_contain_text("different")
    expect(loss).to_contain_text("loss is 0.51, not 0.5")
    chart = loss.get_by_role("img")
    expect(chart).to_have_attribute(
        "aria-label", re.compile(r"0\.5, 0\.51\. Within tolerance from 0\.4995")
    )
    expect(lab.toast).to_contain_text("1 of 1 result differs: loss 0.51, recorded 0.5")
    lab.toast.get_by_role("button", name="Show differences").click()
    expect(lab.toast).to_have_count(0)
    loss.get_by_role("button", name="Cell 3").click()
    assert lab.page.evaluate(f"() => {WIDGET}.content.activeCellIndex") == 2
    lab.save()
    stored = read_notebook(path)["metadata"][KEY]["results"]["loss"]
    assert stored["parts"] == [{"type": "float", "value": "0.5"}]
    assert stored["latest"] == [{"type": "float", "value": "0.51"}]

    lab.run_cell(3)
    expect(loss).to_contain_text("identical")
    expect(loss).to_contain_text("recorded: 0.51")
    lab.save()
    stored = read_notebook(path)["metadata"][KEY]["results"]["loss"]
    assert stored["parts"] == [{"type": "float", "value": "0.51"}]
    assert stored.get("latest") is None


def test_the_notification_goes_when_the_result_holds_again(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL, f"loss = 0.5\n{EXPECT}")
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    loss = result(lab, "loss")
    expect(loss).to_contain_text("identical")
    lab.set_source(1, f"loss = 0.51\n{EXPECT}")
    lab.run_cell(1)
    expect(lab.toast).to_contain_text("loss 0.51, recorded 0.5")

    lab.set_source(1, f"loss = 0.5001\n{EXPECT}")
    lab.run_cell(1)
    expect(loss).to_contain_text("within tolerance")
    expect(lab.toast).to_have_count(0)


def test_nothing_is_drawn_where_no_result_changed(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL, f"loss = 0.5\n{EXPECT}", "1", "%repro expect n=1")
    lab.open(f"{folder.name}/a.ipynb")
    for index in range(3):
        lab.run_cell(index)
    expect(result(lab, "loss")).to_contain_text("identical")
    lab.wait_for_stamp(2, source_digest("1"))
    lab.panel.evaluate(COUNT_CHANGES)
    lab.set_source(2, "2")
    lab.run_cell(2)
    # The answer that holds the stamp would have changed the panel
    lab.wait_for_stamp(2, source_digest("2"))
    assert lab.page.evaluate("() => window.changes") == 0
    lab.run_cell(3)
    expect(result(lab, "n")).to_contain_text("identical")
    assert lab.page.evaluate("() => window.changes") > 0
