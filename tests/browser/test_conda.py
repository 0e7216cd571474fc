"""A notebook from one conda environment, opened in another: told, compared, accepted."""

from __future__ import annotations

import json
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
    lab.expect_panel("a different environment from the recorded one")


def test_the_table_of_packages_marks_what_the_verdict_names(
    lab: Lab, server: Server, folder: Path, prefixes: tuple[Path, Path]
) -> None:
    first, _ = prefixes
    path = write_notebook(folder / "paper.ipynb", *CELLS, language=KERNEL)
    run_notebook(path, first)
    notebook = read_notebook(path)
    packages = notebook["metadata"][KEY]["reference"]["layers"]["conda"]["packages"]
    for lines in packages.values():
        # The same file name with a different hash
        lines[:] = [
            f"{line.partition('#')[0]}#{'0' * 64}" if line.startswith("alpha-") else line
            for line in lines
        ]
    path.write_text(json.dumps(notebook))
    install_prefix(server, first)

    lab.open(f"{folder.name}/paper.ipynb")
    lab.expect_verdict("Drifts")
    lab.panel.get_by_role("button", name="Packages").last.press("Enter")
    rows = lab.panel.locator(".jp-Repro-List [role=row]")
    alpha = rows.filter(has_text="alpha")
    expect(alpha.get_by_role("img", name="differs")).to_have_count(1)
    lab.panel.get_by_label("Only different").press("Space")
    expect(rows).to_have_count(1)
    expect(alpha.locator("[role=cell]").first).to_contain_text("sha256:0000")

    # A kernel with an older version does not know the question
    forget = "from jupyter_repro import remote; from jupyter_repro.kernel import remote as own; "
    lab.run_silently(forget + "del own.packages; vars(remote).pop('packages', None)")
    lab.reload()
    lab.expect_verdict("Drifts")
    lab.panel.get_by_role("button", name="Packages").last.press("Enter")
    lab.expect_panel("These are the recorded packages.")
    expect(lab.panel.get_by_label("Only different")).to_have_count(0)
    expect(rows.filter(has_text=f"alpha-1.2.0-py_0.conda#{'0' * 64}")).to_have_count(1)
