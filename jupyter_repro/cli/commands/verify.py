"""The command ``jupyter repro verify``: notebooks in, verdicts and reports out, nothing written."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.cli import DOES_NOT_HOLD, HOLDS, NOT_CHECKED, complain, terminal
from jupyter_repro.cli.commands.run import require_runner
from jupyter_repro.cli.reports.cell_lines import cell_lines
from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.cli.verify_arguments import changes_of
from jupyter_repro.comparing.outputs.cells import pictures_that_differ
from jupyter_repro.comparing.outputs.images import difference_picture
from jupyter_repro.comparing.outputs.sanitize import read_patterns
from jupyter_repro.comparing.outputs.tolerance import EXACT, project_tolerance, with_options
from jupyter_repro.comparing.outputs.verdict import HOLDING, CellVerdict
from jupyter_repro.comparing.why.causes import render_causes
from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.model.threads import complete_structs
from jupyter_repro.model.verdicts import OUTCOME_LOOKS
from jupyter_repro.notebook.file import require_writable
from jupyter_repro.safety.files import name_of, read_bytes, write_atomically

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager

    from jupyter_repro.run.verify import Verified, Wishes


def verify(args: Namespace) -> int:
    """Run each notebook again and compare; return the highest exit code."""
    results = verify_all(args)
    if args.json:
        for result in results:
            told = {"notebook": result.name, "exit_code": result.code, **result.told}
            print(msgspec.json.encode(told).decode())  # noqa: T201
    else:
        _show(results)
    _report(args, results)
    return max(result.code for result in results)


def verify_all(args: Namespace) -> list[Result]:
    """Run each notebook again and compare.

    Raises
    ------
    ReproError
        If the arguments are not right; nothing has been run then.
    """
    if args.strict and (args.rtol is not None or args.atol is not None):
        reason = "--strict allows no tolerance, so it does not go with --rtol or --atol."
        raise UsageError(reason)
    for file in (args.junit, args.markdown):
        if file is not None:
            require_writable(file)
    return _verify_all(args, _wishes(args))


def _wishes(args: Namespace) -> Wishes:
    require_runner()
    from jupyter_repro.run.verify import Wishes

    wishes = Wishes(
        kernel=args.kernel,
        timeout=args.timeout,
        allow_errors=args.allow_errors,
        in_place=args.in_place,
        strict=args.strict,
        patterns=[pattern for file in args.sanitize for pattern in read_patterns(file)],
        lax=args.lax,
        **changes_of(args.changes),
    )
    if args.copy_limit is not None:
        wishes = replace(wishes, max_bytes=int(args.copy_limit * 1e9))
    return wishes


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
        """Kill all kernels, and let no other one go on."""
        self._stopped = True
        with self._lock:
            for manager in self._managers:
                process: Any = getattr(manager.provisioner, "process", None)
                if process is not None:
                    with suppress(OSError):
                        process.kill()


def _verify_all(args: Namespace, wishes: Wishes) -> list[Result]:
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
            pool.submit(_verify_one, path, args, wishes, begin, kernels) for path in args.notebooks
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
    wishes: Wishes,
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

        done = verify_notebook(
            path, raw, replace(wishes, tolerance=tolerance), on_cell, kernels.add
        )
        cells = _draw_pictures(done, args.diff_images) if args.diff_images else done.cells
    except ReproError as error:
        return Result(
            path=path,
            name=name,
            code=NOT_CHECKED,
            verdict="not run",
            error=str(error),
            told={"verdict": "not run", "error": str(error)},
        )
    notes = list(done.notes)
    if done.left_out and done.verdict not in HOLDING:
        notes.append(f"run in a copy without {', '.join(done.left_out)}.")
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
        done=done,
        told={**to_json(done), "cells": cells},
    )


def _exit_code(done: Verified) -> int:
    if done.verdict in HOLDING:
        return HOLDS
    return DOES_NOT_HOLD if done.verdict == "different" else NOT_CHECKED


def _draw_pictures(done: Verified, folder: Path) -> list[CellVerdict]:
    """Draw how the pictures of cells differ that do; return the verdicts with the files' names."""
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
                        reason = f"{name_of(folder)} cannot be made ({error.strerror or error})."
                        raise ReproError(reason) from None
                    write_atomically(file, drawn)
                    files.append(str(file))
        cells.append(msgspec.structs.replace(cell, pictures=tuple(files)))
    return cells


def _show(results: Sequence[Result]) -> None:
    """Print what is not identical, then the summary."""
    for result in results:
        if result.error:
            complain(result.error)
            continue
        lines = [
            (
                f"{result.name}: {result.summary}",
                f"bold {OUTCOME_LOOKS[result.verdict].style}",
            )
        ]
        for numbers, cell in result.told_cells:
            line = f"  cell {numbers:<6} {cell.status:<16}  {cell.why}".rstrip()
            lines.append((line, OUTCOME_LOOKS[cell.status].style))
            lines += [(f"{'':<31}see {name_of(Path(file))}", "dim") for file in cell.pictures]
        lines += [
            (
                f"  {one.name:<7} {one.outcome:<16}  {one.why}".rstrip(),
                OUTCOME_LOOKS[one.outcome].style,
            )
            for one in result.told_results
        ]
        lines.append((f"  {result.counts}", ""))
        if result.parting:
            lines.append((f"  {result.parting}", "bold"))
            lines += [(f"  {line}", "") for line in render_causes(result.causes).splitlines()]
        lines += [(f"  note: {note}", "dim") for note in result.notes]
        terminal.show_lines(lines)
    if len(results) > 1:
        counts = Counter[str](result.verdict for result in results)
        told_of = ", ".join(
            f"{counts[verdict]} {verdict}" for verdict in OUTCOME_LOOKS if counts[verdict]
        )
        terminal.show_lines([(f"{len(results)} notebooks: {told_of}", "bold")])


def _report(args: Namespace, results: Sequence[Result]) -> None:
    """Write the reports that were asked for."""
    if args.junit is not None:
        from jupyter_repro.cli.reports.verify_junit import to_junit

        write_atomically(args.junit, to_junit(results))
    if args.markdown is not None:
        from jupyter_repro.cli.reports.markdown import to_markdown

        write_atomically(args.markdown, to_markdown(results).encode())
    if args.github:
        from jupyter_repro.cli.reports.github import to_annotations

        for line in to_annotations(results):
            print(line)  # noqa: T201
