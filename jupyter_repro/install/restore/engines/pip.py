"""venv and pip, for machines without uv."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from jupyter_repro.errors import ReproError
from jupyter_repro.install.processes import run_program
from jupyter_repro.install.restore.engines.jobs import PythonJob
from jupyter_repro.install.restore.engines.requirements_file import requirements_file
from jupyter_repro.install.restore.prefixes import python_in
from jupyter_repro.safety.world import World


def is_here() -> bool:
    """Return whether this Python has pip."""
    return find_spec("pip") is not None


def make_environment(python: Path, prefix: Path, world: World) -> None:
    """Make a virtual environment without any package.

    Raises
    ------
    ReproError
        If it fails.
    """
    run_program([str(python), "-I", "-m", "venv", "--without-pip", str(prefix)], world.environ)


def install_packages(job: PythonJob) -> None:
    """Install exactly the listed Python packages into a prefix, without dependencies.

    pip runs with this Python and installs for the environment's Python, which then needs no pip; if
    this Python has none, the environment's own is used.

    Raises
    ------
    ReproError
        If it fails.
    """
    python = str(python_in(job.prefix))
    argv = [python, "-m", "pip"]
    if is_here():
        argv = [sys.executable, "-m", "pip", "--python", python]
    # Isolated: a configured folder or option would install elsewhere than the plan says
    argv += ["--isolated", "--disable-pip-version-check", "--no-input", "install", "--no-deps"]
    argv += ["--no-warn-script-location", "--break-system-packages"]
    hashed = ["--require-hashes"]
    if not job.allow_source:
        hashed += ["--only-binary", ":all:"]
    if job.local:
        with requirements_file(job.local, (), job.wheels) as file:
            run_program([*argv, *hashed, "-r", str(file)], _environment(job.world))
    for lines, options in ((job.hashed, hashed), (job.unhashed, [])):
        if lines:
            with requirements_file(lines, job.places) as file:
                run_program([*argv, *options, "-r", str(file)], _environment(job.world))


def require_pip(prefix: Path, world: World) -> None:
    """Make sure that this Python or the environment has pip.

    Raises
    ------
    ReproError
        If neither has it.
    """
    if is_here():
        return
    try:
        run_program([str(python_in(prefix)), "-m", "pip", "--version"], world.environ, seconds=60)
    except ReproError:
        reason = "Neither uv nor pip is here to install the Python packages: pip install uv"
        raise ReproError(reason) from None


def _environment(world: World) -> dict[str, str]:
    dropped = ("PIP_", "PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX")
    return {name: value for name, value in world.environ.items() if not name.startswith(dropped)}
