"""The command ``jupyter repro show``: what files have recorded, layer by layer."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from jupyter_repro.cli import HOLDS, options, terminal
from jupyter_repro.cli.reading import each, read_with_notebook, results_json
from jupyter_repro.comparing.environments.overall import results_text
from jupyter_repro.comparing.environments.policy import policy_or_built_in
from jupyter_repro.comparing.results.judge import judge_results
from jupyter_repro.formats.importers.text import render_imported
from jupyter_repro.safety.files import name_of
from jupyter_repro.safety.text import printable
from jupyter_repro.show.findings_text import Labels, cell_numbers, in_order, render_findings


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(parser, "example    jupyter repro show analysis.ipynb")
    options.add_json(parser)
    options.add_files(parser)


def run(args: Namespace) -> int:
    """Show what each file has recorded. Results are not computed again, and shown as *not run*."""

    def show_one(path: Path) -> tuple[int, dict[str, Any]]:
        document, notebook = read_with_notebook(path)
        policy, problem = policy_or_built_in(None, path.absolute().parent, document.policy)
        judged = judge_results(document.results, policy.tolerance, run=())
        if not args.json:
            when = document.reference.created.replace("T", " ").replace("Z", " UTC")
            how = "imported" if document.reference.imported else "recorded"
            terminal.show_title(f"{name_of(path)}, {how} {when}")
            terminal.show_stack(document.reference)
            if document.reference.imported:
                print(f"\n{render_imported(document.reference)}")  # noqa: T201
            if document.findings:
                print("\nSeen in this run")  # noqa: T201
                numbers: Labels = {} if notebook is None else cell_numbers(notebook)
                print(render_findings(in_order(document.findings, numbers), numbers))  # noqa: T201
            if judged:
                print(f"\nResults: {results_text(judged)}")  # noqa: T201
                terminal.show_results(judged)
                if problem:  # it may set a different tolerance
                    print(printable(problem))  # noqa: T201
            if document.latest is not None:
                print(  # noqa: T201
                    f"\nThe latest run ({document.latest.created}) was in a different environment: "
                    f"see `jupyter repro diff {name_of(path)}`."
                )
        return HOLDS, {"document": document, "results": results_json(judged)}

    return each(args.notebooks, show_one, as_json=args.json)
