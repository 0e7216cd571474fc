"""The result of ``verify`` in a terminal: a line for each cell that is not identical."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from jupyter_repro.cli import complain, terminal
from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.comparing.why.causes import render_causes
from jupyter_repro.model.verdicts import OUTCOME_LOOKS
from jupyter_repro.safety.files import name_of


def show(results: Sequence[Result]) -> None:
    """Print what is not identical, then the summary."""
    for result in results:
        if result.error:
            complain(result.error)
            continue
        lines = [
            (f"{result.name}: {result.summary}", f"bold {OUTCOME_LOOKS[result.verdict].style}")
        ]
        for numbers, cell in result.shown_cells:
            line = f"  cell {numbers:<6} {cell.status:<16}  {cell.why}".rstrip()
            lines.append((line, OUTCOME_LOOKS[cell.status].style))
            lines += [(f"{'':<31}see {name_of(Path(file))}", "dim") for file in cell.pictures]
        lines += [
            (
                f"  {one.name:<7} {one.outcome:<16}  {one.why}".rstrip(),
                OUTCOME_LOOKS[one.outcome].style,
            )
            for one in result.shown_results
        ]
        lines.append((f"  {result.counts}", ""))
        for parting, causes in result.partings:
            lines.append((f"  {parting}", "bold"))
            lines += [(f"  {line}", "") for line in render_causes(causes).splitlines()]
        lines += [(f"  note: {note}", "dim") for note in result.notes]
        terminal.show_lines(lines)
    if len(results) > 1:
        counts = Counter[str](result.verdict for result in results)
        verdicts = ", ".join(
            f"{counts[verdict]} {verdict}" for verdict in OUTCOME_LOOKS if counts[verdict]
        )
        terminal.show_lines([(f"{len(results)} notebooks: {verdicts}", "bold")])
