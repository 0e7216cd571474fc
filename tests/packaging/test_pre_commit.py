"""The hook for pre-commit, run by pre-commit itself on a repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("pre_commit")

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests" / "notebooks" / "lint"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a git repository that has the hook as a local one: nothing is installed for it."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    hook["language"] = "system"
    hook["entry"] = f"{sys.executable} -m jupyter_repro {hook['entry'].partition(' ')[2]}"
    config = {"repos": [{"repo": "local", "hooks": [hook]}]}
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    return folder


def commit(folder: Path) -> subprocess.CompletedProcess[str]:
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PRE_COMMIT_HOME": str(folder.parent / "home"),
    }
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_stale_notebook_cannot_be_committed(repository: Path) -> None:
    shutil.copy(CORPUS / "healthy.ipynb", repository)
    (repository / "a.py").write_text("1\n")
    done = commit(repository)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout
    shutil.copy(CORPUS / "edited.ipynb", repository)
    done = commit(repository)
    assert done.returncode == 1
    assert "edited.ipynb: 2 errors" in done.stdout
    assert "a.py" not in done.stdout
