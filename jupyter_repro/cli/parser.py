"""The parser of ``jupyter repro``: the table of commands, and the arguments of the called one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from jupyter_repro._version import __version__
from jupyter_repro.cli import commands
from jupyter_repro.cli.options import EXIT_CODES
from jupyter_repro.safety.text import printable


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(printable(message))


def make_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return what reads the command line.

    Parameters
    ----------
    arguments
        The command line. Only the module of the command that it calls is imported.
    """
    parser = _Parser(
        prog="jupyter repro",
        description="Record the environment behind a notebook, and check that it still holds.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.set_defaults(run=None)
    called = next((argument for argument in arguments if not argument.startswith("-")), None)
    group = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (module_name, summary) in commands.COMMANDS.items():
        command = group.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == called:
            module = import_module(f"{commands.__name__}.{module_name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser
