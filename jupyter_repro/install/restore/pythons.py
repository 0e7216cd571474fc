"""Find a Python on this machine for an environment that was made without conda."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.processes import run_program
from jupyter_repro.install.restore.prefixes import python_in
from jupyter_repro.safety.programs import find_program
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

_SECONDS = 30
_QUESTION = (
    "import platform, sys; print(platform.python_implementation(), platform.python_version(), "
    "sys.executable, sep='\\n')"
)


class Python(NamedTuple):
    """An interpreter on this machine."""

    path: Path
    version: str


def find_python(version: str, world: World, uv: str | None) -> Python:
    """Return the CPython of a version, else one of the same minor version.

    The search covers those of uv and pyenv, the one that runs this process, and those on the
    ``PATH``. Nothing is downloaded.

    Parameters
    ----------
    version
        ``3.11.7``.
    uv
        The program uv, if there is one.

    Raises
    ------
    ReproError
        If there is none of that minor version.
    """
    minor = ".".join(version.split(".")[:2])
    nearest = None
    for path in dict.fromkeys(_candidates(version, minor, world, uv)):
        found = _ask(path, world)
        if found is None:
            continue
        if found.version == version:
            return found
        if nearest is None and found.version.startswith(f"{minor}."):
            nearest = found
    if nearest is not None:
        return nearest
    reason = (
        f"There is no Python {minor} on this machine, and the environment was made with {version}: "
        f"install it, for instance by `uv python install {version}`, or name it with --python PATH."
    )
    raise ReproError(reason)


def named_python(path: Path, version: str, world: World) -> Python:
    """Return the interpreter that the user names, for an environment of a Python version.

    Raises
    ------
    UsageError
        If it is not a CPython of the same minor version.
    """
    shown = printable(str(path), 500)
    found = _ask(path.expanduser().absolute(), world)
    if found is None:
        reason = f"{shown} is no CPython that can be started."
        raise UsageError(reason)
    if found.version.split(".")[:2] != version.split(".")[:2]:
        reason = f"{shown} is Python {found.version}, and the environment was made with {version}."
        raise UsageError(reason)
    return found


def _candidates(version: str, minor: str, world: World, uv: str | None) -> Iterator[Path]:
    if uv is not None:
        for wanted in (version, minor):
            path = _of_uv(uv, wanted, world)
            if path is not None:
                yield path
    pyenv = Path(world.environ.get("PYENV_ROOT") or world.home / ".pyenv")
    if (pyenv / "versions" / version).is_dir():
        yield python_in(pyenv / "versions" / version)
    name = "python.exe" if os.name == "nt" else f"python{minor}"
    yield world.base_prefix / (name if os.name == "nt" else f"bin/{name}")
    for folder in world.environ.get("PATH", "").split(os.pathsep):
        for candidate in (f"python{minor}", "python3", "python"):
            found = find_program(candidate, {"PATH": folder})
            if found is not None:
                yield found


def _of_uv(uv: str, version: str, world: World) -> Path | None:
    argv = [uv, "--no-config", "python", "find", "--no-python-downloads", "--no-project", version]
    try:
        told = run_program(argv, world.environ, seconds=_SECONDS)
    except ReproError:
        return None
    return Path(told.strip()) if told.strip() else None


def _ask(path: Path, world: World) -> Python | None:
    """Return an interpreter's report about itself, or None if it is not a working CPython."""
    try:
        told = run_program([str(path), "-I", "-c", _QUESTION], world.environ, seconds=_SECONDS)
    except ReproError:
        return None
    lines = told.splitlines()
    if len(lines) != 3 or lines[0] != "CPython":
        return None
    if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?", lines[1]):
        return None
    return Python(Path(lines[2]), lines[1])
