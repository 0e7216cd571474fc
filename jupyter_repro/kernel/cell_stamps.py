"""What a kernel knows of the last run of each cell, for the cells' metadata.

The kernel makes a stamp when a cell has ended, because a front end knows only the present source.
The fingerprints are those that watching the generators computes anyway. They are checksums of the
states and so are equal in every process, unlike Python's `hash` of None or of a text. In JupyterLab
a question follows each cell as soon as the kernel is idle; until then the cell has a stamp of the
environment alone, because no stamp is better than that of an earlier run. Without our front end the
message of `%repro` carries the stamps of the cells up to its last renewal, by execution count,
because a cell with the same id may have been run again since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from jupyter_repro.model.document import ENV_LENGTH, CellStamp
from jupyter_repro.model.fields import MAX_ITEMS
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.notebook.cell_keys import source_digest


class CellStamps:
    """The stamps of the cells that were run, bounded: the oldest goes when there are more."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, CellStamp]] = {}

    def take(self, cell: str | None, result: Any, rng: Mapping[str, str]) -> str | None:  # noqa: ANN401
        """Keep the stamp of a cell that has ended.

        Parameters
        ----------
        cell
            Its id, where that is known.
        result
            IPython's ``ExecutionResult``.
        rng
            See `document.CellStamp`.

        Returns
        -------
        str or None
            Its name; None for code that has no number and so is no cell.
        """
        number = result.execution_count
        if number is None:
            return None
        name = cell or f"In [{number}]"
        self._last.pop(name, None)  # the newest stands last
        if len(self._last) >= MAX_ITEMS:
            del self._last[next(iter(self._last))]
        source = source_digest(result.info.raw_cell or "")
        self._last[name] = number, CellStamp(source=source, rng=dict(rng))
        return name

    def made_in(self, name: str, snapshot: Snapshot) -> CellStamp:
        """Add the environment that a cell ran in, and return the complete stamp."""
        number, stamp = self._last[name]
        stamp = msgspec.structs.replace(stamp, env=snapshot.digest[:ENV_LENGTH])
        self._last[name] = number, stamp
        return stamp

    def by_id(self, cells: Collection[str] | None) -> dict[str, CellStamp]:
        """Return the stamps that are complete, by cell: of these, or of all for None."""
        found = {name: stamp for name, (_, stamp) in self._last.items() if stamp.env is not None}
        return found if cells is None else {name: found[name] for name in cells if name in found}

    def by_number(self) -> dict[str, CellStamp]:
        """Return all as ``In [3]`` → stamp, by the number of the run."""
        return {f"In [{number}]": stamp for number, stamp in self._last.values()}
