"""The command ``jupyter repro run``: notebooks in, notebooks out, and a summary of each run."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, complain, options, terminal
from jupyter_repro.cli.extras import require_runner
from jupyter_repro.cli.reading import each, results_json
from jupyter_repro.cli.saving import contents_of, save
from jupyter_repro.errors import UsageError
from jupyter_repro.model.options import DETERMINISM, POLICY
from jupyter_repro.notebook.file import parse_notebook, require_writable
from jupyter_repro.safety.files import name_of, read_bytes
from jupyter_repro.safety.words import count
from jupyter_repro.seeding.options import parse_seed
from jupyter_repro.show.findings_text import cell_numbers, render_findings

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts
    from jupyter_repro.run.runner import Run, RunOptions


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro run analysis.ipynb --seed 42\n\n"
        "A file is replaced as a whole or not at all. If a cell fails (exit code 1), the file is\n"
        "written up to that cell. A changed environment does not fail a run; check does.",
    )
    options.add_json(parser)
    options.add_notebooks(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write this file instead")
    options.add_kernel(parser)
    parser.add_argument("--seed", metavar="N", help="seed before the first cell, as %%repro seed=N")
    parser.add_argument(
        "--determinism",
        choices=DETERMINISM.choices,
        default=DETERMINISM.default,
        help=f"with --seed: {DETERMINISM.help} (default: %(default)s)",
    )
    options.add_timeout(parser)
    parser.add_argument(
        "--accept", action="store_true", help="make the environment of this run the reference"
    )
    parser.add_argument(
        "--policy", choices=POLICY.choices, help="policy to record for later checks"
    )
    parser.add_argument(
        "--allow-errors", action="store_true", help="continue after a cell that fails"
    )


def run(args: Namespace) -> int:
    """Run each notebook and write it."""
    if args.output and len(args.notebooks) > 1:
        reason = "-o FILE takes only one notebook."
        raise UsageError(reason)
    seed = None if args.seed is None else parse_seed(args.seed)
    require_runner()
    from jupyter_repro.run.runner import RunOptions

    how = RunOptions(
        kernel=args.kernel,
        seed=seed,
        determinism=args.determinism,
        timeout=args.timeout,
        accept=args.accept,
        policy=args.policy,
        allow_errors=args.allow_errors,
    )

    def run_one(path: Path) -> tuple[int, dict[str, Any]]:
        return _run_one(path, args.output or path, how, as_json=args.json)

    return each(args.notebooks, run_one, as_json=args.json)


def _run_one(
    path: Path, output: Path, how: RunOptions, *, as_json: bool
) -> tuple[int, dict[str, Any]]:
    from jupyter_repro.comparing.environments.policy import load_policy
    from jupyter_repro.run.runner import run_notebook

    load_policy(None, path.absolute().parent)  # report a mistake in it before the run
    raw = read_bytes(path)
    require_writable(output)
    before = raw if output == path else contents_of(output)
    with terminal.progress(name_of(path)) as on_cell:
        done = run_notebook(path, raw, how, on_cell)
    output = save(output, before, done.data)
    verdicts = _compare_with_reference(done, path)
    report = verdicts.report if verdicts else None
    if done.failure:
        complain(f"{name_of(path)}: {done.failure}.")
    for note in done.notes:
        complain(f"{name_of(path)}: {note}")
    if not as_json:
        _say(path, done, verdicts)
    fields = {
        "output": name_of(output),
        "executed": done.executed,
        "seconds": round(done.seconds, 3),
        "failure": done.failure,
        "results": [{"cell": each.cell, "outcome": each.outcome} for each in done.outcomes],
        "digest": done.snapshot.digest,
        "report": report,
        "overall": verdicts.overall if verdicts else None,
        "named_results": results_json(verdicts.judged) if verdicts else [],
        "notes": done.notes,
        "findings": done.findings,
    }
    return DOES_NOT_HOLD if done.failure else HOLDS, fields


def _compare_with_reference(done: Run, path: Path) -> Verdicts | None:
    """Return how the run compares with what was recorded before it."""
    from jupyter_repro.comparing.environments.compare import compare
    from jupyter_repro.comparing.environments.overall import Verdicts, judge_overall
    from jupyter_repro.comparing.environments.policy import load_policy
    from jupyter_repro.comparing.results.expectations import judge_run

    if done.before is None:
        return None
    policy = load_policy(None, path.absolute().parent, done.document.policy)
    report = compare(done.before.reference, done.snapshot, policy)
    judged = judge_run(done.before.results, done.results, policy.tolerance)
    return Verdicts(report, judge_overall(report, judged), judged)


def _say(path: Path, done: Run, verdicts: Verdicts | None) -> None:
    from jupyter_repro.comparing.environments.overall import results_text
    from jupyter_repro.comparing.outputs.exact import render_outcomes

    cells = count(done.executed, "cell")
    lines = [f"{name_of(path)}: {cells} executed in {done.seconds:.1f} s"]
    lines.append(f"  results: {render_outcomes(done.outcomes)}")
    if verdicts is None:
        lines.append(f"  environment: recorded ({done.snapshot.digest[:12]})")
    else:
        lines.append(f"  environment: {verdicts.report.summary}")
    if verdicts is not None and verdicts.judged:
        lines.append(f"  named results: {results_text(verdicts.judged)}.")
        lines += [f"    {one.why}" for one in verdicts.judged if one.outcome != "identical"]
    if verdicts is not None and done.document.latest is not None:
        lines.append(f"  see `jupyter repro diff {name_of(path)}`, or run with --accept")
    if done.findings:
        lines.append(f"  seen in this run: {len(done.findings)}")
        findings = render_findings(done.findings, cell_numbers(parse_notebook(path, done.data)))
        lines += [f"    {line}" for line in findings.splitlines()]
    print("\n".join(lines))  # noqa: T201
