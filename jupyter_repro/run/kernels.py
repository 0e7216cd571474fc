"""The kernels of this machine, and the environment of a kernel without starting it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.safety.programs import find_program
from jupyter_repro.safety.text import printable

if TYPE_CHECKING:
    from jupyter_client.kernelspec import KernelSpec

    from jupyter_repro.model.snapshot import Snapshot

LAUNCHER = "activated.py"
"""File that activates a conda environment before it starts Python with its arguments."""

CAPTURE_TIMEOUT = 120
"""Seconds that a different interpreter gets to describe itself."""

# Without the first entry of sys.path, so that no file beside the notebook is run
_CAPTURE = (
    "import sys; sys.path[:1] = [] if sys.path[:1] == [''] else sys.path[:1]; "
    "from jupyter_repro.cli import main; sys.exit(main(['capture', '--json']))"
)
_KERNEL_NAME = re.compile(r"[A-Za-z0-9._-]+")
_PYTHON = re.compile(r"(python|pypy)[0-9.]*(\.exe)?", re.IGNORECASE)


def is_kernel_name(name: str) -> bool:
    """Return whether Jupyter accepts a name for a kernel."""
    return _KERNEL_NAME.fullmatch(name) is not None


def find_kernel(name: str) -> KernelSpec:
    """Return the specification of a Python kernel.

    Raises
    ------
    UsageError
        If there is no kernel of that name, or it is not for Python.
    """
    import logging

    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    manager = KernelSpecManager(log=logging.getLogger(__name__))
    names = manager.find_kernel_specs()
    spec = None
    with suppress(NoSuchKernel, ValueError, OSError):
        # jupyter_client prints a line for a name that it does not know
        spec = manager.get_kernel_spec(name) if name.lower() in names else None
    if spec is None:
        known = ", ".join(sorted(names)) or "none"
        reason = (
            f'There is no kernel named "{printable(name)}" here (there are: {printable(known)}); '
            "choose one with --kernel NAME."
        )
        raise UsageError(reason)
    if spec.language.lower() != "python":
        reason = (
            f'The kernel "{printable(name)}" runs {printable(spec.language)}; '
            "only Python kernels are recorded."
        )
        raise UsageError(reason)
    return spec


def interpreter_of(spec: KernelSpec) -> str:
    """Return the path of the interpreter that starts a kernel.

    Raises
    ------
    UsageError
        If a different program starts the kernel, which may choose any environment.
    """
    command = spec.argv[0] if spec.argv else ""
    arguments = spec.argv[1:]
    if not _PYTHON.fullmatch(re.split(r"[/\\]", command)[-1]) or not _runs_ipykernel(arguments):
        reason = (
            f'The kernel "{printable(spec.display_name)}" is started through '
            f'"{printable(command)}", which does not name its interpreter; use --python PATH.'
        )
        raise UsageError(reason)
    version = f"python{sys.version_info.major}"
    if command in {"python", version, f"{version}.{sys.version_info.minor}"}:
        return sys.executable  # as jupyter_client does
    if os.sep in command:
        return command
    return str(find_program(command, os.environ) or command)


def runs_here(spec: KernelSpec) -> bool:
    """Return whether a kernel is known to run in the environment of this process."""
    try:
        return interpreter_of(spec) == sys.executable
    except UsageError:
        return False


def _runs_ipykernel(arguments: list[str]) -> bool:
    if "-m" not in arguments[:-1]:
        return False
    position = arguments.index("-m")
    options = arguments[:position]
    return arguments[position + 1] in {"ipykernel", "ipykernel_launcher"} and all(
        option.startswith("-") or re.split(r"[/\\]", option)[-1] == LAUNCHER for option in options
    )


def snapshot_of_kernel(name: str) -> Snapshot:
    """Return a snapshot of the environment of a kernel. See `snapshot_of_interpreter`."""
    spec = find_kernel(name)
    variables = {
        key: Template(value).safe_substitute(os.environ) for key, value in spec.env.items()
    }
    return snapshot_of_interpreter(interpreter_of(spec), variables, _launcher_of(spec))


def _launcher_of(spec: KernelSpec) -> list[str]:
    """Return the arguments that activate the environment of a kernel before it starts."""
    names = [re.split(r"[/\\]", one)[-1] for one in spec.argv]
    if LAUNCHER not in names or os.name == "nt":
        return []
    return spec.argv[1 : names.index(LAUNCHER) + 1]


def snapshot_of_interpreter(
    python: str, variables: Mapping[str, str] | None = None, launcher: Sequence[str] = ()
) -> Snapshot:
    """Let a different interpreter capture its environment.

    It runs in an empty folder, so that it imports nothing from the folder of the notebook.

    Parameters
    ----------
    python
        Its path.
    variables
        Environment variables that its kernel would get.
    launcher
        Arguments that activate its environment first.

    Raises
    ------
    ReproError
        If it does not start, lacks jupyter_repro, or does not answer in time.
    """
    shown = printable(python)
    with tempfile.TemporaryDirectory() as folder:
        try:
            child = subprocess.run(  # noqa: S603 - the user named this interpreter
                [
                    str(Path(python).absolute()) if os.sep in python else python,
                    *launcher,
                    "-c",
                    _CAPTURE,
                ],
                cwd=folder,
                env={**os.environ, **(variables or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=CAPTURE_TIMEOUT,
                check=False,
            )
        except OSError as error:
            reason = f"{shown} cannot be started ({error.strerror or error})."
            raise ReproError(reason) from None
        except subprocess.TimeoutExpired:
            reason = f"{shown} did not describe its environment within {CAPTURE_TIMEOUT} s."
            raise ReproError(reason) from None
    if child.returncode == 0:
        return decode_snapshot(child.stdout)
    complaint = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    if "No module named 'jupyter_repro" in complaint:
        raise ReproError(missing_package(shown))
    reason = f"{shown} could not describe its environment ({printable(complaint, 300)})."
    raise ReproError(reason)


def missing_package(python: str) -> str:
    """Return the message for an interpreter that lacks jupyter_repro."""
    return f"{python} has no jupyter_repro: run `{python} -m pip install jupyter_repro`."
