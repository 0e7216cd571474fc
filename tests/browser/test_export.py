"""The environment saved beside the notebook from the panel, and the restore command copied."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import BrowserContext, expect

from tests.browser.lab import Lab, write_notebook
from tests.browser.server import Server

pytestmark = pytest.mark.kernel

SEED_CELL = "%load_ext jupyter_repro\n%repro seed=42"


def recorded(lab: Lab, folder: Path, name: str) -> None:
    write_notebook(folder / name, SEED_CELL)
    lab.open(f"{folder.name}/{name}")
    lab.run_all()
    lab.wait_for_metadata()
    lab.expect_verdict("Matches")


def choose(lab: Lab, title: str) -> None:
    lab.press("Export…")
    dialog = lab.page.locator(".jp-Dialog")
    dialog.locator("select").select_option(label=title)
    dialog.get_by_role("button", name="Ok").click()


def test_export_from_the_menu(lab: Lab, folder: Path) -> None:
    recorded(lab, folder, "paper.ipynb")
    title = "environment.yml (conda, mamba, micromamba)"
    choose(lab, title)
    toasts = lab.page.locator(".Toastify__toast")
    expect(toasts.filter(has_text="Written: environment.yml")).to_be_visible()
    path = folder / "environment.yml"
    dependencies: list[Any] = yaml.safe_load(path.read_text())["dependencies"]
    assert any("ipykernel" in str(one) for one in dependencies)

    # What is there already is not written over without a question
    path.write_text("mine\n")
    choose(lab, title)
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Overwrite environment.yml?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert path.read_text() == "mine\n"
    choose(lab, title)
    dialog.get_by_role("button", name="Ok").click()
    lab.wait_for(lambda: path.read_text() != "mine\n")

    # What cannot be written is one sentence
    choose(lab, "pylock.toml (Python lock file (PEP 751))")
    expect(toasts.filter(has_text="needs the digest of every file")).to_be_visible()
    assert {one.name for one in folder.iterdir()} - {".ipynb_checkpoints"} == {
        "paper.ipynb",
        "environment.yml",
    }

    # What can do without digests does, and says so
    choose(lab, "requirements.txt (pip, uv)")
    expect(toasts.filter(has_text="The file has no digests")).to_be_visible()
    assert "# Without digests" in (folder / "requirements.txt").read_text()


def test_the_restore_command_is_copied(
    lab: Lab, context: BrowserContext, server: Server, folder: Path
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.url)
    recorded(lab, folder, "my paper's.ipynb")
    lab.press("Copy the restore command")
    expect(lab.panel.get_by_role("button", name="Copied")).to_be_visible()
    command: str = lab.page.evaluate("navigator.clipboard.readText()")
    assert shlex.split(command) == [
        *("jupyter", "repro", "restore", "my paper's.ipynb", "--prefix", "./env")
    ]
