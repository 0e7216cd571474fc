"""Kernels that restart, die, are shared, busy, or not Python."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.kernels import install_program
from tests.browser.lab import SEED_CELL, Lab, write_notebook
from tests.browser.server import Server

TOY_KERNEL = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class Toy(Kernel):
    implementation = "toy"
    implementation_version = "1"
    banner = "toy"
    language_info = {"name": "toy", "mimetype": "text/plain", "file_extension": ".toy"}

    async def do_execute(self, code, silent, *args, **kwargs):
        return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

IPKernelApp.launch_instance(kernel_class=Toy)
"""

WITHOUT_PACKAGE = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "jupyter_repro":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from ipykernel.kernelapp import IPKernelApp

IPKernelApp.launch_instance()
"""


def test_restart(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL)
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    recorded = lab.wait_for_metadata()
    lab.restart()
    lab.expect_panel("nothing is seeded")
    assert lab.metadata == recorded


def test_a_kernel_that_dies_is_asked_again(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL)
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    recorded = lab.wait_for_metadata()
    lab.run_silently("import os; os._exit(1)", wait=False)
    lab.page.locator(".jp-Dialog").get_by_role("button", name="Ok").click()
    lab.expect_panel("nothing is seeded")
    assert lab.metadata == recorded


def test_another_kernel_is_asked(lab: Lab, server: Server, folder: Path) -> None:
    install_program(server, "bare", WITHOUT_PACKAGE)
    write_notebook(folder / "a.ipynb", SEED_CELL, "1")
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    recorded = lab.wait_for_metadata()
    lab.expect_verdict("Matches")

    lab.change_kernel("bare")
    lab.expect_panel("jupyter_repro is not installed in this kernel")
    lab.expect_verdict("Not checked")
    lab.run_cell(1)
    assert lab.metadata == recorded

    lab.change_kernel("python3")
    lab.expect_panel("nothing is seeded")
    lab.expect_verdict("Matches")
    assert lab.metadata == recorded


def test_shut_down_still_shows_what_was_recorded(lab: Lab, folder: Path) -> None:
    write_notebook(folder / "a.ipynb", SEED_CELL)
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    lab.wait_for_metadata()
    lab.shut_down()
    lab.expect_panel("no kernel")
    lab.expect_panel("Operating system")


def test_recording_again_on_a_shared_kernel_leaves_the_other_alone(lab: Lab, folder: Path) -> None:
    for name, seed in (("a", "42"), ("b", "7")):
        write_notebook(folder / f"{name}.ipynb", SEED_CELL.replace("42", seed))
    lab.open(f"{folder.name}/a.ipynb")
    lab.run_all()
    first = lab.wait_for_metadata()
    kernel = lab.kernel_id
    lab.open_beside(f"{folder.name}/b.ipynb", kernel={"id": kernel})
    lab.run_all()
    second = lab.wait_for_metadata()

    lab.open_beside(f"{folder.name}/a.ipynb")
    # Its seed is not in force any more
    lab.expect_verdict("Differs")
    lab.press("Record again")
    lab.expect_verdict("Matches")
    assert lab.metadata == first
    lab.open_beside(f"{folder.name}/b.ipynb")
    lab.expect_verdict("Differs")
    assert lab.metadata == second


def test_a_busy_kernel_is_asked_when_it_is_idle(lab: Lab, folder: Path) -> None:
    gate = folder / "gate"
    wait = f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.05)"
    write_notebook(folder / "a.ipynb", wait)
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_verdict("Nothing recorded")
    lab.command("notebook:run-all-cells")
    lab.wait_status("busy")
    lab.command("jupyter-repro:check")
    lab.expect_panel("running")
    gate.touch()
    lab.expect_verdict("Nothing recorded")
    assert lab.execution_counts == [1]


def test_another_language(lab: Lab, server: Server, folder: Path) -> None:
    install_program(server, "toy", TOY_KERNEL, language="toy")
    write_notebook(folder / "a.ipynb", "1", language="toy")
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_panel("toy")
    expect(lab.panel).not_to_contain_text("Nothing recorded")


def test_without_the_package(lab: Lab, server: Server, folder: Path) -> None:
    install_program(server, "without", WITHOUT_PACKAGE)
    write_notebook(folder / "a.ipynb", "1", language="without")
    lab.open(f"{folder.name}/a.ipynb")
    lab.expect_panel("%pip install jupyter_repro")
