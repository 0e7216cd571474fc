"""The verdict on environment and results, wherever it is shown: head, status bar, toolbar, card."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.lab import KEY, SEED_CELL, Lab, read_notebook, write_notebook
from tests.browser.test_results import result

EXPECT = "%repro expect loss=loss accuracy=0.9 rtol=1e-3"
SENTENCE = "1 of 2 results differs: loss 0.45, recorded 0.4213"


def badges(lab: Lab) -> list[Locator]:
    """Return what the status bar and the toolbar show of the notebook."""
    return [
        lab.page.locator(f"{place} .jp-Repro-Badge:visible")
        for place in (".jp-Repro-Status", ".jp-Repro-Indicator")
    ]


def expect_everywhere(lab: Lab, verdict: str, word: str) -> None:
    """Wait until the head, the status bar and the toolbar say the same."""
    lab.expect_verdict(word)
    expect(lab.panel.locator("header")).to_have_attribute("data-verdict", verdict)
    for badge in badges(lab):
        expect(badge).to_have_attribute("data-verdict", verdict)
        expect(badge).to_contain_text(word)


def write(folder: Path) -> Path:
    return write_notebook(folder / "a.ipynb", SEED_CELL, "import numpy\nloss = 0.4213", EXPECT)


def test_a_result_outside_its_tolerance_turns_everything(lab: Lab, folder: Path) -> None:
    write(folder)
    lab.open(f"{folder.name}/a.ipynb")
    for index in range(3):
        lab.run_cell(index)
    expect_everywhere(lab, "match", "Matches")
    lab.expect_panel("Environment matches; 2 of 2 results hold")
    expect(lab.toast).to_have_count(0)

    lab.set_source(1, "loss = 0.45")
    lab.run_cell(1)
    lab.run_cell(2)
    expect_everywhere(lab, "mismatch", "Differs")
    lab.expect_panel(f"Environment matches; {SENTENCE}")
    for badge in badges(lab):
        assert f"Environment matches; {SENTENCE}" in (badge.get_attribute("title") or "")
        expect(badge.locator(".jp-Repro-Count")).to_have_text("1")
    expect(lab.toast).to_contain_text(f"a.ipynb: Environment matches; {SENTENCE}")
    card = lab.page.locator(".jp-NotebookPanel:visible .jp-OutputArea").first
    expect(card).to_contain_text(SENTENCE)

    lab.set_source(1, "loss = 0.4213")
    lab.run_cell(1)
    lab.run_cell(2)
    expect_everywhere(lab, "match", "Matches")
    expect(lab.toast).to_have_count(0)
    expect(card).not_to_contain_text("Results")


def test_a_kernel_that_has_run_nothing_has_no_results(lab: Lab, folder: Path) -> None:
    path = write(folder)
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    expect_everywhere(lab, "match", "Matches")
    lab.save()
    lab.wait_for(lambda: "loss" in read_notebook(path)["metadata"][KEY]["results"])

    lab.restart()
    expect_everywhere(lab, "not run", "Results not run")
    lab.expect_panel("Environment matches; 2 of 2 results were not run")
    lab.expect_panel("not checked: Numerical libraries")
    for name, value in (("loss", "0.4213"), ("accuracy", "0.9")):
        expect(result(lab, name)).to_have_attribute("data-outcome", "not run")
        expect(result(lab, name)).to_contain_text(
            f"When it was last recorded it was identical: {value}, first seen 2"
        )
    expect(lab.panel.locator("[data-outcome=identical]")).to_have_count(0)
    expect(lab.toast).to_have_count(0)

    for index in range(3):
        lab.run_cell(index)
    expect_everywhere(lab, "match", "Matches")


def test_a_failure_on_record_stands_in_a_kernel_that_has_run_nothing(
    lab: Lab, folder: Path
) -> None:
    write(folder)
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    expect_everywhere(lab, "match", "Matches")
    lab.set_source(1, "loss = 0.45")
    lab.run_cell(1)
    lab.run_cell(2)
    expect_everywhere(lab, "mismatch", "Differs")
    lab.restart()
    expect(result(lab, "loss")).to_have_attribute("data-outcome", "not run")
    expect_everywhere(lab, "mismatch", "Differs")
    lab.expect_panel("outside the tolerance when last recorded: loss 0.45, recorded 0.4213")


def test_a_layer_that_is_not_there_does_not_match(lab: Lab, folder: Path) -> None:
    write(folder)
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    expect_everywhere(lab, "match", "Matches")
    layers = lab.panel.locator(".jp-Repro-Layer")
    for name, verdict, word in (
        ("conda environment", "not present", "Not present"),
        ("GPU and driver", "not present", "Not present"),
        ("Python packages", "match", "Matches"),
    ):
        layer = layers.filter(has=lab.page.get_by_text(name, exact=True))
        expect(layer).to_have_attribute("data-verdict", verdict)
        expect(layer.locator(".jp-Repro-LayerVerdict")).to_have_text(word)
