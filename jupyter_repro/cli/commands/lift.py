"""The command ``jupyter repro lift``: from the outputs of notebooks into their metadata."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from jupyter_repro.cli import HOLDS, NOT_CHECKED, complain, options
from jupyter_repro.cli.reading import each
from jupyter_repro.notebook.lift import lift_file
from jupyter_repro.safety.files import name_of


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro lift from_colab.ipynb\n\n"
        "For notebooks that ran where the JupyterLab extension is not installed, as on Colab.",
    )
    options.add_json(parser)
    options.add_notebooks(parser)


def run(args: Namespace) -> int:
    """Move the snapshots in each notebook."""

    def lift_one(path: Path) -> tuple[int, dict[str, Any]]:
        lifted = lift_file(path)
        for problem in lifted.problems:
            complain(f"{name_of(path)}, {problem}")
        if not args.json:
            what = f"{lifted.moved} moved into the metadata" if lifted.moved else "nothing to move"
            print(f"{name_of(path)}: {what}")  # noqa: T201
        fields = {"moved": lifted.moved, "problems": lifted.problems}
        return NOT_CHECKED if lifted.problems else HOLDS, fields

    return each(args.notebooks, lift_one, as_json=args.json)
