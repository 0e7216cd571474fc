"""A notebook from one conda environment, opened in another: told, compared, accepted."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.kernels import install_prefix
from tests.browser.lab import KEY, Lab, read_notebook, stamps, write_notebook
from tests.browser.server import Server
from tests.conda.channel import KERNEL
from tests.conda.pair import CELLS, make_pair, run_notebook

pytestmark = [pytest.mark.conda, pytest.mark.kernel]


@pytest.fixture(scope="module")
def prefixes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_pair(tmp_path_factory.mktemp("prefixes"))


def test_reopened_in_another_prefix(
    lab: Lab, server: Server, folder: Path, prefixes: tuple[Path, Path]
) -> None:
    first, second = prefixes
    path = write_notebook(folder / "paper.ipynb", *CELLS, language=KERNEL)
    run_notebook(path, first)
    reference = read_notebook(path)["metadata"][KEY]["reference"]
    before = stamps(path)
    install_prefix(server, second)

    lab.open(f"{folder.name}/paper.ipynb", show=False)
    lab.toast.get_by_role("button", name="Show differences").click()
    lab.expect_verdict("Drifts")
    findings = lab.panel.locator(".jp-Repro-Finding")
    assert findings.locator(".jp-Repro-FindingHead strong").all_inner_texts() == [
        "alpha",
        "delta",
        "beta",
    ]
    changes = findings.locator(".jp-Repro-Change code, .jp-Repro-Change em").all_inner_texts()
    assert changes == [
        *("1.2.0 py_0", "1.2.1 py_0"),
        *("3.1 py_0", "absent"),
        *("2.0 openblas_0", "2.0 mkl_0"),
    ]
    assert lab.metadata["reference"] == reference

    lab.press("Accept as reference")
    question = lab.page.locator(".jp-Dialog")
    expect(question).to_contain_text("3 differences")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    assert lab.metadata["reference"] == reference

    lab.press("Accept as reference")
    question.get_by_role("button", name="Replace the reference").click()
    lab.expect_verdict("Matches")
    expect(lab.toast).to_have_count(0)
    lab.save()
    accepted = read_notebook(path)["metadata"][KEY]
    assert accepted["reference"]["layers"]["conda"]["name"] == "b"
    assert "latest" not in accepted
    # The outputs are still those of the first environment, and are marked so
    assert stamps(path) == before
    expect(lab.page.locator(".jp-repro-marker")).to_have_count(len(CELLS))


def test_run_again_in_another_prefix(
    lab: Lab, server: Server, folder: Path, prefixes: tuple[Path, Path]
) -> None:
    first, second = prefixes
    path = write_notebook(folder / "paper.ipynb", *CELLS, language=KERNEL)
    install_prefix(server, first)
    lab.open(f"{folder.name}/paper.ipynb")
    lab.run_all()
    lab.expect_verdict("Matches")
    lab.save()
    reference = read_notebook(path)["metadata"][KEY]["reference"]

    install_prefix(server, second, "second")
    lab.change_kernel("second")
    lab.expect_verdict("Drifts")
    lab.run_all()
    lab.wait_for_metadata("latest")
    lab.save()
    recorded = read_notebook(path)["metadata"][KEY]
    assert recorded["reference"] == reference
    assert recorded["latest"]["layers"]["conda"]["name"] == "b"
    assert stamps(path) == [recorded["latest"]["digest"][:12]] * len(CELLS)
    lab.expect_panel("in another environment than the recorded one")
