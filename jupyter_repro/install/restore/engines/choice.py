"""Which tool makes an environment: the one that the user names, else an installed one."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.restore.engines import conda, pip, uv
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.lines import parse_distribution
from jupyter_repro.packages.pins import Pins
from jupyter_repro.safety.world import World

CONDA_ENGINES = ("rattler", *conda.PROGRAMS)
PYTHON_ENGINES = ("uv", "pip")
ENGINES = (*CONDA_ENGINES, *PYTHON_ENGINES)


class Engine(NamedTuple):
    """A tool; `program` is empty for one that comes with this Python."""

    name: str
    program: str = ""


def choose_conda(named: Iterable[str], world: World) -> Engine:
    """Return the tool that installs conda packages.

    By default it is micromamba, mamba or conda, if one is installed, else py-rattler.

    Raises
    ------
    ReproError
        If none is installed, or the named one is not.
    """
    wish = _wish(named, CONDA_ENGINES)
    for name in (wish,) if wish else conda.PROGRAMS:
        found = conda.find_program(name, world.environ) if name in conda.PROGRAMS else None
        if found is not None:
            return Engine(name, str(found))
    if wish in conda.PROGRAMS:
        reason = f"There is no {wish} on the PATH."
        raise ReproError(reason)
    if find_spec("rattler") is None:
        reason = (
            "Neither micromamba, mamba nor conda is here, and py-rattler is missing: "
            "pip install 'jupyter_repro[restore]'"
        )
        raise ReproError(reason)
    return Engine("rattler")


def choose_python(named: Iterable[str], snapshot: Snapshot, world: World) -> Engine:
    """Return the tool that installs Python packages.

    By default it is the tool that installed them, if it is here, else the other one.

    Raises
    ------
    ReproError
        If none is installed, or the named one is not.
    """
    wish = _wish(named, PYTHON_ENGINES)
    program = uv.find_program(world)
    if wish == "uv" and program is None:
        reason = "There is no uv here: pip install uv"
        raise ReproError(reason)
    lines = snapshot.layers.packages.packages
    by_uv = any(parse_distribution(line).installer == "uv" for line in lines)
    if program is not None and wish != "pip" and (wish or by_uv or not pip.is_here()):
        return Engine("uv", program)
    return Engine("pip")


def conda_environments(engine: Engine, world: World) -> Path | None:
    """Return where a tool keeps named environments; None for our own folder."""
    if engine.name not in conda.PROGRAMS:
        return None
    return conda.environments_of(Path(engine.program), world)


def require_prefix(engine: Engine | None, prefix: Path, world: World) -> None:
    """Refuse a folder that a tool does not accept.

    Raises
    ------
    UsageError
        With what it does not accept.
    """
    if engine is not None and engine.name in conda.PROGRAMS:
        conda.require_prefix(prefix, Path(engine.program), world)


def require_fitting(named: Iterable[str], pins: Pins) -> None:
    """Refuse an engine for conda packages if there are none.

    Raises
    ------
    UsageError
        If one is named.
    """
    wish = _wish(named, CONDA_ENGINES)
    if wish and not pins.conda:
        reason = f"No conda package is recorded for {wish} to install: use --engine uv or pip."
        raise UsageError(reason)


def _wish(named: Iterable[str], of: tuple[str, ...]) -> str | None:
    requested = [name for name in named if name in of]
    if len(set(requested)) > 1:
        reason = f"Only one of {' and '.join(requested)} can install the packages."
        raise UsageError(reason)
    return requested[0] if requested else None
