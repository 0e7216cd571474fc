"""Recording, saving, reopening and accepting, as a person sees it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from jupyter_repro.notebook.cell_keys import source_digest
from tests.browser.kernels import install_prefix, make_environment
from tests.browser.lab import KEY, SEED_CELL, WIDGET, Lab, read_notebook, stamps, write_notebook
from tests.browser.server import Server

SNAPSHOTS = Path(__file__).parents[1] / "fixtures" / "snapshots"
MESSAGE_TYPE = "application/vnd.jupyter-repro.snapshot+json"


def elsewhere() -> dict[str, Any]:
    """Return what a notebook holds that was recorded on another machine."""
    reference = json.loads((SNAPSHOTS / "conda_gpu.json").read_text())
    return {KEY: {"schema_version": 1, "reference": reference}}


def record(lab: Lab, path: str) -> dict[str, Any]:
    """Open a notebook, run it, save it; return what it has recorded."""
    lab.open(path)
    lab.run_all()
    lab.wait_for_metadata()
    # The kernel has answered, and what it knows since is written
    lab.expect_verdict("Matches")
    recorded: dict[str, Any] = lab.metadata
    lab.save()
    return recorded


def test_recording_reaches_the_file(lab: Lab, folder: Path) -> None:
    path = write_notebook(folder / "a.ipynb", SEED_CELL, "%repro expect x=1 + 1", "")

    recorded = record(lab, f"{folder.name}/a.ipynb")

    lab.expect_verdict("Matches")
    on_disk = read_notebook(path)
    digest = recorded["reference"]["digest"]
    assert on_disk["metadata"][KEY] == recorded
    assert recorded["reference"]["layers"]["determinism"]["seed"] == "42"
    assert stamps(path) == [digest[:12], digest[:12], None]
    message = on_disk["cells"][0]["outputs"][0]["data"][MESSAGE_TYPE]
    assert message["digest"] == digest
    assert [*recorded["results"]] == ["x"]
    assert {*message} == {"schema_version", "digest"}, "the file holds the rest in the metadata"


def test_a_cell_is_stamped_with_what_ran(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL, "1 + 1")
    record(lab, f"{folder.name}/a.ipynb")
    first = lab.wait_for_stamp(1, source_digest("1 + 1"))
    assert [*first["rng"]] == ["python"]

    lab.set_source(1, "import random; random.random()")
    assert lab.wait_for_stamp(1, source_digest("1 + 1")) == first, "it was edited, not run"
    lab.run_cell(1)
    second = lab.wait_for_stamp(1, source_digest("import random; random.random()"))
    assert second["env"] == first["env"]
    assert second["rng"] != first["rng"]


def test_reopening_checks_without_touching(
    lab: Lab, open_tab: Callable[[], Lab], folder: Path
) -> None:
    path = write_notebook(folder / "a.ipynb", SEED_CELL)
    record(lab, f"{folder.name}/a.ipynb")
    lab.shut_down_all()
    lab.page.close()
    before = path.read_bytes()

    again = open_tab()
    again.open(f"{folder.name}/a.ipynb")

    again.expect_verdict("Matches")
    assert not again.is_dirty
    assert path.read_bytes() == before


def test_running_again_keeps_the_file_the_same(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL)
    first = record(lab, f"{folder.name}/a.ipynb")
    lab.restart()
    lab.run_all()
    lab.expect_verdict("Matches")
    assert lab.metadata == first


def test_another_environment_is_told_and_not_erased(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL, metadata=elsewhere())
    lab.open(f"{folder.name}/a.ipynb", show=False)

    toast = lab.page.locator(".Toastify__toast", has_text="a.ipynb")
    toast.get_by_role("button", name="Show differences").click()
    expect(lab.panel).to_be_visible()
    lab.expect_verdict("Differs")
    assert lab.metadata == elsewhere()[KEY]

    lab.run_all()
    lab.wait_for_metadata("latest")
    assert lab.metadata["reference"] == elsewhere()[KEY]["reference"]


def test_a_notebook_is_told_of_once(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere())
    write_notebook(folder / "b.ipynb", "1", metadata=elsewhere())
    lab.open(f"{folder.name}/a.ipynb", show=False)
    toast = lab.page.locator(".Toastify__toast", has_text="a.ipynb")
    toast.get_by_role("button", name="Do not notify me again").click()
    expect(toast).to_have_count(0)

    lab.reload(show=False)
    expect(lab.page.locator(".jp-Repro-Status")).to_contain_text("Differs")
    # It would have been told before the other one, and nothing took it away
    lab.open_beside(f"{folder.name}/b.ipynb")
    expect(lab.page.locator(".Toastify__toast", has_text="b.ipynb")).to_be_visible()
    expect(toast).to_have_count(0)


def test_accepting_replaces_the_reference_after_a_question(lab: Lab, folder: Path) -> None:
    path = write_notebook(folder / "a.ipynb", "1", metadata=elsewhere())
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Differs")

    lab.command("jupyter-repro:accept")
    dialog = lab.page.locator(".jp-Dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert lab.metadata == elsewhere()[KEY]

    lab.command("jupyter-repro:accept")
    dialog.get_by_role("button", name="Replace the reference").click()
    lab.expect_verdict("Matches")
    lab.save()
    accepted = read_notebook(path)["metadata"][KEY]
    assert accepted["reference"]["digest"] != elsewhere()[KEY]["reference"]["digest"]
    assert "latest" not in accepted


def test_nothing_recorded_offers_the_magic(lab: Lab, folder: Path) -> None:
    path = write_notebook(folder / "a.ipynb", "1")
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Nothing recorded")
    assert lab.metadata is None

    lab.press("Insert it")
    # Once more does not put it there twice
    lab.press("Insert it")
    lab.command("jupyter-repro:insert-magic")
    lab.run_all()
    lab.expect_verdict("Matches")
    lab.save()
    sources = [cell["source"] for cell in read_notebook(path)["cells"]]
    assert ["".join(source) for source in sources] == [SEED_CELL, "1"]


def write_wheel(folder: Path, name: str, version: str) -> None:
    """Write a wheel with one empty module."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


