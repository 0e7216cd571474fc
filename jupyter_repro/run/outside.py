"""Capture a different environment from outside: nothing needs to be installed in it.

Its Python is started once, in an empty folder. It reports, with its standard library alone, what it
is and where it looks for modules. The probes of this process read everything else from files, so
the two Pythons may have different versions.

A restored environment need not contain this package, and its Python may be one that this package
does not run on.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta, Struct

from jupyter_repro.capturing.capture import capture
from jupyter_repro.errors import ReproError
from jupyter_repro.model.snapshot import DeterminismLayer
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import Interpreter, current_world

if TYPE_CHECKING:
    from jupyter_repro.model.snapshot import Snapshot

TIMEOUT = 60
"""Seconds that the Python gets to answer."""

# Runs on any Python 3. The first entry of sys.path is the folder that it is started in
_QUESTION = """\
import json, os, platform, sys
print(json.dumps({
    "prefix": sys.prefix,
    "base_prefix": sys.base_prefix,
    "path": sys.path[1:] if sys.path[:1] == [""] else sys.path,
    "version": platform.python_version(),
    "implementation": platform.python_implementation(),
    "compiler": platform.python_compiler(),
    "free_threaded": "free-threading" in sys.version,
    "environ": {key: value for key, value in os.environ.items() if (key + value).isprintable()},
}))
"""


class _Answer(Struct):
    prefix: str
    base_prefix: str
    path: Annotated[list[str], Meta(max_length=1_000)]
    version: str
    implementation: str
    compiler: str
    free_threaded: bool
    environ: dict[str, str]


def snapshot_from_outside(
    python: Path,
    folder: Path,
    variables: Mapping[str, str] | None = None,
    launcher: Sequence[str] = (),
) -> Snapshot:
    """Return a snapshot of the environment of an interpreter.

    Parameters
    ----------
    python
        The interpreter.
    folder
        Where to look for git: the folder of the notebook.
    variables
        Environment variables that its kernel would get.
    launcher
        Arguments that activate its environment first, which may set more variables.

    Raises
    ------
    ReproError
        If it does not start or does not answer in time.
    """
    environ = {**os.environ, **(variables or {})}
    answer = _ask([str(python), *launcher], environ)
    context = replace(
        current_world(),
        prefix=Path(answer.prefix),
        base_prefix=Path(answer.base_prefix),
        environ={**environ, **answer.environ},
        sys_path=tuple(answer.path),
        modules={},
        interpreter=Interpreter(
            answer.version, answer.implementation, answer.compiler, answer.free_threaded
        ),
        cwd=folder,
    )
    snapshot = capture(context)
    seeds = DeterminismLayer(status="unavailable", reason="no notebook runs in it")
    layers = msgspec.structs.replace(snapshot.layers, determinism=seeds)
    return msgspec.structs.replace(snapshot, layers=layers)


def _ask(command: Sequence[str], environ: Mapping[str, str]) -> _Answer:
    shown = printable(command[0])
    with tempfile.TemporaryDirectory() as empty:
        try:
            child = subprocess.run(  # noqa: S603 - of the environment that the user asked for
                [*command, "-c", _QUESTION],
                cwd=empty,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT,
                check=False,
            )
        except OSError as error:
            reason = f"{shown} cannot be started ({error.strerror or error})."
            raise ReproError(reason) from None
        except subprocess.TimeoutExpired:
            reason = f"{shown} did not describe itself within {TIMEOUT} s."
            raise ReproError(reason) from None
    try:
        return msgspec.json.decode(child.stdout, type=_Answer)
    except msgspec.MsgspecError:
        complaint = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        reason = f"{shown} could not describe itself ({printable(complaint, 300) or 'no reason'})."
        raise ReproError(reason) from None
