"""The command ``jupyter repro lint``: what can be told of outputs without running anything."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, options, terminal
from jupyter_repro.cli.reading import each
from jupyter_repro.lint.finding import render, summary
from jupyter_repro.lint.run import fails, ignored_kinds
from jupyter_repro.lint.run import lint as lint_notebook
from jupyter_repro.safety.files import name_of, read_bytes


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro lint *.ipynb --ignore home-folder\n\n"
        "That nothing is found is no proof that the outputs repeat: only a run gives one.\n"
        "[tool.jupyter_repro.lint] in pyproject.toml may hold ignore = [KIND, …].",
    )
    options.add_json(parser)
    options.add_notebooks(parser)
    options.add_fail_on(parser, "warning")
    parser.add_argument(
        "--ignore", metavar="KIND", action="append", default=[], help="leave a kind of finding out"
    )


def run(args: Namespace) -> int:
    """Look at each notebook and say what was seen."""

    @cache
    def ignored(folder: Path) -> frozenset[str]:
        return ignored_kinds(folder, args.ignore)

    def lint_one(path: Path) -> tuple[int, dict[str, Any]]:
        left_out = ignored(path.absolute().parent)
        findings = lint_notebook(path, read_bytes(path), left_out)
        if not args.json:
            terminal.show_title(f"{name_of(path)}: {summary(findings, left_out)}")
            if findings:
                print(render(findings))  # noqa: T201
        code = DOES_NOT_HOLD if fails(findings, args.fail_on) else HOLDS
        return code, {"findings": findings}

    return each(args.notebooks, lint_one, as_json=args.json)
