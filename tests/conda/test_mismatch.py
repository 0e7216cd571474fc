"""Record in one conda environment, check in another: exactly what differs is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conda import channel
from tests.conda.pair import CELLS, make_pair, repro, run_notebook

pytestmark = [pytest.mark.conda, pytest.mark.kernel]


@pytest.fixture(scope="module")
def prefixes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_pair(tmp_path_factory.mktemp("mismatch"))


@pytest.fixture(scope="module")
def notebook(prefixes: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a notebook that was run and recorded in the first prefix."""
    path = tmp_path_factory.mktemp("work") / "paper.ipynb"
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for number, source in enumerate(CELLS)
    ]
    path.write_text(
        json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    run_notebook(path, prefixes[0])
    return path


def findings(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(found["severity"], found["kind"], found["subject"]) for found in report["findings"]]


def check(notebook: Path, prefix: Path, policy: str) -> tuple[int, dict[str, Any]]:
    channel.install_kernel(prefix)
    python = str(prefix / "bin" / "python")
    done = repro("check", str(notebook), "--python", python, "--policy", policy, "--json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)["report"]


def test_recorded_what_the_kernel_ran_in(notebook: Path) -> None:
    reference = json.loads(notebook.read_text())["metadata"]["jupyter_repro"]["reference"]
    assert reference["layers"]["conda"]["name"] == "a"
    assert "alpha" in reference["layers"]["notebook"]["used"]
    assert reference["layers"]["core"]["environment"] == "conda"


def test_the_same_environment_matches(notebook: Path, prefixes: tuple[Path, Path]) -> None:
    status, report = check(notebook, prefixes[0], "production")
    assert findings(report) == []
    assert (status, report["verdict"]) == (0, "match")


def test_research_weighs_what_the_notebook_uses(
    notebook: Path, prefixes: tuple[Path, Path]
) -> None:
    status, report = check(notebook, prefixes[1], "research")
    assert findings(report) == [
        ("warning", "version-patch", "alpha"),
        ("note", "package-missing", "delta"),
        ("note", "build", "beta"),
    ]
    assert (status, report["verdict"]) == (0, "drift")


def test_production_weighs_everything(notebook: Path, prefixes: tuple[Path, Path]) -> None:
    status, report = check(notebook, prefixes[1], "production")
    assert findings(report) == [
        ("error", "version-patch", "alpha"),  # used, so it comes first
        ("error", "package-missing", "delta"),
        ("error", "build", "beta"),
    ]
    assert (status, report["verdict"]) == (1, "mismatch")
