"""What a person types after installing, and what an exported workflow runs, as they stand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import yaml

from jupyter_repro.model.document import Document
from jupyter_repro.model.message import METADATA_KEY
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    make_snapshot,
    write_notebook,
)
from tests.packaging.installing import make_venv, need_index
from tests.unit.support.exports import text_of


def shell(python: Path, wheel: Path, command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub's runner does, with an environment's programs first on the ``PATH``."""
    links = [str(wheel.parent), *os.environ.get("PIP_FIND_LINKS", "").split()]
    env = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "PATH": os.pathsep.join([str(python.parent), os.environ["PATH"]]),
        "PIP_FIND_LINKS": " ".join(links),
        "NOTEBOOK": "paper.ipynb",
    }
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", command],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_the_command_after_a_plain_installation(wheel: Path, tmp_path: Path) -> None:
    need_index()
    python = make_venv(tmp_path / "env", pip=True)
    for command in (
        "python -m pip install jupyter_repro",
        "jupyter repro --help",
        "jupyter-repro --help",
        "jupyter repro capture --json",
    ):
        done = shell(python, wheel, command, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert (python.parent / "jupyter").exists()  # and not one that happens to be on this PATH
    listed = shell(python, wheel, "python -m pip list --format freeze", tmp_path).stdout
    names = {line.partition("==")[0].lower() for line in listed.splitlines()}
    assert {"threadpoolctl", "jupyter_core"} <= names
    # Small: no server, no client, no kernel, nothing numerical
    assert not names & {"ipykernel", "jupyter_client", "notebook", "numpy", "rich", "tornado"}


def test_the_exported_workflow(wheel: Path, tmp_path: Path) -> None:
    need_index()
    if sys.platform != "linux":
        pytest.skip("the runner that it names is Linux")
    snapshot = make_snapshot(packages=("msgspec==0.20.0 [pip]", "tomli==2.2.1 [pip]"))
    notebook = make_notebook(code_cell("%load_ext jupyter_repro\n%repro seed=42"))
    document = Document(schema_version=1, reference=snapshot)
    notebook["metadata"][METADATA_KEY] = msgspec.to_builtins(document)
    write_notebook(tmp_path / "paper.ipynb", notebook)
    workflow = yaml.safe_load(text_of(snapshot, "github-actions", notebook="paper.ipynb"))
    steps = [step["run"] for step in workflow["jobs"]["solve"]["steps"] if "run" in step]
    assert workflow["env"] == {"NOTEBOOK": "paper.ipynb"}
    assert len(steps) == 3
    python = make_venv(tmp_path / "env", pip=True)
    for step in steps:
        done = shell(python, wheel, step, tmp_path)
        assert done.returncode == 0, f"{step}\n{done.stdout}{done.stderr}"
    assert (python.parent / "jupyter").exists()
    assert "2 of 2 Python packages as recorded" in done.stdout
