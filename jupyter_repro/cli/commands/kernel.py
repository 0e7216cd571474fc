"""The command ``jupyter repro kernel``: kernels with PYTHONHASHSEED and thread counts set."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_repro.cli import HOLDS, options
from jupyter_repro.cli.extras import missing
from jupyter_repro.cli.reading import print_json, read_recorded
from jupyter_repro.errors import ReproError
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.text import printable
from jupyter_repro.seeding.options import parse_seed

if TYPE_CHECKING:
    from jupyter_repro.run.kernel_install import Installed


def add_arguments(parser: ArgumentParser) -> None:
    """Add its commands: there is one, ``install``."""
    group = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    text = "install a kernel of this environment with PYTHONHASHSEED and thread counts set"
    _add_install(
        group.add_parser(
            "install",
            help=text,
            description=f"{text[0].upper()}{text[1:]}.",
            formatter_class=parser.formatter_class,
        )
    )


def _add_install(parser: ArgumentParser) -> None:
    options.add_example(
        parser,
        "example    jupyter repro kernel install paper --seed 42 --from paper.ipynb\n\n"
        "PYTHONHASHSEED (the seed modulo 2**32) fixes the order of sets of strings. It and the\n"
        "thread counts take effect only when a kernel starts. Keep %repro seed=… in the notebook.",
    )
    options.add_json(parser)
    parser.add_argument("name", metavar="NAME", help="name of the kernel")
    parser.add_argument("--seed", metavar="N", required=True, help="the seed of the notebook")
    parser.add_argument(
        "--from",
        dest="notebook",
        type=Path,
        metavar="NB",
        help="use the thread counts that this notebook has recorded "
        "(default: those set in this environment)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--sys-prefix", action="store_true", help="install into this environment (the default)"
    )
    where.add_argument("--user", action="store_true", help="install for your user")
    where.add_argument("--prefix", type=Path, metavar="DIR", help="install below this folder")
    parser.add_argument("--replace", action="store_true", help="overwrite a kernel of that name")


def run(args: Namespace) -> int:
    """Write a kernel specification and print what the kernel starts with."""
    seed = parse_seed(args.seed)
    try:
        from jupyter_repro.run.kernel_install import Kernel, install_kernel
        from jupyter_repro.run.start_variables import torch_here
    except ModuleNotFoundError as error:
        reason = f"To install kernels, {missing(error)}"
        raise ReproError(reason) from None
    reference = read_recorded(args.notebook).reference if args.notebook else None
    prefix = None if args.user else args.prefix or Path(sys.prefix)
    kernel = Kernel(args.name, seed, reference, torch=torch_here())
    done = install_kernel(kernel, prefix, replace=args.replace)
    if args.json:
        fields = {
            "kernel": done.name,
            "path": str(done.path),
            "seed": str(seed),
            "variables": done.variables,
            "not_set": done.not_set,
        }
        print_json(fields)
    else:
        source = f"recorded in {name_of(args.notebook)}" if args.notebook else "set here"
        print("\n".join(_lines(done, seed, source)))  # noqa: T201
    return HOLDS


def _lines(done: Installed, seed: int, source: str) -> list[str]:
    lines = [f"The kernel {done.name} is in {printable(str(done.path), 500)}. It starts with"]
    lines += [f"  {name}={value}" for name, value in done.variables.items()]
    if done.not_set:
        lines.append(f"Not set, because no thread count is {source}: {', '.join(done.not_set)}.")
    lines.append(
        f"Choose it in Jupyter, or: jupyter repro run NB --kernel {done.name}. "
        f"Keep the seed in the notebook: %repro seed={seed}"
    )
    return lines
