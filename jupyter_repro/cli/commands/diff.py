"""The command ``jupyter repro diff``: two files, or two states of one file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_repro.cli import options, terminal
from jupyter_repro.cli.reading import (
    exit_code,
    print_json,
    read_recorded,
    recorded_in,
    results_json,
)
from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.overall import Verdicts, judge_overall
from jupyter_repro.comparing.environments.policy import load_policy
from jupyter_repro.comparing.results.judge import Judged, judge_results
from jupyter_repro.comparing.results.merge import accept_results
from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.model.document import Document
from jupyter_repro.safety.files import name_of

if TYPE_CHECKING:
    from jupyter_repro.model.results import Tolerance


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro diff mine.ipynb yours.ipynb\n"
        "           jupyter repro diff mine.ipynb environment.yml\n"
        "           jupyter repro diff mine.ipynb --git HEAD~5\n\n"
        "Any difference gives exit code 1. A file is a notebook, a snapshot, or a file that\n"
        "`import` can read. What such a file does not contain is not checked.",
    )
    options.add_json(parser)
    parser.add_argument("first", type=Path, metavar="A", help="notebook or other file")
    parser.add_argument("second", type=Path, metavar="B", nargs="?", help="file to compare it with")
    parser.add_argument(
        "--git", metavar="REV", help="compare A at this git revision with the present A"
    )
    options.add_policy(parser)
    options.add_all(parser)


def run(args: Namespace) -> int:
    """Compare two files, the two snapshots of one notebook, or one file with an earlier one."""
    if args.git is not None:
        if args.second is not None:
            reason = "--git compares a file with its earlier revision: remove the second file."
            raise UsageError(reason)
        from jupyter_repro.capturing.sources.git.revision import read_at_revision

        first = recorded_in(args.first, read_at_revision(args.first, args.git), args.git)
        second = read_recorded(args.first)
    else:
        first = read_recorded(args.first)
        second = read_recorded(args.second) if args.second else _latest(first, name_of(args.first))
    policy = load_policy(args.policy, args.first.absolute().parent, first.policy)
    report = compare(first.reference, second.reference, policy)
    judged = _judge_two(first, second, policy.tolerance)
    verdicts = Verdicts(report, judge_overall(report, judged), judged)
    if args.json:
        fields = msgspec.to_builtins(report)
        print_json({**fields, "overall": verdicts.overall, "results": results_json(judged)})
    else:
        terminal.show_verdicts(verdicts, everything=args.all, more=options.ALL)
    return exit_code(verdicts, "note")


def _latest(first: Document, shown: str) -> Document:
    """Return the latest run as if it were the reference."""
    if first.latest is None:
        reason = f"{shown} has recorded only one environment; name a second file."
        raise ReproError(reason)
    return msgspec.structs.replace(
        first, reference=first.latest, results=accept_results(first.results)
    )


def _judge_two(first: Document, second: Document, tolerance: Tolerance) -> list[Judged]:
    """Return how the recorded results of a second file compare with those of the first."""
    both = {
        name: msgspec.structs.replace(
            result, latest=second.results[name].parts if name in second.results else None
        )
        for name, result in first.results.items()
    }
    return judge_results(both, tolerance, run=second.results)
