"""The command ``jupyter repro verify``: notebooks in, verdicts and reports out, nothing written."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, NOT_CHECKED, options, terminal
from jupyter_repro.cli.extras import require_runner
from jupyter_repro.cli.reading import print_json
from jupyter_repro.cli.reports.cell_lines import cell_lines
from jupyter_repro.cli.reports.lines import show
from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.comparing.outputs.cells import pictures_that_differ
from jupyter_repro.comparing.outputs.images import difference_picture
from jupyter_repro.comparing.outputs.sanitize import read_patterns
from jupyter_repro.comparing.outputs.tolerance import EXACT, project_tolerance, with_options
from jupyter_repro.comparing.outputs.verdict import HOLDING, CellVerdict
from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.model.options import DETERMINISM
from jupyter_repro.model.threads import complete_structs
from jupyter_repro.notebook.file import require_writable
from jupyter_repro.safety.files import name_of, read_bytes, write_atomically
from jupyter_repro.safety.runner_commands import GuardedStream
from jupyter_repro.seeding.options import parse_seed

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager

    from jupyter_repro.run.verify import Verified, VerifyOptions

_THREAD_VARIABLES = (
    *("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
)

_EXAMPLE = """\
example    jupyter repro verify paper.ipynb

Each notebook runs in a fresh kernel, in a copy of its folder (or of the repository around it). Its
outputs are compared with the stored ones: words exactly, numbers within rtol and atol, tables cell
by cell, pictures by what a person sees, exceptions by their type. Addresses, durations, the time
of the run, folders and progress bars are not compared.

each cell  identical, within tolerance, different, not run, or not comparable
tags       repro-skip and nbval-ignore-output: not compared; repro-skip-run and nbval-skip: not
           run; raises-exception: expected to fail. The metadata
           {"jupyter_repro": {"rtol": 1e-3}} set the tolerance of one cell.
project    [tool.jupyter_repro.tolerance] in pyproject.toml: rtol = 1e-4"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(parser, _EXAMPLE)
    options.add_json(parser)
    options.add_notebooks(parser)
    add_options(parser)


def add_options(parser: ArgumentParser) -> None:
    """Add the options that ``verify`` and ``report`` share."""
    options.add_timeout(parser)
    options.add_kernel(parser)
    parser.add_argument(
        "--jobs",
        type=options.count,
        metavar="N",
        default=1,
        help="number of notebooks to run in parallel",
    )
    parser.add_argument(
        "--in-place", action="store_true", help="run in the notebook's folder, not in a copy"
    )
    parser.add_argument(
        "--copy-limit",
        type=options.number_up_to(1e6),
        metavar="GB",
        help="size of the largest folder to copy (default: 2)",
    )
    parser.add_argument(
        "--allow-errors",
        action="store_true",
        help="continue after an exception that is neither stored nor expected",
    )
    parser.add_argument(
        "--rtol",
        type=options.number_up_to(1.0),
        metavar="R",
        help="relative tolerance of numbers (default: 1e-5)",
    )
    parser.add_argument(
        "--atol",
        type=options.number_up_to(1e300),
        metavar="A",
        help="absolute tolerance of numbers (default: 0)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="use no tolerance, whatever cells and pyproject.toml set",
    )
    parser.add_argument(
        "--with",
        dest="changes",
        metavar="CHANGE",
        action="append",
        default=[],
        help="run with a change, to confirm a cause: threads=1, determinism=strict or seed=42",
    )
    parser.add_argument(
        "--lax", action="store_true", help="compare only cells with nbval's NBVAL_CHECK_OUTPUT"
    )
    parser.add_argument(
        "--sanitize",
        "--nbval-sanitize-with",
        type=Path,
        metavar="FILE",
        action="append",
        default=[],
        help="mask more volatile text: an INI file with regex: and replace:, as for nbval",
    )
    parser.add_argument(
        "--diff-images", type=Path, metavar="DIR", help="folder for images of how pictures differ"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a JUnit report")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="write a comment for a pull request"
    )
    parser.add_argument(
        "--github", action="store_true", help="print annotations for GitHub's workflows"
    )


def run(args: Namespace) -> int:
    """Run each notebook again and compare; return the highest exit code."""
    results = verify_all(args)
    if args.json:
        for result in results:
            print_json({"notebook": result.name, "exit_code": result.code, **result.fields})
    else:
        show(results)
    _report(args, results)
    return max(result.code for result in results)


def verify_all(args: Namespace) -> list[Result]:
    """Run each notebook again and compare.

    Raises
    ------
    ReproError
        If the arguments are not valid; no notebook has run then.
    """
    if args.strict and (args.rtol is not None or args.atol is not None):
        reason = "--strict allows no tolerance: use it without --rtol and --atol."
        raise UsageError(reason)
    for file in (args.junit, args.markdown):
        if file is not None:
            require_writable(file)
    return _verify_all(args, _options_of(args))


def _options_of(args: Namespace) -> VerifyOptions:
    require_runner()
    from jupyter_repro.run.verify import VerifyOptions

    how = VerifyOptions(
        kernel=args.kernel,
        timeout=args.timeout,
        allow_errors=args.allow_errors,
        in_place=args.in_place,
        strict=args.strict,
        patterns=[pattern for file in args.sanitize for pattern in read_patterns(file)],
        lax=args.lax,
        **_changes_of(args.changes),
    )
    if args.copy_limit is not None:
        how = replace(how, max_bytes=int(args.copy_limit * 1e9))
    return how


