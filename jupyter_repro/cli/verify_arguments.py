"""The arguments of ``jupyter repro verify``."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from jupyter_repro.errors import UsageError
from jupyter_repro.model.options import DETERMINISM
from jupyter_repro.seeding.options import parse_seed

EXAMPLE = """\
example    jupyter repro verify paper.ipynb

Each notebook runs in a fresh kernel, in a copy of the folder that it lies in (of the repository,
if there is one). What its cells show is compared with what is stored: words exactly, numbers within
rtol and atol, tables by cells, pictures as a person sees them, exceptions by their type. Addresses,
durations, today's date, folders and progress bars do not count.

each cell  identical, within tolerance, different, not run, or not comparable
tags       repro-skip and nbval-ignore-output: not compared; repro-skip-run and nbval-skip: not
           run; raises-exception: meant to fail. Metadata {"jupyter_repro": {"rtol": 1e-3}}
           give a cell a tolerance of its own.
project    [tool.jupyter_repro.tolerance] in pyproject.toml: rtol = 1e-4"""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add what ``verify`` takes besides notebooks and a time limit."""
    parser.add_argument("--kernel", metavar="NAME", help="the kernel (default: the notebook's)")
    parser.add_argument(
        "--jobs", type=_count, metavar="N", default=1, help="so many notebooks at a time"
    )
    parser.add_argument(
        "--in-place", action="store_true", help="run in the notebook's folder, not in a copy"
    )
    parser.add_argument(
        "--copy-limit", type=_gigabytes, metavar="GB", help="how much may be copied (default: 2)"
    )
    parser.add_argument(
        "--allow-errors",
        action="store_true",
        help="go on after an exception that is neither stored nor expected",
    )
    parser.add_argument(
        "--rtol", type=_rtol, metavar="R", help="relative tolerance of numbers (default: 1e-5)"
    )
    parser.add_argument(
        "--atol", type=_atol, metavar="A", help="absolute tolerance of numbers (default: 0)"
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="no tolerance at all, whatever cells and pyproject.toml say",
    )
    parser.add_argument(
        "--with",
        dest="changes",
        metavar="CHANGE",
        action="append",
        default=[],
        help="run otherwise, to confirm a cause: threads=1, determinism=strict or seed=42",
    )
    parser.add_argument(
        "--lax", action="store_true", help="compare only cells with nbval's NBVAL_CHECK_OUTPUT"
    )
    parser.add_argument(
        "--sanitize",
        "--nbval-sanitize-with",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="what else is volatile: an INI file with regex: and replace:, as nbval reads",
    )
    parser.add_argument(
        "--diff-images", type=Path, metavar="DIR", help="draw there how pictures differ"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a JUnit report")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write a comment for a pull request"
    )
    parser.add_argument(
        "--github", action="store_true", help="print annotations for GitHub's workflows"
    )


def changes_of(changes: list[str]) -> dict[str, Any]:
    """Return what ``--with`` asks for, as fields of `run.verify.Wishes`.

    Raises
    ------
    UsageError
        If a change is none of the known ones.
    """
    fields: dict[str, Any] = {}
    for change in changes:
        key, _, value = change.partition("=")
        if key == "threads" and value.isdecimal() and 0 < int(value[:5]) <= 1024:
            fields["variables"] = dict.fromkeys(THREAD_VARIABLES, value)
        elif key == "determinism":
            fields["determinism"] = DETERMINISM.parse(value)
        elif key == "seed":
            fields["seed"] = parse_seed(value)
        else:
            reason = f"--with {change}: it takes threads=N, determinism=LEVEL or seed=N."
            raise UsageError(reason)
    return fields


THREAD_VARIABLES = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:5]) <= 64:
        reason = f"must be a whole number from 1 to 64, not {text!r}"
        raise argparse.ArgumentTypeError(reason)
    return int(text)


def _rtol(text: str) -> float:
    return _number(text, 1.0)


def _atol(text: str) -> float:
    return _number(text, 1e300)


def _gigabytes(text: str) -> float:
    return _number(text, 1e6)


def _number(text: str, largest: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= largest:
        reason = f"must be a number from 0 to {largest:g}, not {text!r}"
        raise argparse.ArgumentTypeError(reason)
    return value
