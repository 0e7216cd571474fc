"""uv: virtual environments and Python packages."""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_repro.install.processes import run_program
from jupyter_repro.install.restore.engines.jobs import PythonJob
from jupyter_repro.install.restore.engines.requirements_file import requirements_file
from jupyter_repro.install.restore.prefixes import python_in
from jupyter_repro.safety.programs import find_program as on_path
from jupyter_repro.safety.world import World

# Other UV_… variables could change what uv installs, or where
_KEPT = ("UV_CACHE_DIR", "UV_PYTHON_INSTALL_DIR", "UV_HTTP_TIMEOUT", "UV_NATIVE_TLS", "UV_OFFLINE")


def find_program(world: World) -> str | None:
    """Return where uv is: beside this Python, else the first on the ``PATH``."""
    found = on_path("uv", {"PATH": str(Path(sys.executable).parent)}) or on_path(
        "uv", world.environ
    )
    return str(found) if found else None


def make_environment(program: str, python: Path, prefix: Path, world: World) -> None:
    """Make a virtual environment without any package.

    Raises
    ------
    ReproError
        If it fails.
    """
    argv = [program, "venv", "--no-config", "--no-project", "--no-python-downloads"]
    run_program([*argv, "--python", str(python), str(prefix)], _environment(world))


def install_packages(program: str, job: PythonJob) -> None:
    """Install exactly the listed Python packages into a prefix, without dependencies.

    Raises
    ------
    ReproError
        If it fails.
    """
    argv = [program, "pip", "install", "--no-config", "--no-python-downloads", "--no-deps"]
    argv += ["--python", str(python_in(job.prefix)), "--break-system-packages"]
    # With hashes it does not matter which of the user's indexes has the file
    hashed = ["--index-strategy", "unsafe-best-match", "--require-hashes"]
    if not job.allow_source:
        hashed += ["--only-binary", ":all:"]
    if job.local:
        with requirements_file(job.local, (), job.wheels) as file:
            run_program([*argv, *hashed, "-r", str(file)], _environment(job.world))
    for lines, options in ((job.hashed, hashed), (job.unhashed, ["--no-verify-hashes"])):
        if lines:
            with requirements_file(lines, job.places) as file:
                run_program([*argv, *options, "-r", str(file)], _environment(job.world))


def _environment(world: World) -> dict[str, str]:
    return {
        name: value
        for name, value in world.environ.items()
        if name in _KEPT
        or not name.startswith(("UV_", "PIP_", "PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX"))
    }
