"""The command ``jupyter repro report``: run notebooks again, write one page on all."""

from __future__ import annotations

import base64
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_repro._version import __version__
from jupyter_repro.cli import HOLDS, NOT_CHECKED, complain, options
from jupyter_repro.cli.commands import verify
from jupyter_repro.cli.reading import read_recorded
from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.comparing.environments.overall import results_text
from jupyter_repro.comparing.environments.policy import load_policy
from jupyter_repro.comparing.outputs.cells import pictures_that_differ
from jupyter_repro.comparing.outputs.images import difference_picture
from jupyter_repro.comparing.outputs.normalise import joined, text_of
from jupyter_repro.comparing.results.judge import judge_results
from jupyter_repro.errors import ReproError
from jupyter_repro.notebook.file import read_notebook, require_writable
from jupyter_repro.safety.files import name_of, write_atomically
from jupyter_repro.show.findings_text import cell_numbers
from jupyter_repro.show.page.page import CellRow, NotebookPage, render_page

if TYPE_CHECKING:
    from jupyter_repro.run.verify import Verified


def add_arguments(parser: ArgumentParser) -> None:
    """Add what the command takes."""
    options.add_example(
        parser,
        "example    jupyter repro report *.ipynb -o report.html --jobs 2\n\n"
        "The page is a single file without scripts. The other options are those of verify.",
    )
    options.add_json(parser)
    options.add_notebooks(parser)
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", required=True, help="the page to write"
    )
    parser.add_argument(
        "--recorded", action="store_true", help="show what is recorded without running anything"
    )
    verify.add_options(parser)


def run(args: Namespace) -> int:
    """Write the page; return the highest exit code of the notebooks."""
    require_writable(args.output)
    if args.recorded:
        pages = [_recorded_page(path) for path in args.notebooks]
        code = NOT_CHECKED if any(page.error for page in pages) else HOLDS
    else:
        results = verify.verify_all(args)
        pages = [_page(result) for result in results]
        code = max(result.code for result in results)
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    write_atomically(args.output, render_page(pages, now, __version__).encode())
    for page in pages:
        if page.error:
            complain(page.error)
    if not args.json:
        print(f"{name_of(args.output)}: {_summary(pages)}")  # noqa: T201
    return code


def _summary(pages: Sequence[NotebookPage]) -> str:
    return "; ".join(f"{page.name} {'not run' if page.error else page.summary}" for page in pages)


def _recorded_page(path: Path) -> NotebookPage:
    """Return what is recorded of a notebook, without running it."""
    name = name_of(path)
    try:
        document = read_recorded(path)
        labels = cell_numbers(read_notebook(path))
        policy = load_policy(None, path.absolute().parent, document.policy)
    except ReproError as error:
        return NotebookPage(name=name, verdict=None, summary="", error=str(error))
    when = document.reference.created.replace("T", " ").replace("Z", " UTC")
    judged = judge_results(document.results, policy.tolerance, run=())
    results = f" {results_text(judged)}." if judged else ""
    return NotebookPage(
        name=name,
        verdict="different" if any(one.fails for one in judged) else "not run",
        summary=f"Recorded {when}; it was not run for this report.{results}",
        recorded=document.reference,
        judged=judged,
        results=document.results,
        findings=document.findings,
        labels=labels,
    )


def _page(result: Result) -> NotebookPage:
    done = result.done
    if done is None:
        return NotebookPage(name=result.name, verdict=None, summary="", error=result.error)
    before = done.run.before
    return NotebookPage(
        name=result.name,
        verdict=result.verdict,
        summary=result.summary[:1].upper() + result.summary[1:],
        score=result.score,
        recorded=(before.latest or before.reference) if before else None,
        current=done.run.snapshot,
        report=done.reasons.report,
        policy=done.reasons.policy,
        parting=result.parting,
        causes=result.causes,
        others=result.others,
        cells=_rows(done),
        judged=result.judged,
        results=done.run.document.results,
        findings=done.run.findings,
        labels={
            str(cell["id"]): f"cell {number}"
            for number, cell in enumerate(done.stored, 1)
            if cell["id"]
        },
    )


def _rows(done: Verified) -> list[CellRow]:
    rows = []
    for verdict in done.cells:
        stored, new = done.stored[verdict.cell - 1], done.new[verdict.cell - 1]
        source = str(joined(stored["source"] or ""))
        rows.append(
            CellRow(
                number=verdict.cell,
                status=verdict.status,
                why=verdict.why,
                source=next((line for line in source.splitlines() if line.strip()), ""),
                before=text_of(stored["outputs"]),
                after=text_of(new["outputs"]),
                pictures=_pictures(stored, new) if verdict.status == "different" else [],
            )
        )
    return rows


def _pictures(stored: dict[str, Any], new: dict[str, Any]) -> list[str]:
    drawn = [
        difference_picture(mime, before, after)
        for _, mime, before, after in pictures_that_differ(stored, new)
    ]
    return [
        f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        for picture in drawn
        if picture is not None
    ]
