"""Pictures of the panel, for people to look at, and two of them for the README.

They are written where ``SCREENSHOTS`` says (``make screenshots``), else into pytest's own folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.lab import KEY, SEED_CELL, Lab, read_notebook, write_notebook
from tests.browser.test_recording import elsewhere

WIDTHS = {"narrow": 250, "usual": 380, "wide": 700}
PICTURE = {"width": 1200, "height": 900}
CELLS = (
    SEED_CELL,
    "import numpy as np\nimport torch",
    "gpu = torch.cuda.is_available()\ntorch.rand(2, device='cuda' if gpu else 'cpu')",
)
ON_A_GPU = "tensor([0.6130, 0.0101], device='cuda:0')"
OTHER_VERSIONS = {"numpy": "1.26.4", "pandas": "2.2.3", "torch": "2.4.1"}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wanted = os.environ.get("SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def in_default_theme(lab: Lab) -> Iterator[None]:
    yield
    lab.set_theme("JupyterLab Light")


def set_width(lab: Lab, width: int) -> None:
    """Give the panel a width, as one does by its edge."""
    box = lab.panel.bounding_box()
    assert box is not None
    mouse = lab.page.mouse
    edge = box["x"] - 2
    mouse.move(edge, 400)
    mouse.down()
    mouse.move(edge + box["width"] - width, 400, steps=4)
    mouse.up()


def take(lab: Lab, path: Path) -> None:
    """Take a picture of the whole panel, also of what would have to be scrolled to."""
    height = lab.panel.evaluate("panel => panel.firstElementChild.scrollHeight")
    lab.page.set_viewport_size({"width": 1400, "height": height + 100})
    lab.panel.evaluate("panel => { panel.scrollTop = 0; }")
    lab.page.mouse.move(5, 5)
    lab.panel.screenshot(path=path, animations="disabled")


def take_window(lab: Lab, path: Path) -> None:
    """Take a picture of notebook and panel for the README."""
    lab.page.set_viewport_size(PICTURE)
    if lab.page.locator(".jp-DirListing").is_visible():
        lab.command("application:toggle-left-area")
    set_width(lab, 590)
    lab.page.mouse.move(5, 5)
    lab.page.screenshot(path=path, animations="disabled")


def as_from_a_gpu(path: Path) -> None:
    """Turn a recorded notebook into one that a colleague recorded on a machine with a GPU."""
    notebook = read_notebook(path)
    reference = notebook["metadata"][KEY]["reference"]
    sample = elsewhere()[KEY]["reference"]
    reference.update({name: sample[name] for name in ("created", "digest")})
    layers = reference["layers"]
    for name in ("frameworks", "gpu", "system", "libraries", "determinism"):
        layers[name] = sample["layers"][name]
    lines = layers["packages"]["packages"]
    for name, version in OTHER_VERSIONS.items():
        lines[:] = [f"{name}=={version}" if x.startswith(f"{name}==") else x for x in lines]
    layers["notebook"]["used"] = sorted({*layers["notebook"]["used"], *OTHER_VERSIONS})
    for cell in notebook["cells"]:
        cell["metadata"][KEY] = {"env": sample["digest"][:12]}
    notebook["cells"][0]["outputs"] = []
    notebook["cells"][2]["outputs"][0]["data"]["text/plain"] = [ON_A_GPU]
    path.write_text(json.dumps(notebook))


@pytest.mark.usefixtures("in_default_theme")
def test_match_and_mismatch(lab: Lab, folder: Path, pictures: Path) -> None:
    path = write_notebook(folder / "quickstart.ipynb", *CELLS)
    lab.open(f"{folder.name}/quickstart.ipynb")
    lab.run_all()
    lab.expect_verdict("Matches")
    set_width(lab, WIDTHS["usual"])
    take(lab, pictures / "panel-match.png")
    lab.save()

    as_from_a_gpu(path)
    lab.shut_down_all()
    lab.page.set_viewport_size({"width": 1400, "height": 900})
    lab.open(f"{folder.name}/quickstart.ipynb", show=False)
    lab.toast.get_by_role("button", name="Show differences").wait_for()
    lab.page.screenshot(path=pictures / "notification.png", animations="disabled")
    lab.exchange_toast()
    lab.expect_verdict("Differs")
    take_window(lab, pictures / "panel-mismatch.png")
    lab.stamp(1, "0" * 12)
    for name in ("Packages", "Cells"):
        lab.panel.get_by_role("button", name=name, exact=True).click()
    lab.press("GPU and driver")
    lab.page.set_viewport_size({"width": 1400, "height": 900})
    for name, width in WIDTHS.items():
        set_width(lab, width)
        take(lab, pictures / f"mismatch-{name}.png")
    set_width(lab, WIDTHS["usual"])
    for name, theme in (("dark", "JupyterLab Dark"), ("contrast", "JupyterLab Dark High Contrast")):
        lab.set_theme(theme)
        take(lab, pictures / f"mismatch-{name}.png")


@pytest.mark.usefixtures("in_default_theme")
def test_results_that_fail_and_results_that_were_not_run(
    lab: Lab, folder: Path, pictures: Path
) -> None:
    write_notebook(
        folder / "results.ipynb",
        SEED_CELL,
        "import numpy\nloss = 0.4213",
        "%repro expect loss=loss accuracy=0.9 rtol=1e-3",
    )
    lab.open(f"{folder.name}/results.ipynb")
    lab.run_all()
    lab.expect_verdict("Matches")
    lab.restart()
    lab.expect_verdict("Results not run")
    _take_in_both_themes(lab, pictures, "not-run")
    for index in range(3):
        lab.run_cell(index)
    lab.expect_verdict("Matches")
    lab.set_source(1, "loss = 0.45")
    lab.run_cell(1)
    lab.run_cell(2)
    lab.expect_verdict("Differs")
    lab.exchange_toast()
    _take_in_both_themes(lab, pictures, "result")


def _take_in_both_themes(lab: Lab, pictures: Path, name: str) -> None:
    for mode in ("Light", "Dark"):
        lab.set_theme(f"JupyterLab {mode}")
        lab.page.set_viewport_size({"width": 1400, "height": 900})
        set_width(lab, WIDTHS["usual"])
        lab.page.mouse.move(5, 5)
        lab.page.screenshot(
            path=pictures / f"{name}-window-{mode.lower()}.png", animations="disabled"
        )
        take(lab, pictures / f"{name}-{mode.lower()}.png")


def test_without_a_comparison(lab: Lab, folder: Path, pictures: Path) -> None:
    write_notebook(folder / "fresh.ipynb", "1")
    lab.open(f"{folder.name}/fresh.ipynb")
    lab.expect_verdict("Nothing recorded")
    set_width(lab, WIDTHS["usual"])
    take(lab, pictures / "nothing-recorded.png")
    lab.shut_down()
    lab.expect_panel("no kernel")
    take(lab, pictures / "no-kernel.png")
