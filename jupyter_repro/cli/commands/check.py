"""The command ``jupyter repro check``: what notebooks have recorded, and an environment."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_repro.cli import DOES_NOT_HOLD, options, terminal
from jupyter_repro.cli.reading import (
    each,
    exit_code,
    read_with_notebook,
    results_json,
    this_environment,
)
from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.overall import Verdicts, judge_overall
from jupyter_repro.comparing.environments.policy import load_policy
from jupyter_repro.comparing.results.judge import judge_results
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.notebook.stamps import cells_by_environment, describe_mixture
from jupyter_repro.run import kernels
from jupyter_repro.safety.files import name_of


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro check *.ipynb --kernel python3\n\n"
        "A file is a notebook, a snapshot, or a file that `import` can read.\n"
        "Without --kernel or --python, the environment is the one that this command runs in.\n"
        "The environment that you name needs no jupyter_repro: it is read from outside.\n"
        "Results of %repro expect are not computed again, but one that was outside its tolerance\n"
        "when it was last recorded gives exit code 1. `jupyter repro verify` computes them.",
    )
    options.add_json(parser)
    options.add_files(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--kernel", metavar="NAME", help="the environment of this kernel")
    where.add_argument("--python", metavar="PATH", help="the environment of this interpreter")
    options.add_policy(parser)
    options.add_fail_on(parser, "error")
    options.add_all(parser)


def run(args: Namespace) -> int:
    """Compare what each notebook has recorded with an environment.

    Nothing is run, so no result is found to hold. A result that was outside its tolerance when it
    was last recorded fails.
    """

    @cache
    def current(folder: Path) -> Snapshot:
        if args.kernel:
            return kernels.snapshot_of_kernel(args.kernel, folder)
        if args.python:
            return kernels.snapshot_of_interpreter(args.python, folder)
        return this_environment(folder)

    def check_one(path: Path) -> tuple[int, dict[str, Any]]:
        document, notebook = read_with_notebook(path)
        folder = path.absolute().parent
        policy = load_policy(args.policy, folder, document.policy)
        report = compare(document.reference, current(folder), policy)
        judged = judge_results(document.results, policy.tolerance, run=())
        verdicts = Verdicts(report, judge_overall(report, judged), judged)
        environments = {} if notebook is None else cells_by_environment(notebook)
        mixture = describe_mixture(environments)
        if not args.json:
            terminal.show_title(name_of(path))
            terminal.show_verdicts(verdicts, everything=args.all, more=options.ALL)
            if mixture:
                print(mixture)  # noqa: T201
        code = exit_code(verdicts, args.fail_on)
        if mixture and args.fail_on != "error":
            code = max(code, DOES_NOT_HOLD)
        fields = {"report": report, "overall": verdicts.overall, "results": results_json(judged)}
        return code, {**fields, "environments": environments}

    return each(args.notebooks, check_one, as_json=args.json)
