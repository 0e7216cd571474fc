"""The command ``jupyter repro kernel``: kernels that start with what cannot be set later."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_repro.cli import HOLDS
from jupyter_repro.cli.reading import read_recorded
from jupyter_repro.errors import ReproError
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.text import printable
from jupyter_repro.seeding.options import parse_seed

if TYPE_CHECKING:
    from jupyter_repro.run.kernel_install import Installed


def install(args: Namespace) -> int:
    """Write a kernel specification and say what the kernel will start with."""
    seed = parse_seed(args.seed)
    try:
        from jupyter_repro.run.kernel_install import Kernel, install_kernel
        from jupyter_repro.run.start_variables import torch_here
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("jupyter_repro"):
            raise
        reason = (
            f"To install kernels, {error.name} is missing: pip install 'jupyter_repro[headless]'"
        )
        raise ReproError(reason) from None
    reference = read_recorded(args.notebook).reference if args.notebook else None
    prefix = None if args.user else args.prefix or Path(sys.prefix)
    kernel = Kernel(args.name, seed, reference, torch=torch_here())
    done = install_kernel(kernel, prefix, replace=args.replace)
    if args.json:
        told = {
            "kernel": done.name,
            "path": str(done.path),
            "seed": str(seed),
            "variables": done.variables,
            "not_set": done.not_set,
        }
        print(msgspec.json.encode(told).decode())  # noqa: T201
    else:
        source = f"recorded in {name_of(args.notebook)}" if args.notebook else "set here"
        print("\n".join(_lines(done, seed, source)))  # noqa: T201
    return HOLDS


def _lines(done: Installed, seed: int, source: str) -> list[str]:
    lines = [f"The kernel {done.name} is in {printable(str(done.path), 500)}. It starts with"]
    lines += [f"  {name}={value}" for name, value in done.variables.items()]
    if done.not_set:
        lines.append(
            f"Not set, because no number of threads is {source}: {', '.join(done.not_set)}."
        )
    lines.append(
        f"Choose it in Jupyter, or: jupyter repro run NB --kernel {done.name}. "
        f"The notebook still seeds by itself: %repro seed={seed}"
    )
    return lines
