"""The commands that read what is recorded: capture, show, check, diff, lift."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, NOT_CHECKED, complain, terminal
from jupyter_repro.errors import ReproError, UnreadableError, UsageError
from jupyter_repro.finding_text import Labels, cell_numbers, in_order, render_findings
from jupyter_repro.imported_text import render_imported
from jupyter_repro.lift import lift_file, recorded
from jupyter_repro.migrations import decode_snapshot
from jupyter_repro.notebook import (
    Notebook,
    name_of,
    parse_notebook,
    read_bytes,
    read_notebook,
    require_writable,
    write_atomically,
)
from jupyter_repro.report import SEVERITIES, Report, Severity
from jupyter_repro.snapshot import DeterminismLayer, Document, Snapshot
from jupyter_repro.stamps import cells_by_environment, describe_mixture


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
    """Show what each file has recorded."""

    def show_one(path: Path) -> tuple[int, dict[str, Any]]:
        document = read_recorded(path)
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
            if document.latest is not None:
                print(  # noqa: T201
                    f"\nThe latest run ({document.latest.created}) was in another environment: "
                    f"see `jupyter repro diff {name_of(path)}`."
                )
        return HOLDS, {"document": document}

    return each(args.notebooks, show_one, as_json=args.json)


def check(args: Namespace) -> int:
    """Compare what each notebook has recorded with an environment."""
    from jupyter_repro.comparison.compare import compare
    from jupyter_repro.comparison.policy import load_policy

    @cache
    def another() -> Snapshot:
        from jupyter_repro.headless import kernels

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
        environments = cells_by_environment(notebook)
        mixture = describe_mixture(environments)
        if not args.json:
            terminal.show_title(name_of(path))
            terminal.show_report(report)
            if mixture:
                print(mixture)  # noqa: T201
        code = exit_code(report, args.fail_on)
        if mixture and args.fail_on != "error":
            code = max(code, DOES_NOT_HOLD)
        return code, {"report": report, "environments": environments}

    return each(args.notebooks, check_one, as_json=args.json)


def diff(args: Namespace) -> int:
    """Compare two files, the two snapshots of one notebook, or one file with an earlier one."""
    from jupyter_repro.comparison.compare import compare
    from jupyter_repro.comparison.policy import load_policy

    if args.git is not None:
        if args.second is not None:
            reason = "--git compares a file with itself at a revision: name no second file."
            raise UsageError(reason)
        from jupyter_repro.sources.git_revision import read_at_revision

        first = recorded_in(args.first, read_at_revision(args.first, args.git))
        second = read_recorded(args.first).reference
    else:
        first = read_recorded(args.first)
        second = _second(args.second, first, name_of(args.first))
    policy = load_policy(args.policy, args.first.absolute().parent, first.policy)
    report = compare(first.reference, second, policy)
    if args.json:
        _print_json(report)
    else:
        terminal.show_report(report)
    return exit_code(report, "note")


def _second(path: Path | None, first: Document, shown: str) -> Snapshot:
    if path is not None:
        return read_recorded(path).reference
    if first.latest is None:
        reason = f"{shown} has recorded one environment only; name a second file."
        raise ReproError(reason)
    return first.latest


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


def exit_code(report: Report, fail_on: Severity) -> int:
    """Return the exit code for a comparison.

    Parameters
    ----------
    fail_on
        The least severe finding that does not hold.
    """
    if report.verdict in ("not comparable", "not checked"):
        return NOT_CHECKED
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    fails = any(finding.severity in failing for finding in report.findings)
    return DOES_NOT_HOLD if fails else HOLDS


def _this_environment(folder: Path | None = None) -> Snapshot:
    """Return a snapshot of this process, as one in `folder`: git is looked for there."""
    from jupyter_repro.capturing import capture as capture_world
    from jupyter_repro.world import current_world

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
        from jupyter_repro.importers.registry import import_bytes

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
