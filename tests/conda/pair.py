"""Two small conda environments that differ in three things, and the command line in one of them.

A patch version of what a notebook imports, a build string, and a package that is missing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conda import channel
from tests.conda.channel import SITE, Package

CELLS = ("%load_ext jupyter_repro\n%repro seed=42", "import alpha, random\nrandom.random()")
"""What a notebook does that the three differences are told of."""


def make_pair(folder: Path) -> tuple[Path, Path]:
    """Make the two prefixes, `a` and `b`."""
    packages = [
        channel.python_package(),
        python_package("alpha", "1.2.0", "py_0"),
        python_package("alpha", "1.2.1", "py_0"),
        python_package("beta", "2.0", "openblas_0"),
        python_package("beta", "2.0", "mkl_0"),
        python_package("gamma", "0.1", "py_0"),
        python_package("delta", "3.1", "py_0"),
    ]
    channel.write_channel(folder / "channel", packages)
    envs = folder / "envs"
    specs = (
        ["python", "alpha ==1.2.0", "beta ==2.0 openblas_0", "gamma", "delta"],
        ["python", "alpha ==1.2.1", "beta ==2.0 mkl_0", "gamma"],
    )
    return (
        channel.make_prefix(envs / "a", specs[0], folder / "channel"),
        channel.make_prefix(envs / "b", specs[1], folder / "channel"),
    )


def run_notebook(path: Path, prefix: Path) -> None:
    """Run and record a notebook in one of them."""
    channel.install_kernel(prefix)
    run = repro("run", str(path), "--kernel", channel.KERNEL, prefix=prefix)
    assert run.returncode == 0, run.stdout + run.stderr


def python_package(name: str, version: str, build: str) -> Package:
    """Return a conda package that is also a Python distribution, as most of them are."""
    info = f"{SITE}/{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return Package(
        name=name,
        version=version,
        build=build,
        depends=["python"],
        files={
            f"{SITE}/{name}.py": f"__version__ = {version!r}\n".encode(),
            f"{info}/METADATA": metadata.encode(),
            f"{info}/INSTALLER": b"conda",
        },
    )


def repro(*words: str, prefix: Path | None = None) -> subprocess.CompletedProcess[str]:
    environ = dict(os.environ)
    if prefix is not None:
        environ["JUPYTER_PATH"] = str(prefix / "share" / "jupyter")
    return subprocess.run(
        [sys.executable, "-m", "jupyter_repro", *words],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
