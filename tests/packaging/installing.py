"""What the tests of the built wheel need to install it."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest


def without_node(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing is on the ``PATH``: no Node.js, no jlpm."""
    folder.mkdir(exist_ok=True)
    return {**os.environ, "PATH": str(folder)}


def make_venv(folder: Path, *, pip: bool) -> Path:
    """Make a virtual environment and return its Python."""
    venv.create(folder, with_pip=pip, symlinks=True)
    return folder / "bin" / "python"


def site_of(python: Path) -> Path:
    """Return the folder in which an environment's packages lie."""
    base = str(python.parents[1])
    return Path(sysconfig.get_path("purelib", vars={"base": base, "platbase": base}))


@functools.cache
def _index_problem() -> str:
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"]
    options = ["--quiet", "--no-deps", "--retries", "0", "tomli"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip().rpartition("\n")[2]


def need_index() -> None:
    """Skip the test where no index of Python packages can be reached."""
    problem = _index_problem()
    if problem:
        pytest.skip(f"no package index: {problem}")
