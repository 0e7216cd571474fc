"""Write a kernel specification that sets what can only be set before a kernel starts.

A kernel of a conda environment starts through `activated`, a copy of which lies beside the
specification: without activation its libraries do not find their data (GDAL, PROJ), and its
programs are not on the ``PATH``.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ipykernel.kernelspec import make_ipkernel_cmd, write_kernel_spec
from jupyter_client.kernelspec import KernelSpecManager

from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.run import activated, start_variables
from jupyter_repro.run.kernels import LAUNCHER, is_kernel_name
from jupyter_repro.safety.text import printable


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
        Thread counts that are not set, because they are neither recorded nor set here.
    """

    name: str
    path: Path
    variables: dict[str, str]
    not_set: list[str] = field(default_factory=list)


class Kernel(NamedTuple):
    """A kernel to install.

    Parameters
    ----------
    name
        Letters, digits, dot, dash and underscore.
    seed
        Decides ``PYTHONHASHSEED``; None leaves it unset. The kernel itself does not seed the
        generators: ``%repro`` does.
    reference
        A recorded snapshot whose thread counts are used; None uses those that are set here.
    python
        The interpreter to start; None is that of this process.
    torch
        Version of the PyTorch that this interpreter has.
    """

    name: str
    seed: int | None
    reference: Snapshot | None = None
    python: Path | None = None
    torch: str | None = None


def install_kernel(kernel: Kernel, prefix: Path | None, *, replace: bool) -> Installed:
    """Write a kernel's specification.

    Parameters
    ----------
    prefix
        Below which folder; None is among the user's own kernels.
    replace
        Overwrite a kernel of that name.

    Raises
    ------
    UsageError
        If the name is not valid or is taken.
    ReproError
        If it cannot be written.
    """
    path = kernel_folder(
        kernel.name,
        prefix,
        taken=None if replace else "choose a different name, or overwrite it with --replace",
    )
    threads = start_variables.threads_in_force()
    if kernel.reference is not None:
        threads = start_variables.recorded_threads(kernel.reference)
    variables = {**start_variables.cublas_setting(kernel.torch), **threads}
    title = path.name
    if kernel.seed is not None:
        variables = {
            start_variables.HASH_SEED: start_variables.hash_seed(kernel.seed),
            **variables,
        }
        title = f"{title} (seed {kernel.seed})"
    overrides: dict[str, Any] = {"display_name": title, "env": variables}
    argv = make_ipkernel_cmd()
    if kernel.python is not None:
        argv = [str(kernel.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    launcher = path / LAUNCHER if _is_conda(kernel.python) else None
    if launcher is not None:
        argv = [argv[0], "-I", str(launcher), *argv[1:]]
    overrides["argv"] = argv
    if kernel.python is not None:
        # Nothing that only the ipykernel of this environment can do, such as encrypted channels
        overrides |= {"metadata": {"debugger": True}, "kernel_protocol_version": ""}
    try:
        _write(path, prefix, overrides, is_activated=launcher is not None)
    except OSError as error:
        reason = f"The kernel {path.name} cannot be written: {error.strerror or error}."
        raise ReproError(reason) from None
    not_set = [variable for variable in start_variables.THREADS if variable not in threads]
    return Installed(name=path.name, path=path, variables=variables, not_set=not_set)


def kernel_folder(name: str, prefix: Path | None, *, taken: str | None) -> Path:
    """Return the folder of a kernel to install. Jupyter writes names in lower case.

    Parameters
    ----------
    name, prefix
        As in `install_kernel`.
    taken
        What to do where there is a kernel of that name; None allows to overwrite it.

    Raises
    ------
    UsageError
        If the name is not valid or is taken.
    """
    if not is_kernel_name(name):
        reason = (
            f'"{printable(name, 100)}" is not a valid name of a kernel: '
            "use letters, digits, dot, dash and underscore."
        )
        raise UsageError(reason)
    name = name.lower()
    manager = _manager()
    folder = Path(manager.user_kernel_dir)
    if prefix is not None:
        folder = Path(prefix.expanduser().absolute(), "share", "jupyter", "kernels")
    there = _taken(manager, name, folder) if taken else None
    if there is not None:
        reason = f"There is a kernel {name} already, in {printable(str(there))}; {taken}."
        raise UsageError(reason)
    return folder / name


def _is_conda(python: Path | None) -> bool:
    """Return whether an interpreter is that of a conda environment."""
    prefix = Path(sys.prefix)
    if python is not None:
        prefix = python.parent if os.name == "nt" else python.parent.parent
    return (prefix / "conda-meta").is_dir()


def _manager() -> KernelSpecManager:
    return KernelSpecManager(log=logging.getLogger(__name__))


def _taken(manager: KernelSpecManager, name: str, folder: Path) -> Path | None:
    """Return the folder of a kernel that would be overwritten or hidden, if there is one."""
    if os.path.lexists(folder / name):
        return folder / name
    seen = str(folder) in manager.kernel_dirs
    known = manager.find_kernel_specs().get(name) if seen else None
    return None if known is None else Path(known)


def _write(
    path: Path, prefix: Path | None, overrides: dict[str, Any], *, is_activated: bool
) -> None:
    fresh = not os.path.lexists(path)
    with tempfile.TemporaryDirectory() as folder:
        source = write_kernel_spec(Path(folder, path.name), overrides=overrides)
        if is_activated:
            shutil.copyfile(activated.__file__, Path(source, LAUNCHER))
        try:
            # A text: jupyter_client 7 takes no path
            _manager().install_kernel_spec(
                str(source), path.name, user=prefix is None, prefix=str(prefix) if prefix else None
            )
        except OSError:
            if fresh:  # Jupyter would offer half of one as a kernel
                with suppress(OSError):
                    shutil.rmtree(path)
            raise
