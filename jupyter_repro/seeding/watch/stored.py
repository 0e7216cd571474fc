"""Findings as they are shown and stored: without what is personal or differs from run to run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import msgspec

from jupyter_repro.model.snapshot import MAX_RECORDED_FINDINGS, RunFinding
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World
from jupyter_repro.seeding.findings import worst_first

_LONGEST = 300
_INSTALLED = re.compile(r"^.*[/\\](?:site|dist)-packages[/\\]")
_STDLIB = re.compile(r"^.*[/\\]lib(?:64)?[/\\]python[0-9.]+t?[/\\]", re.IGNORECASE)
_NUMBERED = re.compile(r"In \[([0-9]+)\]")


def recorded_form(
    findings: list[RunFinding], world: World, is_cell: Callable[[str], bool]
) -> list[RunFinding]:
    """Return findings fit to be shown and stored, the worst first.

    Parameters
    ----------
    findings
        As `RunFindings.all` gives them.
    world
        Whose folders and names are taken out.
    is_cell
        Tells whether a code file is a cell; its name differs in each kernel, so it is left out.

    Returns
    -------
    list of RunFinding
        With their counts, which a `Document` does not keep.
    """
    return [
        msgspec.structs.replace(
            found,
            what=redact_text(found.what, world),
            advice=redact_text(found.advice, world),
            file=None if found.file is None or is_cell(found.file) else _file(found.file, world),
            cell=None if found.cell is None else printable(found.cell, 100),
        )
        for found in worst_first(findings)
    ]


def _file(file: str, world: World) -> str:
    """Return a code file below the folder of its package, or of the notebook, else its name."""
    for pattern in (_INSTALLED, _STDLIB):
        rest = pattern.sub("", file)
        if rest != file:
            break
    else:
        try:
            rest = str(Path(file).relative_to(world.cwd))
        except ValueError:
            rest = os.path.basename(file)  # noqa: PTH119 - its folders may be personal
    return redact_text(rest.replace("\\", "/"), world, _LONGEST)


def for_document(findings: Collection[RunFinding]) -> list[RunFinding]:
    """Return what a document keeps of findings: bounded, in one order, without counts.

    Whatever the order in which the cells ran, the same findings give the same list.
    """

    def place(found: RunFinding) -> tuple[str, str, int, str]:
        return found.cell or "", found.file or "", found.line or 0, found.what

    single = {msgspec.structs.replace(found, count=1) for found in findings}
    return worst_first(sorted(single, key=place))[:MAX_RECORDED_FINDINGS]


def with_ids(findings: Collection[RunFinding], ids: Mapping[int, str | None]) -> list[RunFinding]:
    """Return findings with the ids of cells where only their numbers were known.

    Parameters
    ----------
    ids
        Execution count → id of the cell.
    """
    return [msgspec.structs.replace(found, cell=_id(found.cell, ids)) for found in findings]


def _id(cell: str | None, ids: Mapping[int, str | None]) -> str | None:
    number = _NUMBERED.fullmatch(cell or "")
    return (ids.get(int(number[1])) if number else None) or cell
