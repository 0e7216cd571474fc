"""The options of ``jupyter repro restore``. Nothing but argparse is imported here."""

from __future__ import annotations

import argparse
from pathlib import Path

ENGINES = ("rattler", "micromamba", "mamba", "conda", "uv", "pip")
"""As in `engines.choice`, which would import the engines themselves."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add them to its parser."""
    parser.add_argument("notebook", type=Path, metavar="NB", help="notebook or snapshot file")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--prefix", type=Path, metavar="DIR", help="a folder that is not there yet")
    where.add_argument(
        "--name", metavar="NAME", help="among the environments of conda, else of jupyter_repro"
    )
    parser.add_argument(
        "--engine",
        action="append",
        choices=ENGINES,
        default=[],
        help="what installs (default: what is here); uv and pip are for Python packages, so one "
        "of them may be named beside one of the others",
    )
    parser.add_argument(
        "--python",
        type=Path,
        metavar="PATH",
        help="the Python of an environment without conda (default: one of the recorded version)",
    )
    parser.add_argument(
        "--relax", action="store_true", help="where a package is gone, take what is nearest to it"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the plan, install nothing")
    parser.add_argument("--yes", action="store_true", help="install without being asked")
    kernel = parser.add_mutually_exclusive_group()
    kernel.add_argument(
        "--kernel", metavar="NAME", help="name of its kernel (default: that of the environment)"
    )
    kernel.add_argument("--no-kernel", action="store_true", help="install no kernel")
    parser.add_argument(
        "--allow-source",
        action="store_true",
        help="build sources and commits of Python packages, which runs their code",
    )
