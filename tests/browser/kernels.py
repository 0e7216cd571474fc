"""Kernels beside the one of the tests' own environment."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.browser.server import Server
from tests.conda.channel import KERNEL, SITE
from tests.conda.channel import install_kernel as lend


def install_program(server: Server, name: str, program: str, language: str = "python") -> None:
    """Add a kernel that runs a program of ours."""
    _write_spec(server, name, [sys.executable, "-c", program], language)


def install_python(server: Server, name: str, python: str = sys.executable) -> None:
    """Add a kernel that runs in the environment of an interpreter."""
    _write_spec(server, name, [python, "-m", "ipykernel_launcher"], "python")


def install_prefix(server: Server, prefix: Path, name: str = KERNEL) -> None:
    """Add, or put in the place of another, a kernel that runs in a prefix."""
    spec = Path(lend(prefix)) / KERNEL
    shutil.copytree(spec, server.data / "kernels" / name, dirs_exist_ok=True)


def make_environment(prefix: Path) -> Path:
    """Make an environment that borrows what it needs, so that a test can install into it.

    Returns
    -------
    Path
        The folder of its own packages.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    return prefix / SITE


def _write_spec(server: Server, name: str, command: Sequence[str], language: str) -> None:
    folder = server.data / "kernels" / name
    folder.mkdir(parents=True)
    spec = {
        "argv": [*command, "-f", "{connection_file}"],
        "display_name": name,
        "language": language,
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
