"""Also ask conda, mamba or micromamba, if one of them is installed.

The tool solves our exact environment.yml without installing anything (``--dry-run --json``). A list
of files (``@EXPLICIT``) would check nothing: conda accepts addresses that do not exist. From the
answer we read the types of errors and the keys of the JSON, never its sentences; standard error may
contain variables and paths, and is discarded.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.formats.exporters import environment_yml
from jupyter_repro.formats.exporters.formats import make_request
from jupyter_repro.formats.exporters.request import ExportOptions
from jupyter_repro.install.places.trust import Trust
from jupyter_repro.install.restore.engines.conda import find_program, is_conda
from jupyter_repro.install.solve.verdicts import Check, Outcome
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.addresses import channel_address
from jupyter_repro.packages.pins import pins_of
from jupyter_repro.safety.text import printable

Tool: TypeAlias = Literal["conda", "mamba", "micromamba"]

TOOLS: tuple[Tool, ...] = ("conda", "mamba", "micromamba")
SECONDS = 1_800
"""How long it may take: conda's classic solver was seen to need that for large files."""

_VARIABLES = {"conda": "CONDA_EXE", "mamba": "MAMBA_EXE", "micromamba": "MAMBA_EXE"}
_SHOWN = 5

# conda's names of "there is no such environment"; any other error means "not checked"
_NO = frozenset(
    [
        "LibMambaUnsatisfiableError",
        "PackagesNotFoundError",
        "PackagesNotFoundInChannelsError",
        "PackagesNotFoundInPrefixError",
        "RattlerUnsatisfiableError",
        "ResolvePackageNotFound",
        "SpecsConfigurationConflictError",
        "UnsatisfiableError",
    ]
)


def find_tool(tool: Tool, environ: Mapping[str, str]) -> str:
    """Return the path of a tool.

    Raises
    ------
    UsageError
        If it is neither on the ``PATH`` nor at the path in its own variable.
    """
    found = find_program(tool, environ)
    if found is None:
        reason = f"--with {tool}: there is no {tool} on the PATH."
        raise UsageError(reason)
    return str(found)


def ask_tool(tool: Tool, executable: str, snapshot: Snapshot, trust: Trust) -> Check:
    """Return a tool's answer on the environment of a snapshot.

    Parameters
    ----------
    executable
        As `find_tool` returns it.
    """
    for channel in pins_of(snapshot).channels:
        # conda resolves `defaults` by itself, from the user's configuration
        if channel != "defaults" and trust.channel(channel_address(channel)) is None:
            return _check(
                tool, "not checked", trust.how_to_allow("channel", channel_address(channel))
            )
    with tempfile.TemporaryDirectory(prefix="jupyter_repro-") as folder:
        file = Path(folder, "environment.yml")
        request = make_request(snapshot, file.parent, ExportOptions(pins="production"))
        file.write_text(environment_yml.export(request).text, encoding="utf-8")
        command = ["create", "--yes"] if tool == "micromamba" else ["env", "create"]
        # What .condarc adds to any new environment is not the question
        further = ["--no-default-packages"] if _is_conda(executable) else []
        try:
            done = subprocess.run(  # noqa: S603 - the user has named the tool
                [
                    executable,
                    *command,
                    "--dry-run",
                    "--json",
                    "--file",
                    str(file),
                    "--prefix",
                    str(Path(folder, "prefix")),
                    *further,
                ],
                cwd=folder,
                env={**os.environ, "CONDA_REPORT_ERRORS": "false"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
            )
        except OSError as error:
            return _check(tool, "not checked", f"it cannot be started ({error.strerror})")
        except subprocess.TimeoutExpired:
            return _check(tool, "not checked", f"no answer within {SECONDS} s")
    return _read(tool, done.returncode, done.stdout)


def _is_conda(executable: str) -> bool:
    try:
        return is_conda(Path(executable), os.environ)
    except ReproError:  # the question itself will fail as well
        return False


def _read(tool: Tool, status: int, output: bytes) -> Check:
    try:
        answer = msgspec.json.decode(output, type=dict[str, Any])
    except msgspec.DecodeError:
        return _check(tool, "not checked", f"it ended with status {status} and no JSON")
    kind = answer.get("exception_name")
    if isinstance(kind, str):
        outcome: Outcome = "does not hold" if kind in _NO else "not checked"
        return _check(tool, outcome, printable(kind, 100) + _packages(answer.get("packages")))
    if answer.get("solver_problems"):
        return _check(tool, "does not hold", "its solver finds no such environment")
    if status == 0 and answer.get("success") is not False:
        return _check(tool, "holds", "it would install the exact environment.yml")
    return _check(tool, "not checked", f"it ended with status {status}")


def _packages(value: object) -> str:
    names = (
        [printable(one, 100) for one in value if isinstance(one, str)]
        if isinstance(value, list)
        else []
    )
    if not names:
        return ""
    rest = len(names) - _SHOWN
    return f": {', '.join(names[:_SHOWN])}{f' and {rest} more' if rest > 0 else ''}"


def _check(tool: Tool, outcome: Outcome, text: str) -> Check:
    return Check(name=tool, outcome=outcome, text=text)
