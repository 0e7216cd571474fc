"""Findings in the form in which they are shown and stored.

That form holds no personal data, and nothing that differs from run to run, such as temporary names
and folders.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from jupyter_repro.model.findings import RunFinding, worst_first
from jupyter_repro.safety.redact import redact_text
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

_LONGEST = 300
_INSTALLED = re.compile(r"^.*[/\\](?:site|dist)-packages[/\\]")
_STDLIB = re.compile(r"^.*[/\\]lib(?:64)?[/\\]python[0-9.]+t?[/\\]", re.IGNORECASE)


def recorded_form(
    findings: list[RunFinding], world: World, is_cell: Callable[[str], bool]
) -> list[RunFinding]:
    """Return findings in the form in which they are shown and stored, the worst first.

    Parameters
    ----------
    findings
        As `RunFindings.all` gives them.
    world
        The context whose folders and names are removed.
    is_cell
        Returns whether a code file is a cell; its name differs in each kernel, so it is left out.

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
    """Return the path of a code file below its package's or the notebook's folder, or its name."""
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
