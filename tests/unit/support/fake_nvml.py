"""Compile the stand-in for NVIDIA's library, and ask it in a child process by the real binding."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "fixtures" / "nvml" / "fake_nvml.c"
PROJECT = Path(__file__).parents[3]


def compile_fake(folder: Path, *defines: str) -> Path:
    """Return the folder that holds the compiled ``libnvidia-ml.so.1``."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("the stand-in for NVIDIA's library needs Linux and a C compiler (gcc or cc)")
    folder.mkdir(exist_ok=True)
    library = folder / "libnvidia-ml.so.1"
    subprocess.run(
        [
            *(compiler, "-shared", "-fPIC", "-Wall", "-Werror", "-Wl,-soname,libnvidia-ml.so.1"),
            *(f"-D{define}" for define in defines),
            *("-o", str(library), str(SOURCE)),
        ],
        check=True,
    )
    return folder


def run_python(code: str, *, environ: dict[str, str] | None = None) -> bytes:
    """Return what a fresh Python prints; the package comes from this source tree."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **(environ or {})},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def need(*modules: str) -> None:
    """Skip where a library is missing, without importing it into the process of the tests."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
