"""Kernels that answer late, never, too much, or nonsense."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from jupyter_repro import __version__
from jupyter_repro.kernel.remote import CHECK_MIME_TYPE
from tests.browser.kernels import install_program
from tests.browser.lab import KEY, WIDGET, Lab, write_notebook
from tests.browser.server import Server
from tests.browser.test_recording import elsewhere

# Files beside the notebook say how it answers; each question leaves a mark in one
ODD_KERNEL = """
import asyncio, json, os
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

class Odd(IPythonKernel):
    async def do_execute(self, *args, user_expressions=None, **more):
        if user_expressions:
            with open("asked", "a") as file:
                file.write("x")
            while os.path.exists("closed"):
                await asyncio.sleep(0.02)
        reply = await super().do_execute(*args, user_expressions=user_expressions, **more)
        if user_expressions and os.path.exists("answer.json"):
            with open("answer.json") as file:
                reply["user_expressions"] = {"answer": json.load(file)}
        return reply

IPKernelApp.launch_instance(kernel_class=Odd)
"""


@pytest.fixture(scope="module")
def odd(server: Server) -> str:
    install_program(server, "odd", ODD_KERNEL)
    return "odd"


def bundle(content: Any) -> dict[str, Any]:
    return {"status": "ok", "data": {CHECK_MIME_TYPE: content}, "metadata": {}}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param("nonsense", ["Unexpected reply from the kernel"], id="text"),
        pytest.param(bundle([[]]), ["Unexpected reply from the kernel"], id="list"),
        pytest.param(
            bundle({"facts": "x" * 30_000_000}), ["Unexpected reply from the kernel"], id="30-MB"
        ),
        pytest.param(
            bundle({"schema_version": 99, "tool": "9.8.7"}),
            ["jupyter_repro 9.8.7", f"version {__version__}", "where JupyterLab runs"],
            id="newer",
        ),
        pytest.param(
            bundle({"schema_version": 0, "tool": "0.0.1"}),
            ["jupyter_repro 0.0.1", f"version {__version__}", "environment of the kernel"],
            id="older",
        ),
    ],
)
def test_nonsense(odd: str, long_lab: Lab, folder: Path, answer: Any, expected: list[str]) -> None:
    lab = long_lab
    (folder / "answer.json").write_text(json.dumps(answer))
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere(), language=odd)
    lab.open_beside(f"{folder.name}/a.ipynb")
    for text in expected:
        lab.expect_panel(text)
    lab.expect_verdict("Not checked")
    lab.expect_panel("560.35.03")
    assert lab.metadata == elsewhere()[KEY]
    lab.expect_responsive()
    lab.save()
    lab.close(f"{folder.name}/a.ipynb")


def test_no_answer(lab: Lab, odd: str, folder: Path) -> None:
    (folder / "closed").touch()
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere(), language=odd)
    lab.open(f"{folder.name}/a.ipynb", wait=False)
    lab.expect_panel("did not answer in time")
    (folder / "closed").unlink()
    lab.press("Check now")
    lab.expect_verdict("Differs")


def test_an_answer_to_an_older_question(lab: Lab, odd: str, folder: Path) -> None:
    (folder / "closed").touch()
    asked = folder / "asked"
    write_notebook(folder / "a.ipynb", "1", metadata=elsewhere(), language=odd)
    lab.open(f"{folder.name}/a.ipynb", show=False, wait=False)
    lab.wait_for(asked.exists)
    lab.page.evaluate(f"() => {WIDGET}.content.model.deleteMetadata('{KEY}')")
    lab.command("jupyter-repro:show-panel")
    (folder / "closed").unlink()
    lab.expect_verdict("Nothing recorded")
    assert asked.read_text() == "xx"
    assert lab.metadata is None
    expect(lab.toast).to_have_count(0)
