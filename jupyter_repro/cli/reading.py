"""The commands that read what is recorded: capture, show, check, diff, lift."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, NOT_CHECKED, complain, terminal
from jupyter_repro.errors import ReproError, UnreadableError, UsageError
from jupyter_repro.formats.importers.text import render_imported
from jupyter_repro.model.document import Document
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.report import SEVERITIES, Severity
from jupyter_repro.model.snapshot import DeterminismLayer, Snapshot
from jupyter_repro.notebook.file import Notebook, parse_notebook, read_notebook, require_writable
from jupyter_repro.notebook.lift import lift_file, recorded
from jupyter_repro.notebook.stamps import cells_by_environment, describe_mixture
from jupyter_repro.safety.files import name_of, read_bytes, write_atomically
from jupyter_repro.safety.text import printable
from jupyter_repro.show.findings_text import Labels, cell_numbers, in_order, render_findings

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts
    from jupyter_repro.comparing.results.judge import Judged
    from jupyter_repro.model.results import Tolerance


def each(
    paths: Sequence[Path], command: Callable[[Path], tuple[int, dict[str, Any]]], *, as_json: bool
) -> int:
    """Run a command on each notebook and return the highest exit code.

    A notebook that it cannot handle is a sentence on standard error; the others are still done.
    With `as_json`, each gives a line with what the command tells of it, or with the error.
    """
    worst = HOLDS
    for path in paths:
        code, told = _one(path, command)
        worst = max(worst, code)
        if as_json:
            _print_json({"notebook": name_of(path), "exit_code": code, **told})
    return worst


def _one(
    path: Path, command: Callable[[Path], tuple[int, dict[str, Any]]]
) -> tuple[int, dict[str, Any]]:
    try:
        return command(path)
    except ReproError as error:
        complain(str(error))
        return NOT_CHECKED, {"error": str(error)}


def _print_json(plain: object) -> None:
    print(msgspec.json.encode(plain).decode())  # noqa: T201


def capture(args: Namespace) -> int:
    """Take a snapshot of this environment: shown, as JSON, or written to a file."""
    if args.output:
        require_writable(args.output)
    snapshot = _this_environment()
    if args.output:
        data = msgspec.json.format(msgspec.json.encode(snapshot), indent=1)
        write_atomically(args.output, data + b"\n")
    if args.json:
        _print_json(snapshot)
    elif args.output:
        print(f"{name_of(args.output)}: {snapshot.digest}")  # noqa: T201
    else:
        terminal.show_stack(snapshot)
    return HOLDS


def show(args: Namespace) -> int:
    """Show what each file has recorded. No result is run for that, and they are shown as such."""
    from jupyter_repro.comparing.environments.overall import results_text
    from jupyter_repro.comparing.environments.policy import policy_or_built_in
    from jupyter_repro.comparing.results.judge import judge_results

    def show_one(path: Path) -> tuple[int, dict[str, Any]]:
        document = read_recorded(path)
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
                numbers = _cell_numbers(path)
                print(render_findings(in_order(document.findings, numbers), numbers))  # noqa: T201
            if judged:
                print(f"\nResults: {results_text(judged)}")  # noqa: T201
                terminal.show_results(judged)
                if problem:  # it may hold another tolerance
                    print(printable(problem))  # noqa: T201
            if document.latest is not None:
                print(  # noqa: T201
                    f"\nThe latest run ({document.latest.created}) was in another environment: "
                    f"see `jupyter repro diff {name_of(path)}`."
                )
        return HOLDS, {"document": document, "results": results_json(judged)}

    return each(args.notebooks, show_one, as_json=args.json)


def check(args: Namespace) -> int:
    """Compare what each notebook has recorded with an environment.

    Nothing is run, so no result holds; one that was outside its tolerance when it was last
    recorded still is, and fails.
    """
    from jupyter_repro.comparing.environments.compare import compare
    from jupyter_repro.comparing.environments.overall import Verdicts, judge_overall
    from jupyter_repro.comparing.environments.policy import load_policy
    from jupyter_repro.comparing.results.judge import judge_results

    @cache
    def another() -> Snapshot:
        from jupyter_repro.run import kernels

        if args.kernel:
            return kernels.snapshot_of_kernel(args.kernel)
        return kernels.snapshot_of_interpreter(args.python)

    @cache
    def current(folder: Path) -> Snapshot:
        return another() if args.kernel or args.python else _this_environment(folder)

    def check_one(path: Path) -> tuple[int, dict[str, Any]]:
        notebook = read_notebook(path)
        document = _document_of(notebook)
        folder = path.absolute().parent
        policy = load_policy(args.policy, folder, document.policy)
        report = compare(document.reference, current(folder), policy)
        judged = judge_results(document.results, policy.tolerance, run=())
        verdicts = Verdicts(report, judge_overall(report, judged), judged)
        environments = cells_by_environment(notebook)
        mixture = describe_mixture(environments)
        if not args.json:
            terminal.show_title(name_of(path))
            terminal.show_verdicts(verdicts)
            if mixture:
                print(mixture)  # noqa: T201
        code = exit_code(verdicts, args.fail_on)
        if mixture and args.fail_on != "error":
            code = max(code, DOES_NOT_HOLD)
        told = {"report": report, "overall": verdicts.overall, "results": results_json(judged)}
        return code, {**told, "environments": environments}

    return each(args.notebooks, check_one, as_json=args.json)


def diff(args: Namespace) -> int:
    """Compare two files, the two snapshots of one notebook, or one file with an earlier one."""
    from jupyter_repro.comparing.environments.compare import compare
    from jupyter_repro.comparing.environments.overall import Verdicts, judge_overall
    from jupyter_repro.comparing.environments.policy import load_policy

    if args.git is not None:
        if args.second is not None:
            reason = "--git compares a file with itself at a revision: name no second file."
            raise UsageError(reason)
        from jupyter_repro.capturing.sources.git.revision import read_at_revision

        first = recorded_in(args.first, read_at_revision(args.first, args.git))
        second = read_recorded(args.first)
    else:
        first = read_recorded(args.first)
        second = read_recorded(args.second) if args.second else _latest(first, name_of(args.first))
    policy = load_policy(args.policy, args.first.absolute().parent, first.policy)
    report = compare(first.reference, second.reference, policy)
    judged = _judge_two(first, second, policy.tolerance)
    verdicts = Verdicts(report, judge_overall(report, judged), judged)
    if args.json:
        told = msgspec.to_builtins(report)
        _print_json({**told, "overall": verdicts.overall, "results": results_json(judged)})
    else:
        terminal.show_verdicts(verdicts)
    return exit_code(verdicts, "note")


def _latest(first: Document, shown: str) -> Document:
    """Return what the latest run would have recorded by itself."""
    from jupyter_repro.comparing.results.merge import accept_results

    if first.latest is None:
        reason = f"{shown} has recorded one environment only; name a second file."
        raise ReproError(reason)
    return msgspec.structs.replace(
        first, reference=first.latest, results=accept_results(first.results)
    )


def _judge_two(first: Document, second: Document, tolerance: Tolerance) -> list[Judged]:
    """Return how the recorded results of a second file compare with those of the first."""
    from jupyter_repro.comparing.results.judge import judge_results

    both = {
        name: msgspec.structs.replace(
            result, latest=second.results[name].parts if name in second.results else None
        )
        for name, result in first.results.items()
    }
    return judge_results(both, tolerance, run=second.results)


def lift(args: Namespace) -> int:
    """Move the snapshots in each notebook."""

    def lift_one(path: Path) -> tuple[int, dict[str, Any]]:
        lifted = lift_file(path)
        for problem in lifted.problems:
            complain(f"{name_of(path)}, {problem}")
        if not args.json:
            what = f"{lifted.moved} moved into the metadata" if lifted.moved else "nothing to move"
            print(f"{name_of(path)}: {what}")  # noqa: T201
        told = {"moved": lifted.moved, "problems": lifted.problems}
        return NOT_CHECKED if lifted.problems else HOLDS, told

    return each(args.notebooks, lift_one, as_json=args.json)


def exit_code(verdicts: Verdicts, fail_on: Severity) -> int:
    """Return the exit code for a comparison.

    Parameters
    ----------
    fail_on
        The least severe finding that does not hold. A result outside its tolerance never does.
    """
    report = verdicts.report
    unclear = any(one.outcome == "not comparable" for one in verdicts.judged)
    if report.verdict in ("not comparable", "not checked") or unclear:
        return NOT_CHECKED
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    fails = any(finding.severity in failing for finding in report.findings)
    fails = fails or any(one.fails for one in verdicts.judged)
    return DOES_NOT_HOLD if fails else HOLDS


def results_json(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return what a script wants to know of named results."""
    return [
        {
            "name": one.name,
            "outcome": one.outcome,
            "reference": one.reference,
            "current": one.current,
            "last_outcome": one.last,
            "last_value": one.last_value,
            "why": one.why,
        }
        for one in judged
    ]