def test_a_package_that_comes_while_it_runs_is_told(
    lab: Lab, server: Server, folder: Path, tmp_path: Path
) -> None:
    site = make_environment(tmp_path / "env")
    install_prefix(server, tmp_path / "env", "own")
    write_wheel(tmp_path, "newcomer", "1.0")
    install = f"%pip install --quiet --no-index --find-links {tmp_path} newcomer"
    path = write_notebook(folder / "a.ipynb", SEED_CELL, install, "2", language="own")
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_cell(0)
    recorded = lab.wait_for_metadata()
    lab.expect_verdict("Matches")
    lab.run_cell(1)
    assert (site / "newcomer.py").exists()
    lab.expect_panel("newcomer")
    lab.run_cell(2)
    lab.wait_for_metadata("latest")
    lab.save()
    first, changed, after = stamps(path)
    assert first == recorded["reference"]["digest"][:12]
    assert changed == after != first


def test_cells_of_another_environment_are_marked(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", "1", "2", metadata=elsewhere())
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Differs")
    marker = lab.page.locator(".jp-repro-marker")
    expect(marker).to_have_count(0)
    lab.stamp(0, "0" * 12)
    lab.stamp(1, elsewhere()[KEY]["reference"]["digest"][:12])
    lab.command("jupyter-repro:check")
    expect(marker).to_have_count(1)
    expect(marker).to_have_attribute(
        "aria-label", "Produced in a different environment from the recorded one"
    )


def test_what_was_seen_is_listed_and_leads_to_its_cell(lab: Lab, folder: Path) -> None:
    draw = "import numpy as np\nnp.random.default_rng().random()"
    path = write_notebook(folder / "a.ipynb", SEED_CELL, "1", draw)
    record(lab, f"{folder.name}/a.ipynb")
    lab.expect_verdict("Matches")

    seen = lab.panel.locator(".jp-Repro-Finding", has_text="made without a seed")
    expect(seen).to_contain_text("line 2")
    seen.get_by_role("button", name="Cell 3").click()
    assert lab.page.evaluate(f"() => {WIDGET}.content.activeCellIndex") == 2
    lab.save()
    recorded = read_notebook(path)["metadata"][KEY]["findings"]
    places = {found["kind"]: (found.get("cell"), found.get("line")) for found in recorded}
    assert places["unseeded-generator"] == ("a2", 2)
