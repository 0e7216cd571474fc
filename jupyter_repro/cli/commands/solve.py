"""The command ``jupyter repro solve``: many notebooks, one question to each channel."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, NOT_CHECKED, options, terminal
from jupyter_repro.cli.reading import each, read_recorded
from jupyter_repro.cli.reports.junit import Case, Suite, render
from jupyter_repro.cli.trusting import trust_of
from jupyter_repro.errors import ReproError
from jupyter_repro.install.solve.ladder import Rung
from jupyter_repro.install.solve.verdicts import (
    SUMMARIES,
    VERDICTS,
    NotebookVerdict,
    PackageVerdict,
    fails,
)
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.notebook.file import require_writable
from jupyter_repro.safety.files import name_of, write_atomically
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count
from jupyter_repro.safety.world import current_world


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro solve *.ipynb --junit solve.xml\n\n"
        "This asks only the channels and indexes in your own configuration of conda, pip and uv,\n"
        "and those that you allow. A channel that cannot be reached gives exit code 2, not 1.",
    )
    options.add_json(parser)
    options.add_notebooks(parser)
    parser.add_argument(
        "--platform",
        metavar="P",
        type=options.platform,
        help="platform to check (default: the recorded one)",
    )
    parser.add_argument(
        "--install",
        action="store_true",
        help="also install the packages, into a folder that is removed afterwards",
    )
    parser.add_argument(
        "--fail-on",
        choices=("exact, unlisted", "rebuilt", "by version", "by major.minor", "not installable"),
        default="rebuilt",
        help="first fallback level that gives exit code 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--with",
        dest="tool",
        choices=("conda", "mamba", "micromamba"),
        help="also ask conda, mamba or micromamba",
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a JUnit report")
    options.add_consent(parser)
    options.add_md5(parser)


def run(args: Namespace) -> int:
    """Print for each notebook whether its recorded packages can still be installed."""
    from jupyter_repro.install.rattler.parent import Rattler
    from jupyter_repro.install.solve.checks import Options
    from jupyter_repro.install.solve.conda_binary import find_tool
    from jupyter_repro.install.solve.solve import solve as solve_all

    if args.junit:
        require_writable(args.junit)
    world = current_world()
    trust = trust_of(args, world)
    snapshots, errors = _read(args.notebooks, args.platform)
    asked = Options(
        platform=args.platform,
        install=args.install,
        tool=args.tool,
        executable=find_tool(args.tool, world.environ) if args.tool else "",
    )
    found = solve_all(list(snapshots.values()), trust, Rattler(world), asked)
    verdicts = dict(zip(snapshots, (one.verdict for one in found), strict=True))

    def show_one(path: Path) -> tuple[int, dict[str, Any]]:
        if path in errors:
            raise errors[path]
        verdict = verdicts[path]
        if not args.json:
            terminal.show_title(f"{name_of(path)}, {verdict.platform}: {verdict.verdict}")
            print("\n".join(_lines(verdict)))  # noqa: T201
        return exit_code(verdict, args.fail_on), {"solve": verdict}

    code = each(args.notebooks, show_one, as_json=args.json)
    if args.junit:
        _write_junit(args.junit, args.notebooks, verdicts, errors, args.fail_on)
    return code


def exit_code(verdict: NotebookVerdict, fail_on: Rung) -> int:
    """Return the exit code for a notebook: 1 if a package is gone, even if others are unknown.

    Parameters
    ----------
    fail_on
        The best fallback level that does not hold.
    """
    if any(fails(one.verdict, fail_on) for one in verdict.packages) or any(
        check.is_decisive for check in verdict.checks
    ):
        return DOES_NOT_HOLD
    return NOT_CHECKED if verdict.is_open else HOLDS


def _read(
    paths: list[Path], platform: str | None
) -> tuple[dict[Path, Snapshot], dict[Path, ReproError]]:
    """Return what the notebooks have recorded, and what is wrong with the others."""
    from jupyter_repro.install.solve.subjects import make_subject

    snapshots: dict[Path, Snapshot] = {}
    errors: dict[Path, ReproError] = {}
    for path in paths:
        try:
            snapshot = read_recorded(path).reference
            make_subject(snapshot, platform)
            snapshots[path] = snapshot
        except ReproError as error:  # noqa: PERF203 - one mistake stops no other notebook
            errors[path] = error
    return snapshots, errors


def _lines(verdict: NotebookVerdict) -> Iterator[str]:
    """Yield lines of text: the checks, then the packages that have changed, the worst first."""
    for check in verdict.checks:
        outcome = "skipped" if check.outcome == "not asked" else check.outcome  # as --json has it
        yield f"  {check.name:<13} {outcome:<14} {printable(check.text, 2_000)}"
    yield from (f"  {'note':<13} {printable(remark, 2_000)}" for remark in verdict.remarks)
    alike: dict[tuple[str, str], list[PackageVerdict]] = {}
    for one in sorted(verdict.packages, key=lambda one: -VERDICTS.index(one.verdict)):
        if one.verdict != "exact" or one.reason:
            alike.setdefault((one.verdict, one.reason), []).append(one)
    for packages in alike.values():
        yield from _of_packages(packages)
    counts = ", ".join(f"{number} {name}" for name, number in verdict.counts.items())
    yield f"  {count(len(verdict.packages), 'package')}{': ' if counts else ''}{counts}"


def _of_packages(packages: Sequence[PackageVerdict]) -> Iterator[str]:
    """Yield the lines of packages with the same verdict for the same reason."""
    verdict: str = packages[0].verdict
    for one in packages:
        instead = f" -> {one.candidate}" if one.candidate else ""
        yield f"  {verdict:<16} {printable(one.package)}{instead}"
        if one.nearest:
            yield f"  {'':<16} nearest: {', '.join(one.nearest)}"
        verdict = ""
    yield f"  {'':<16} {printable(packages[0].reason, 2_000)}"


def _write_junit(
    path: Path,
    notebooks: list[Path],
    verdicts: dict[Path, NotebookVerdict],
    errors: dict[Path, ReproError],
    fail_on: Rung,
) -> None:
    """Write a suite for each notebook, a case for each check and package."""
    suites = []
    for notebook in notebooks:
        if notebook in verdicts:
            cases = list(_cases(verdicts[notebook], fail_on))
        else:
            cases = [Case(name="read", outcome="error", message=str(errors[notebook]))]
        suites.append(Suite(name=name_of(notebook), cases=cases))
    write_atomically(path, render(suites))


def _cases(verdict: NotebookVerdict, fail_on: Rung) -> Iterator[Case]:
    for check in verdict.checks:
        if check.name in SUMMARIES:
            continue
        if check.is_decisive:
            yield Case(name=check.name, outcome="failure", message=check.text)
        elif check.outcome == "not checked":
            yield Case(name=check.name, outcome="error", message=check.text)
        else:
            yield Case(name=check.name)
    for one in verdict.packages:
        message = f"{one.verdict}: {one.reason}"
        if fails(one.verdict, fail_on):
            yield Case(name=one.package, outcome="failure", message=message)
        elif one.verdict == "not checked":
            yield Case(name=one.package, outcome="error", message=message)
        else:
            yield Case(name=one.package)
