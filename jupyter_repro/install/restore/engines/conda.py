"""micromamba, mamba or conda, given a file in the ``@EXPLICIT`` format: nothing is solved.

Unlike py-rattler they run the link scripts of packages, and no option prevents it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.install.places.folders import cache_folder
from jupyter_repro.install.processes import run_program
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.restore.engines.jobs import CondaJob
from jupyter_repro.install.restore.installed import require_cached
from jupyter_repro.packages.platforms import this_platform
from jupyter_repro.safety.files import load, write_atomically
from jupyter_repro.safety.programs import find_program as on_path
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

_MAX_LIST = 10_000_000

PROGRAMS = ("micromamba", "mamba", "conda")
"""In the order in which they are looked for."""

_TOLD_BY = {"micromamba": "MAMBA_EXE", "mamba": "MAMBA_EXE", "conda": "CONDA_EXE"}
_SECONDS = 60
_DROPPED = ("CONDA_", "MAMBA_", "CONDARC", "MAMBARC")
# PREFIX_NAME_DISALLOWED_CHARS in conda/base/constants.py
_REFUSED_NAME = re.compile(r"[ :#]")
_KEPT = ("MAMBA_ROOT_PREFIX",)
# conda's own defaults. A different value in .condarc would end with status 0 and no environment,
# or with an error that has nothing to do with the packages
_SETTINGS = {
    "CONDA_DOWNLOAD_ONLY": "false",
    "CONDA_DRY_RUN": "false",
    "CONDA_ENVIRONMENT_SPECIFIER": "explicit",
    "CONDA_JSON": "false",
    "CONDA_PATH_CONFLICT": "clobber",
    "CONDA_USE_ONLY_TAR_BZ2": "false",
}


class _Info(msgspec.Struct, rename={"envs_directories": "envs directories"}):
    """What conda and, with the other name, mamba report about themselves."""

    envs_dirs: list[str] = []
    envs_directories: list[str] = []


def find_program(name: str, environ: Mapping[str, str]) -> Path | None:
    """Return the path of one of `PROGRAMS`: the shell's own, else the first on the ``PATH``."""
    told = Path(environ.get(_TOLD_BY[name], ""))
    if told.is_absolute() and told.stem == name and os.access(told, os.X_OK):
        return told
    return on_path(name, environ)


def environments_of(program: Path, world: World) -> Path:
    """Return the folder in which a program makes named environments.

    Raises
    ------
    ReproError
        If the program does not report it.
    """
    told = run_program([str(program), "info", "--json"], world.environ, seconds=_SECONDS)
    try:
        facts = msgspec.json.decode(told, type=_Info)
    except msgspec.DecodeError:
        facts = _Info()
    for folder in facts.envs_dirs or facts.envs_directories:
        path = Path(folder)
        if path.is_absolute() and os.access(_existing(path), os.W_OK):
            return path
    reason = f"{program.name} reports no folder for environments. Use --prefix DIR."
    raise ReproError(reason)


def _existing(path: Path) -> Path:
    return next((one for one in (path, *path.parents) if one.exists()), path)


def install_conda(job: CondaJob, program: Path) -> None:
    """Install the records of a job.

    Raises
    ------
    ReproError
        If it fails, or has used a file other than the given one; an incomplete prefix is left to
        `prefixes.removed_on_failure`.
    """
    cache = cache_folder(job.world)
    # On the file system of our cache, so that most environments are linked and not copied
    with tempfile.TemporaryDirectory(prefix="local-", dir=cache) as folder:  # for this user alone
        file, packages = Path(folder, "explicit.txt"), Path(folder, "pkgs")
        packages.mkdir()
        file.write_text(explicit_text(job.records), encoding="ascii")
        environ = _environment(job.world, packages)
        argv = [str(program), "create", "-y", "-p", str(job.prefix), "--file", str(file)]
        if is_conda(program, environ):
            argv.append("--no-default-packages")
        run_program(argv, environ)
        require_cached(packages, job.records, program.name)


def is_conda(program: Path, environ: Mapping[str, str]) -> bool:
    """Return whether a program takes the options of conda and reads its configuration.

    mamba 1 is conda with a different solver, and reports the version of both; mamba 2 and
    micromamba refuse options that they do not have.
    """
    if program.stem != "mamba":
        return program.stem == "conda"
    return "conda" in run_program([str(program), "--version"], environ, seconds=_SECONDS)


def require_prefix(prefix: Path, program: Path, world: World) -> None:
    """Refuse a folder that conda would refuse later, after the question.

    Raises
    ------
    UsageError
        With what conda does not accept.
    """
    if _REFUSED_NAME.search(prefix.name) or os.pathsep in str(prefix):
        why = f"its last part cannot contain a blank, '#' or ':', and its path no {os.pathsep!r}"
    elif (prefix.parent / "conda-meta" / "history").exists():
        why = f"{printable(str(prefix.parent), 500)} is an environment itself"
    else:
        return
    if is_conda(program, _environment(world, cache_folder(world))):
        reason = (
            f"{program.stem} does not make an environment in {printable(str(prefix), 500)!r}: "
            f"{why}. Choose a different folder, or use --engine rattler."
        )
        raise UsageError(reason)


def forget(prefix: Path, world: World) -> None:
    """Remove an environment from the list that these programs keep in the user's home."""
    path = world.home / ".conda" / "environments.txt"
    try:
        lines = load(path, _MAX_LIST).decode().splitlines(keepends=True)
        kept = [line for line in lines if line.strip() != str(prefix)]
        if kept != lines:
            write_atomically(path, "".join(kept).encode())
    except (OSError, UnicodeDecodeError):
        return  # the list is a convenience: an extra entry does no harm


def explicit_text(records: Sequence[Record]) -> str:
    """Return an ``@EXPLICIT`` file for records of local files."""
    lines = [
        f"{one.url}#sha256:{one.sha256}" if one.sha256 else f"{one.url}#{one.md5}"
        for one in records
    ]
    return "\n".join(["@EXPLICIT", *lines]) + "\n"


def _environment(world: World, packages: Path) -> dict[str, str]:
    """Return the variables for a program, none of which changes what it installs, or where.

    ``MAMBA_DOWNLOAD_ONLY``, ``MAMBA_DRY_RUN`` and ``MAMBA_RELOCATE_PREFIX`` are examples of those
    left out. The cache is empty, since a folder of the same name in it counts as the package, and
    all files are here already. mamba 2 and micromamba read no configuration file, and for conda,
    which always does, `_SETTINGS` outweigh it.
    """
    kept = {
        name: value
        for name, value in world.environ.items()
        if name in _KEPT or not name.upper().startswith(_DROPPED)
    }
    return kept | {
        "CONDA_PKGS_DIRS": str(packages),
        "CONDA_OFFLINE": "true",
        "MAMBA_OFFLINE": "true",
        "MAMBA_NO_RC": "true",
        "CONDA_SUBDIR": this_platform(),
        **_SETTINGS,
    }
