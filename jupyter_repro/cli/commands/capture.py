"""The command ``jupyter repro capture``: a snapshot of this environment."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

import msgspec

from jupyter_repro.cli import HOLDS, options, terminal
from jupyter_repro.cli.reading import print_json, this_environment
from jupyter_repro.notebook.file import require_writable
from jupyter_repro.safety.files import name_of, write_atomically


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(parser, "example    jupyter repro capture -o environment.json")
    options.add_json(parser)
    options.add_output(parser, "write the snapshot to this file")


def run(args: Namespace) -> int:
    """Take a snapshot of this environment: shown, as JSON, or written to a file."""
    if args.output:
        require_writable(args.output)
    snapshot = this_environment()
    if args.output:
        data = msgspec.json.format(msgspec.json.encode(snapshot), indent=1)
        write_atomically(args.output, data + b"\n")
    if args.json:
        print_json(snapshot)
    elif args.output:
        print(f"{name_of(args.output)}: {snapshot.digest}")  # noqa: T201
    else:
        terminal.show_stack(snapshot)
    return HOLDS
