"""micromamba, mamba or conda, by a file in the ``@EXPLICIT`` format: nothing is solved.

Unlike py-rattler they run the link scripts of packages, and no option keeps them from it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from jupyter_repro.errors import ReproError
from jupyter_repro.installing.engines.jobs import CondaJob
from jupyter_repro.installing.places import Place
from jupyter_repro.installing.processes import find_program as on_path
from jupyter_repro.installing.processes import run_program
from jupyter_repro.installing.records import Record
from jupyter_repro.world import World

PROGRAMS = ("micromamba", "mamba", "conda")
"""In the order in which they are looked for."""

_TOLD_BY = {"micromamba": "MAMBA_EXE", "mamba": "MAMBA_EXE", "conda": "CONDA_EXE"}
_SECONDS = 60


class _Info(msgspec.Struct, rename={"envs_directories": "envs directories"}):
    """What conda and, with the other name, mamba tell of themselves."""

    envs_dirs: list[str] = []
    envs_directories: list[str] = []


def find_program(name: str, environ: Mapping[str, str]) -> Path | None:
    """Return where one of `PROGRAMS` is: the shell's own, else the first on the ``PATH``."""
    told = Path(environ.get(_TOLD_BY[name], ""))
    if told.is_absolute() and told.stem == name and os.access(told, os.X_OK):
        return told
    return on_path(name, environ)


def environments_of(program: Path, world: World) -> Path:
    """Return the folder that a program makes environments with a name in.

    Raises
    ------
    ReproError
        If it does not tell.
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
    reason = f"{program.name} does not tell a folder for environments: use --prefix DIR."
    raise ReproError(reason)


def _existing(path: Path) -> Path:
    return next((one for one in (path, *path.parents) if one.exists()), path)


def install_conda(job: CondaJob, program: Path) -> None:
    """Install the records of a job.

    Raises
    ------
    ReproError
        If it fails; what is half made is left to `prefixes.removed_on_failure`.
    """
    with tempfile.TemporaryDirectory(prefix="jupyter_repro-") as folder:  # for this user alone
        file = Path(folder, "explicit.txt")
        file.write_text(explicit_text(job.records, job.places), encoding="ascii")
        argv = [str(program), "create", "-y", "-p", str(job.prefix), "--file", str(file)]
        run_program(argv, job.world.environ)


def explicit_text(records: Sequence[Record], places: Sequence[Place]) -> str:
    """Return an ``@EXPLICIT`` file for records, with the user's own credentials in it."""
    return "\n".join(["@EXPLICIT", *_lines(records, places)]) + "\n"


def _lines(records: Sequence[Record], places: Sequence[Place]) -> Iterator[str]:
    for record in records:
        url = record.url
        for place in places:
            if url.startswith(f"{place.address}/"):
                url = place.request + url.removeprefix(place.address)
                break
        # All of them read both forms; rattler would refuse a bare sha256
        yield f"{url}#sha256:{record.sha256}" if record.sha256 else f"{url}#{record.md5}"