def _changes_of(changes: list[str]) -> dict[str, Any]:
    """Return the changes that ``--with`` names, as fields of `run.verify.VerifyOptions`.

    Raises
    ------
    UsageError
        If a change is not known.
    """
    fields: dict[str, Any] = {}
    for change in changes:
        key, _, value = change.partition("=")
        if key == "threads" and value.isdecimal() and 0 < int(value[:5]) <= 1024:
            fields["variables"] = dict.fromkeys(_THREAD_VARIABLES, value)
        elif key == "determinism":
            fields["determinism"] = DETERMINISM.parse(value)
        elif key == "seed":
            fields["seed"] = parse_seed(value)
        else:
            reason = f"Unknown change --with {change}: use threads=N, determinism=LEVEL or seed=N."
            raise UsageError(reason)
    return fields


class _Kernels:
    """The kernels that are running, so that Ctrl-C can stop them from the main thread."""

    def __init__(self) -> None:
        self._managers: list[KernelManager] = []
        self._lock = Lock()
        self._stopped = False

    def add(self, manager: KernelManager) -> None:
        with self._lock:
            self._managers.append(manager)
        if self._stopped:
            self.stop()

    def check(self) -> None:
        if self._stopped:
            raise KeyboardInterrupt

    def stop(self) -> None:
        """Kill all kernels, and stop those that start later."""
        self._stopped = True
        with self._lock:
            for manager in self._managers:
                process: Any = getattr(manager.provisioner, "process", None)
                if process is not None:
                    with suppress(OSError):
                        process.kill()


def _verify_all(args: Namespace, how: VerifyOptions) -> list[Result]:
    """Verify the notebooks, `args.jobs` at a time; the results come in the order of the arguments.

    In threads: what takes time are the kernels, and jupyter_client keeps apart the ports of kernels
    that one process starts.
    """
    complete_structs()
    kernels = _Kernels()
    with (
        terminal.progress_of_many() as begin,
        ThreadPoolExecutor(args.jobs, thread_name_prefix="verify") as pool,
    ):
        futures: list[Future[Result]] = [
            pool.submit(_verify_one, path, args, how, begin, kernels) for path in args.notebooks
        ]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.stop()
            raise


def _verify_one(
    path: Path,
    args: Namespace,
    how: VerifyOptions,
    begin: Callable[[str], Callable[[int, int], None]],
    kernels: _Kernels,
) -> Result:
    from jupyter_repro.run.verify import to_json, verify_notebook

    name = name_of(path)
    try:
        raw = read_bytes(path)
        tolerance = EXACT
        if not args.strict:
            tolerance = project_tolerance(path.absolute().parent)
            tolerance = with_options(tolerance, args.rtol, args.atol)
        show = begin(name)

        def on_cell(number: int, cells: int) -> None:
            kernels.check()
            show(number, cells)

        done = verify_notebook(path, raw, replace(how, tolerance=tolerance), on_cell, kernels.add)
        cells = _draw_pictures(done, args.diff_images) if args.diff_images else done.cells
    except ReproError as error:
        return Result(
            path=path,
            name=name,
            code=NOT_CHECKED,
            verdict="not run",
            error=str(error),
            fields={"verdict": "not run", "error": str(error)},
        )
    notes = list(done.notes)
    if done.left_out and done.verdict not in HOLDING:
        notes.append(f"it ran in a copy without {', '.join(done.left_out)}.")
    return Result(
        path=path,
        name=name,
        code=_exit_code(done),
        verdict=done.verdict,
        score=done.score,
        cells=cells,
        notes=notes,
        lines=cell_lines(raw) if args.github else (),
        seconds=done.run.seconds,
        judged=done.judged,
        parting=done.reasons.parting.sentence if done.reasons.parting else "",
        causes=done.reasons.causes,
        others=[(other.sentence, causes) for other, causes in done.reasons.others],
        done=done,
        fields={**to_json(done), "cells": cells},
    )


def _exit_code(done: Verified) -> int:
    if done.verdict in HOLDING:
        return HOLDS
    return DOES_NOT_HOLD if done.verdict == "different" else NOT_CHECKED


def _draw_pictures(done: Verified, folder: Path) -> list[CellVerdict]:
    """Write images of how pictures differ; return the verdicts with the names of these files."""
    cells = []
    for cell in done.cells:
        files = []
        if cell.status not in {"identical", "no output", "left out", "not run"}:
            at = cell.cell - 1
            for number, *picture in pictures_that_differ(done.stored[at], done.new[at]):
                drawn = difference_picture(*picture)
                if drawn is not None:
                    file = folder / f"{done.path.stem}-cell{cell.cell}-output{number}.png"
                    try:
                        folder.mkdir(parents=True, exist_ok=True)
                    except OSError as error:
                        reason = f"{name_of(folder)} cannot be created ({error.strerror or error})."
                        raise ReproError(reason) from None
                    write_atomically(file, drawn)
                    files.append(str(file))
        cells.append(msgspec.structs.replace(cell, pictures=tuple(files)))
    return cells


def _report(args: Namespace, results: Sequence[Result]) -> None:
    """Write the requested reports."""
    if args.junit is not None:
        from jupyter_repro.cli.reports.junit import to_junit

        write_atomically(args.junit, to_junit(results))
    if args.markdown is not None:
        from jupyter_repro.cli.reports.markdown import to_markdown

        write_atomically(args.markdown, to_markdown(results).encode())
    if args.github:
        from jupyter_repro.cli.reports.github import to_annotations

        # GitHub reads both streams; with --json, standard output holds nothing else
        stream = sys.stderr if args.json else sys.stdout
        for line in to_annotations(results):
            if isinstance(stream, GuardedStream):
                stream.write_command(line)
            else:
                print(line, file=stream)
