"""What happens before and after each cell of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_repro.kernel.cells import Cells
from jupyter_repro.kernel.environment_watch import EnvironmentWatch
from jupyter_repro.kernel.shown import Messages, View, arrival_of, defects_logged
from jupyter_repro.model.findings import for_document
from jupyter_repro.notebook.cell_keys import SourceKeys

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.kernel.clients import Client
    from jupyter_repro.kernel.session import Session
    from jupyter_repro.model.document import CellStamp
    from jupyter_repro.model.findings import RunFinding
    from jupyter_repro.model.snapshot import Snapshot


class Follower:
    """Seeds before a cell, and looks after it whether anything has changed.

    Parameters
    ----------
    session
        What is informed of changes.

    Attributes
    ----------
    cell_id : str or None
        The cell that ran ``%repro seed=…``, where the front end sends ids.
    """

    def __init__(self, session: Session) -> None:
        self.cell_id: str | None = None
        self._session = session
        self._cells: Cells | None = None
        self._keys = SourceKeys()
        self._tip: tuple[InteractiveShell, bool] | None = None
        self._last_client: Client | None = None
        self._is_watching = False
        self._environment = EnvironmentWatch()
        self._finding_changes = -1
        self._findings: list[RunFinding] = []

    def watch(
        self, shell: InteractiveShell, messages: Messages | None, cell_id: str | None
    ) -> None:
        """Look after each cell whether the environment or the imports changed.

        Parameters
        ----------
        messages
            How to send news to the front end; None where there is none.
        cell_id
            The cell that is running, where the front end sends an id.
        """
        self.cell_id = cell_id
        self._is_watching = True
        self._session.shown.send_with(messages)
        self._keys = SourceKeys()
        self.start(shell).name_running(cell_id)

    def show(self, shell: InteractiveShell, view: View) -> None:
        """Let a view follow what is recorded and what changes; an earlier view is closed.

        Looking records nothing: without ``%repro seed=…`` the view alone shows a change.
        """
        self._session.shown.follow_with(view)
        if self._cells is None:
            self._environment.remember()
        self.start(shell)

    def begin_scope(self, shell: InteractiveShell, seed: str, cell_id: str | None) -> None:
        """Seed until the cell that is running has ended, or `end_scope`.

        Raises
        ------
        UsageError
            If it is no seed; then nothing has changed.
        """
        self._session.seeds.begin_scope(seed)
        self.start(shell).name_running(cell_id)

    def end_scope(self) -> None:
        """Go back to what was before `begin_scope`."""
        self._session.seeds.end_scope()
        # Only that one cell was followed
        if self._session.seeds.mode is None and not self._session.shown.has_view:
            self._stop_cells()

    def start(self, shell: InteractiveShell) -> Cells:
        """Follow the cells of a shell, unless that is done already."""
        if self._cells is None:
            self._cells = Cells(shell, self._before_cell, self._after_cell)
            self._session.seeds.follow(self._cells.name_of, self._cells.owns)
        # For its banner, which each front end that connects asks for, IPython draws a tip
        if self._tip is None and getattr(shell, "enable_tip", False):
            self._tip = shell, shell.enable_tip
            shell.enable_tip = False
        return self._cells

    def stop(self) -> None:
        """Follow no cell any more."""
        self._is_watching = False
        self._stop_cells()

    def _stop_cells(self) -> None:
        if self._cells is not None:
            self._cells.stop()
            self._cells = None
            self._session.seeds.follow(lambda _file: None, lambda _file: False)
        if self._tip is not None:
            self._tip[0].enable_tip = self._tip[1]
            self._tip = None

    def remember(self) -> None:
        """Report from now on only what changes from here."""
        self._environment.remember()
        self._findings_changed()

    @property
    def running_cell(self) -> str | None:
        """The cell that is running: its id, ``In [3]`` where the front end sends none."""
        return self._cells.current if self._cells else None

    def is_cell(self, file: str) -> bool:
        """Tell whether a code file is that of a cell."""
        return self._cells is not None and self._cells.owns(file)

    def labels(self) -> dict[str, str]:
        """Return how a person knows the cells that findings name: ``In [3]``."""
        return self._cells.labels() if self._cells else {}

    def ran_last(self, client: Client) -> bool:
        """Tell whether the last cell that was run here is one of a notebook's."""
        return self._last_client is client

    def _before_cell(self, info: Any) -> None:  # noqa: ANN401 - IPython's ExecutionInfo
        seeds = self._session.seeds
        self.end_scope()  # an interrupt may have swallowed the end of the cell before
        seeds.poll()
        if seeds.mode == "cell":
            source = info.raw_cell or ""
            variables = self._cells.variables() if self._cells else {}
            key = getattr(info, "cell_id", None) or self._keys.next(source)
            seeds.begin_cell(key, source, variables)
        with defects_logged():
            seeds.ledger.begin_cell(self.running_cell, info.raw_cell or "")

    def _after_cell(self, result: Any) -> None:  # noqa: ANN401 - IPython's ExecutionResult
        """Send what the cell brought: its stamp, packages and imports, and what was seen."""
        session, name = self._session, None
        client = self._last_client = session.client
        with defects_logged():
            session.seeds.ledger.end_cell(self.running_cell)
            rng = session.seeds.ledger.draws.fingerprints()
            name = client.stamps.take(self.running_cell, result, rng)
        self.end_scope()
        session.seeds.poll()
        if not self._is_watching and not session.shown.has_view:
            return
        with defects_logged():
            environment = self._environment.changed()
            news = self._findings_changed() | client.results.take_news()
            if environment:
                news = self._look_again(news=news)
            elif news and session.recorded is not None:
                session.shown.update(session.recorded)
            elif news and session.shown.has_view:
                session.shown.update(session.capture())
            if session.recorded is not None:
                stamp = client.stamps.made_in(name, session.recorded) if name is not None else None
                self._send(session.recorded, stamp, news=news)

    def _send(self, snapshot: Snapshot, stamp: CellStamp | None, *, news: bool) -> None:
        """Send what the cell brought to the front end that ran it."""
        if not self._session.shown.sends or (stamp is None and not news):
            return
        arrival = arrival_of(self._session, snapshot, stamp=stamp)
        if news:
            self._session.shown.renew(snapshot, arrival)
        else:
            self._session.shown.send(arrival)

    def _look_again(self, *, news: bool) -> bool:
        """Capture again; return whether what is displayed of the record changes."""
        session = self._session
        if not self._is_watching:
            session.shown.update(session.capture())
            return False
        before, now = session.recorded, session.renew()
        if news or before is None or before.layers != now.layers:
            session.shown.update(now)
            return True
        return False

    def _findings_changed(self) -> bool:
        """Tell whether there is anything else to show than when this was last asked."""
        changes = self._session.seeds.findings.changes
        if changes == self._finding_changes:
            return False
        self._finding_changes = changes
        # A cell that runs again may have found the same again
        before, self._findings = self._findings, for_document(self._session.findings())
        return before != self._findings
