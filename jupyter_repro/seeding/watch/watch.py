"""The ledger of a run: its parts begin and end together, and are called for each cell.

Watching changes nothing. What can be compared is compared when a cell has ended: fingerprints of
the generators, about twenty switches. Where the moment counts, a function is replaced by one that
looks at the stack and calls the original: functions that seed, ``autocast.__enter__``, and the
function that shows warnings. `%repro off` removes all of these, except where you have set a
different function since.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from types import ModuleType

from jupyter_repro.seeding.findings import RunFindings
from jupyter_repro.seeding.hooks.imports import ImportHook
from jupyter_repro.seeding.hooks.switches import Change, undo
from jupyter_repro.seeding.watch import autocast
from jupyter_repro.seeding.watch.alerts import Alerts
from jupyter_repro.seeding.watch.draws import Draws
from jupyter_repro.seeding.watch.flags import Flags
from jupyter_repro.seeding.watch.recorder import Recorder
from jupyter_repro.seeding.watch.seeding_calls import POINTS, SeedingCalls

_BEFORE = "drawn-before-seed"
_TITLES = {"python": "Python", "numpy": "NumPy", "torch": "PyTorch"}


class Ledger:
    """The findings of a run, except generators without a seed.

    Parameters
    ----------
    findings
        Where they are recorded.
    is_restored
        See `SeedingCalls`.

    Attributes
    ----------
    draws : Draws
        Which generators each cell has drawn from or seeded.
    """

    def __init__(self, findings: RunFindings, is_restored: Callable[[str], bool]) -> None:
        self.draws = Draws()
        self._findings = findings
        self._recorder = Recorder(findings)
        self._calls = SeedingCalls(self._recorder, is_restored)
        self._flags = Flags(self._recorder)
        self._alerts = Alerts(self._recorder)
        self._changes: list[Change] = []
        self._source = ""

    def follow(self, cell_of: Callable[[str], str | None], is_cell: Callable[[str], bool]) -> None:
        """Identify cells with these functions from now on; see `Recorder`."""
        self._recorder.cell_of, self._recorder.is_cell = cell_of, is_cell

    def start(self, hook: ImportHook) -> None:
        """Begin with the libraries that are loaded, and with others when they are imported."""
        self._recorder.start()
        self._flags.start()
        for point in POINTS:
            purpose = f"{point.library} can be seeded again without a finding"
            self._watch(hook, point.module, purpose, partial(self._calls.intercept, point=point))
        purpose = "Changed switches of PyTorch are not found"
        hook.watch("torch", purpose, self._flags.begin)
        purpose = "Automatic mixed precision is not found"
        self._watch(hook, "torch", purpose, partial(autocast.intercept, recorder=self._recorder))
        purpose = "Operations without a deterministic algorithm are not found"
        self._watch(hook, "torch", purpose, self._alerts.intercept)

    def stop(self) -> list[str]:
        """Undo everything; return a sentence for each thing that was not undone."""
        self._recorder.stop()
        self._alerts.stop()
        notes = undo(self._changes)
        self._changes = []
        self._calls.clear()
        self.draws.clear()
        self._source = ""
        return notes

    def muted(self) -> AbstractContextManager[None]:
        """Record nothing that the calling thread does in here, such as our own seeding."""
        return self._recorder.muted()

    def drawn_before(self, libraries: list[str]) -> None:
        """Record that libraries had been drawn from before anything was seeded."""
        for library in libraries:
            self._recorder.add(
                _BEFORE,
                "warning",
                f"Numbers were drawn from {_TITLES.get(library, library)} before %repro seeded "
                "anything; unless they were seeded by hand, they differ from run to run.",
                "Put %repro seed=… into the first cell, restart the kernel and run all cells.",
                subject=library,
            )

    def begin_cell(self, cell: str | None, source: str) -> None:
        """Compare with the present state from now on.

        Parameters
        ----------
        cell
            The cell, as findings name it. If that is its id, it has the findings of its last run.
        source
            Its source.
        """
        self._source = source
        if cell is not None and " " not in cell:  # a number is never used twice
            self._findings.forget_cell(cell)
            self._calls.clear()
        self._alerts.stand_first()
        self.draws.begin_cell()

    def end_cell(self, cell: str | None) -> None:
        """Record what the cell has changed."""
        self.draws.end_cell(cell or "")
        self._flags.end_cell(self._source)
        self._source = ""

    def _watch(
        self,
        hook: ImportHook,
        module: str,
        purpose: str,
        intercept: Callable[[ModuleType], list[Change]],
    ) -> None:
        def run(module: ModuleType) -> None:
            self._changes += intercept(module)

        hook.watch(module, purpose, run)