def _this_environment(folder: Path | None = None) -> Snapshot:
    """Return a snapshot of this process, as one in `folder`: git is looked for there."""
    from jupyter_repro.capturing.capture import capture as capture_world
    from jupyter_repro.safety.world import current_world

    world = current_world()
    snapshot = capture_world(replace(world, cwd=folder) if folder else world)
    seeds = DeterminismLayer(status="unavailable", reason="no notebook runs in this process")
    layers = msgspec.structs.replace(snapshot.layers, determinism=seeds)
    return msgspec.structs.replace(snapshot, layers=layers)


def read_recorded(path: Path) -> Document:
    """Return what a file has recorded. See `recorded_in`."""
    return recorded_in(path, read_bytes(path))


def recorded_in(path: Path, raw: bytes) -> Document:
    """Return what the contents of a file tell.

    Parameters
    ----------
    path
        A notebook; a snapshot file, or one of another tool that can be imported, counts as its
        reference.
    raw
        Its contents.
    """
    if path.suffix == ".ipynb":
        return _document_of(parse_notebook(path, raw))
    if raw.lstrip()[:1] not in {b"{", b""}:
        from jupyter_repro.formats.importers.registry import import_bytes

        snapshot = import_bytes(path, raw)
    else:
        try:
            snapshot = decode_snapshot(raw)
        except UnreadableError as error:
            if b'"nbformat"' in raw:  # which a snapshot may name as a package, too
                return _document_of(parse_notebook(path, raw))
            reason = f"{name_of(path)}: {error}"
            raise UnreadableError(reason) from None
    return Document(schema_version=snapshot.schema_version, reference=snapshot)


def _cell_numbers(path: Path) -> Labels:
    return cell_numbers(read_notebook(path)) if path.suffix == ".ipynb" else {}


def _document_of(notebook: Notebook) -> Document:
    """Return what a notebook has recorded, and say what of it cannot be read."""
    shown = name_of(notebook.path)
    document, problems = recorded(notebook)
    for problem in problems:
        complain(f"{shown}, {problem}")
    if document is None:
        reason = (
            f"{shown} has recorded nothing yet: put %repro seed=42 into its first cell, "
            f"or use `jupyter repro run {shown}`."
        )
        raise ReproError(reason)
    return document
