"""Write a kernel specification that sets what can only be set before a kernel starts."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import write_kernel_spec
from jupyter_client.kernelspec import KernelSpecManager

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.headless import start_variables
from jupyter_repro.headless.kernels import is_kernel_name
from jupyter_repro.redact import printable
from jupyter_repro.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What was written.

    Parameters
    ----------
    name, path
        Of the kernel: Jupyter writes names in lower case.
    variables
        What the kernel will be started with.
    not_set
        Thread counts that are not fixed, since they are neither recorded nor set here.
    """

    name: str
    path: Path
    variables: dict[str, str]
    not_set: list[str] = field(default_factory=list)


def install_kernel(
    name: str, seed: int, prefix: Path | None, *, reference: Snapshot | None, replace: bool
) -> Installed:
    """Write a specification for a kernel of the environment that this process runs in.

    Parameters
    ----------
    name
        Letters, digits, dot, dash and underscore.
    seed
        ``PYTHONHASHSEED`` follows from it. The kernel itself does not seed: ``%repro`` does.
    prefix
        Below which folder; None is among the user's own kernels.
    reference
        A recorded snapshot whose thread counts are taken; None takes those that are set here.
    replace
        Write over a kernel of that name.

    Raises
    ------
    UsageError
        If the name cannot be one or is taken.
    ReproError
        If it cannot be written.
    """
    if not is_kernel_name(name):
        reason = (
            f'"{printable(name, 100)}" cannot be the name of a kernel: '
            "use letters, digits, dot, dash and underscore."
        )
        raise UsageError(reason)
    name = name.lower()
    manager = KernelSpecManager(log=logging.getLogger(__name__))
    folder = Path(manager.user_kernel_dir)
    if prefix is not None:
        folder = Path(prefix.expanduser().absolute(), "share", "jupyter", "kernels")
    taken = _taken(manager, name, folder)
    if taken is not None and not replace:
        reason = (
            f"There is a kernel {name} already, in {printable(str(taken))}; "
            "choose another name, or write over it with --replace."
        )
        raise UsageError(reason)
    threads = start_variables.threads_in_force()
    if reference is not None:
        threads = start_variables.recorded_threads(reference)
    variables = {
        start_variables.HASH_SEED: start_variables.hash_seed(seed),
        **start_variables.cublas_setting(),
        **threads,
    }
    overrides = {"display_name": f"{name} (seed {seed})", "env": variables}
    try:
        _write(manager, folder / name, prefix, overrides)
    except OSError as error:
        reason = f"The kernel {name} cannot be written: {error.strerror or error}."
        raise ReproError(reason) from None
    not_set = [variable for variable in start_variables.THREADS if variable not in threads]
    return Installed(name=name, path=folder / name, variables=variables, not_set=not_set)


def _taken(manager: KernelSpecManager, name: str, folder: Path) -> Path | None:
    """Return where a kernel of that name lies, if it would be written over or hidden."""
    if os.path.lexists(folder / name):
        return folder / name
    seen = str(folder) in manager.kernel_dirs
    known = manager.find_kernel_specs().get(name) if seen else None
    return None if known is None else Path(known)


def _write(
    manager: KernelSpecManager, path: Path, prefix: Path | None, overrides: dict[str, Any]
) -> None:
    fresh = not os.path.lexists(path)
    with tempfile.TemporaryDirectory() as folder:
        source = write_kernel_spec(Path(folder, path.name), overrides=overrides)
        try:
            manager.install_kernel_spec(
                source, path.name, user=prefix is None, prefix=str(prefix) if prefix else None
            )
        except OSError:
            if fresh:  # half of one would be offered as a kernel
                with suppress(OSError):
                    shutil.rmtree(path)
            raise
