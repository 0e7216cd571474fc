"""The command ``jupyter repro lint``: what outputs show without a run."""

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
        "Lint reports only what it can prove. A clean result does not mean the outputs are\n"
        "current; only re-running the notebook can tell. A project can ignore kinds in\n"
        "pyproject.toml: [tool.jupyter_repro.lint] with ignore = [KIND, …].",
    )
    options.add_json(parser)
    options.add_notebooks(parser)
    options.add_fail_on(parser, "warning")
    parser.add_argument(
        "--ignore",
        metavar="KIND",
        action="append",
        default=[],
        help="do not report this kind of finding",
    )


def run(args: Namespace) -> int:
    """Look at each notebook and print what was found."""

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
