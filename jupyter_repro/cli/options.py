"""Options that several commands share. Nothing but argparse is imported here."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

EXIT_CODES = """\
exit code  0  everything holds
           1  something does not hold
           2  something could not be checked, or the command is not valid
With several notebooks, the highest code counts."""


def add_example(parser: argparse.ArgumentParser, example: str) -> None:
    """Add an example, and the exit codes, below the options in the help of a command."""
    parser.epilog = f"{example}\n\n{EXIT_CODES}"


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def add_notebooks(parser: argparse.ArgumentParser) -> None:
    """Add the notebooks."""
    parser.add_argument("notebooks", type=Path, metavar="NB", nargs="+", help="notebook file")


def add_output(
    parser: argparse.ArgumentParser, text: str, *, standard: bool = False, required: bool = False
) -> None:
    """Add ``-o``.

    Parameters
    ----------
    text
        For the help.
    standard
        Take ``-`` for standard output, as None; otherwise it is refused.
    """
    parser.add_argument(
        *("-o", "--output"),
        type=_file_or_standard_output if standard else file,
        metavar="FILE",
        required=required,
        help=text,
    )


def _file_or_standard_output(text: str) -> Path | None:
    return None if text == "-" else Path(text)


def file(text: str) -> Path:
    """Return the path of a file to write, as the type of an argument.

    Raises
    ------
    ArgumentTypeError
        If it is ``-``, which other programs take for standard output.
    """
    if text == "-":
        reason = "must be a file, not '-': this command cannot write it to standard output"
        raise argparse.ArgumentTypeError(reason)
    return Path(text)


def add_all(parser: argparse.ArgumentParser) -> None:
    """Add ``--all``, for commands that show a comparison."""
    parser.add_argument(
        "--all", action="store_true", help="show every difference on a separate line"
    )


ALL = ": --all shows each"
"""How to see the differences that are left out."""


def add_files(parser: argparse.ArgumentParser) -> None:
    """Add files that have recorded an environment: notebooks, and others."""
    parser.add_argument(
        "notebooks", type=Path, metavar="NB", nargs="+", help="notebook, snapshot or other file"
    )


def add_timeout(parser: argparse.ArgumentParser) -> None:
    """Add ``--timeout``."""
    parser.add_argument(
        "--timeout", type=_seconds, metavar="S", help="time limit for each cell, in seconds"
    )


def add_kernel(parser: argparse.ArgumentParser) -> None:
    """Add ``--kernel``, for commands that run notebooks."""
    parser.add_argument("--kernel", metavar="NAME", help="kernel to run (default: the notebook's)")


def add_fail_on(parser: argparse.ArgumentParser, default: str) -> None:
    """Add ``--fail-on``, for commands whose findings have a severity."""
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "note"),
        default=default,
        help="the least severe finding that gives exit code 1 (default: %(default)s)",
    )


def add_policy(parser: argparse.ArgumentParser) -> None:
    """Add ``--policy``."""
    parser.add_argument(
        "--policy", metavar="P", help="research, production, or project (default: the recorded one)"
    )


def add_consent(parser: argparse.ArgumentParser) -> None:
    """Add the options that allow a command to ask servers. See `cli.trusting`."""
    for kind in ("channel", "index"):
        parser.add_argument(
            f"--allow-{kind}",
            metavar="URL",
            action="append",
            default=[],
            help=f"allow this {kind}; remembered on this machine; repeat the option for more",
        )


def add_md5(parser: argparse.ArgumentParser) -> None:
    """Add ``--allow-md5``."""
    parser.add_argument(
        "--allow-md5", action="store_true", help="accept packages that have only an md5 checksum"
    )


def platform(text: str) -> str:
    """Return conda's name of a platform, as the type of an argument.

    Raises
    ------
    ArgumentTypeError
        If it is none.
    """
    if not re.fullmatch(r"(?:linux|osx|win)-[a-z0-9_]{1,20}", text):
        reason = f"must be conda's name of a platform, such as linux-64 or osx-arm64, not {text!r}"
        raise argparse.ArgumentTypeError(reason)
    return text


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text[:9]) == 0:
        reason = f"must be a whole number of seconds from 1, not {text!r}"
        raise argparse.ArgumentTypeError(reason)
    return int(text[:9])


def count(text: str) -> int:
    """Return a whole number from 1 to 64, as the type of an argument.

    Raises
    ------
    ArgumentTypeError
        If it is none.
    """
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:5]) <= 64:
        reason = f"must be a whole number from 1 to 64, not {text!r}"
        raise argparse.ArgumentTypeError(reason)
    return int(text)


def number_up_to(largest: float) -> Callable[[str], float]:
    """Return the type of an argument that takes numbers from 0 to `largest`."""

    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not 0 <= value <= largest:
            reason = f"must be a number from 0 to {largest:g}, not {text!r}"
            raise argparse.ArgumentTypeError(reason)
        return value

    return number
