"""What one kernel has seeded and recorded, and what happens after each cell.

There is one session a process. It puts the parts together: it seeds, captures, compares with the
reference and publishes; what these do stands in their own modules.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from jupyter_repro.comparing.results.merge import merge_results
from jupyter_repro.errors import ReproError
from jupyter_repro.kernel.cells import Cells
from jupyter_repro.kernel.clients import Client, Clients
from jupyter_repro.kernel.environment_watch import EnvironmentWatch
from jupyter_repro.kernel.own_file import stored_document
from jupyter_repro.kernel.request import current_request
from jupyter_repro.model.findings import for_document
from jupyter_repro.model.message import Arrival
from jupyter_repro.model.snapshot import SCHEMA_VERSION
from jupyter_repro.notebook.cell_keys import SourceKeys
from jupyter_repro.safety.redact import printable
from jupyter_repro.safety.world import current_world
from jupyter_repro.seeding.api import current_controller
from jupyter_repro.seeding.checkpoints import Checkpoints, read_checkpoint, write_checkpoint
from jupyter_repro.seeding.watch.stored import recorded_form

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.comparing.environments.overall import Verdicts
    from jupyter_repro.comparing.environments.policy import Policy
    from jupyter_repro.comparing.results.expectations import Expected
    from jupyter_repro.model.document import CellStamp
    from jupyter_repro.model.findings import RunFinding
    from jupyter_repro.model.report import Report
    from jupyter_repro.model.results import Tolerance
    from jupyter_repro.model.snapshot import Determinism, PolicyName, Snapshot

_log = logging.getLogger(__name__)


class View(Protocol):
    """Something on the screen that follows the session."""

    def update(self, snapshot: Snapshot) -> None:
        """Show the present snapshot, and how it compares with the reference."""

    def close(self) -> None:
        """Take it from the screen."""


class Messages(Protocol):
    """What the session sends to the front end whose cell is running."""

    def renew(self, snapshot: Snapshot, arrival: Arrival) -> None:
        """Renew what is displayed of the record, where this front end displays it."""

    def send(self, arrival: Arrival) -> None:
        """Send what the cell brings, without displaying anything."""


class Session:
    """The state of `%repro` in this process.

    Attributes
    ----------
    seeds : seeding.SeedController
        What is seeded, and how to undo it.
    recorded : Snapshot or None
        The newest snapshot that was published.
    history : list of Snapshot
        Every environment that was published since the last ``%repro seed=…``, in order: a front
        end of version 0.1.0 asks late.
    policy_name : str or None
        As the user chose it with ``policy=…``.
    kernel_name : str or None
        Name of the kernel specification, where somebody tells.
    forced : dict
        Options of ``%repro seed=…`` that the runner does not leave to the notebook.
    seeded_from_outside : bool
        The runner has seeded, and no cell since.
    headless : bool
        The runner executes the notebook: nobody is there to look at something interactive.
    checkpoints : Checkpoints
        States of the random generators that the user has kept.
    clients : Clients
        What is known of each notebook that uses this kernel.
    cell_id : str or None
        The cell that ran ``%repro seed=…``, where the front end tells.
    """

    def __init__(self) -> None:
        self.seeds = current_controller()
        self.recorded: Snapshot | None = None
        self.history: list[Snapshot] = []
        self.policy_name: PolicyName | None = None
        self.headless = False
        self.forced: dict[str, str] = {}
        self.seeded_from_outside = False
        self.kernel_name: str | None = None
        self.cell_id: str | None = None
        self._accepted = False
        self.checkpoints = Checkpoints()
        self.clients = Clients()
        self._last_client: Client | None = None
        self._cells: Cells | None = None
        self._keys = SourceKeys()
        self._tip: tuple[InteractiveShell, bool] | None = None
        self._messages: Messages | None = None
        self._is_watching = False
        self._view: View | None = None
        self._environment = EnvironmentWatch()
        self._finding_changes = -1
        self._shown: list[RunFinding] = []

    def begin(self, *, seed: int | None, determinism: Determinism, reference: str | None) -> None:
        """Take over what the runner knows before the first cell runs."""
        self.headless = True
        if reference is not None:
            from jupyter_repro.model.migrations import decode_snapshot

            self.client.reference = decode_snapshot(reference.encode())
            self.client.is_known = True
        if seed is not None:
            self.seeds.start(seed, determinism)
            self.seeded_from_outside = True
            from IPython.core.getipython import get_ipython

            shell = get_ipython()
            if shell is not None:
                self._follow(shell)

    @property
    def client(self) -> Client:
        """The notebook whose cell or question the kernel is working on."""
        return self.clients.get(current_request().client)

    def ran_last(self, client: Client) -> bool:
        """Say whether the last cell that was run here is one of a notebook's."""
        return self._last_client is client

    def capture(self) -> Snapshot:
        """Return the present snapshot of this process."""
        from jupyter_repro.capturing.capture import capture

        seeding = self.seeds.state()
        if seeding is not None and self.seeded_from_outside:
            seeding = replace(seeding, from_outside=True)
        return capture(current_world(kernel_name=self.kernel_name, seeding=seeding))

    def record(self) -> Snapshot:
        """Capture, keep the snapshot as the newest, and find the reference if there is none."""
        self.history.clear()  # another notebook on this kernel may have seeded before
        client = self.client
        client.results.clear()
        client.has_looked = False
        self.recorded = self._captured()
        client.reference = self.find_reference() or self.recorded
        self._environment.remember()
        self._tell(self.recorded)
        self._findings_changed()
        return self.recorded

    def find_reference(self) -> Snapshot | None:
        """Return what to compare with, or None where nothing has been recorded.

        The front end or the runner has told it; else the notebook's file may hold it; else it is
        the first snapshot that this notebook took here.
        """
        client = self.client
        if client.reference is None and not client.is_known:
            return _stored_reference()
        return client.reference

    def check(
        self,
        current: Snapshot,
        policy: Policy | None = None,
    ) -> Report:
        """Compare a snapshot with the reference.

        Parameters
        ----------
        current
            What this process runs in.
        policy
            By default the one that is in force; see `policy`.

        Raises
        ------
        ReproError
            If nothing has been recorded, or the project's own policy cannot be read.
        """
        from jupyter_repro.comparing.environments.compare import compare

        reference = self.find_reference()
        if reference is None:
            reason = (
                "Nothing is recorded yet to compare with. "
                "Put %repro seed=42 into the first cell and run it."
            )
            raise ReproError(reason)
        return compare(reference, current, policy or self.policy())

    def policy(self) -> Policy:
        """Return the policy that is in force.

        Raises
        ------
        UsageError
            If the project's own cannot be read.
        """
        from jupyter_repro.comparing.environments.policy import load_policy

        return load_policy(self.policy_name, current_world().cwd)

    def policy_to_show(
        self, chosen: PolicyName | None = None, recorded: str | None = None
    ) -> tuple[Policy, list[str]]:
        """Return a policy in any case, and notes: those on the seeds, and why it is another one.

        What is displayed must not be missing because of a file that lies beside the notebook.

        Parameters
        ----------
        chosen
            By default the one that the user chose in this session.
        recorded
            What the notebook has recorded; the project's own goes before it.
        """
        from jupyter_repro.comparing.environments.policy import policy_or_built_in

        policy, problem = policy_or_built_in(
            chosen or self.policy_name, current_world().cwd, recorded
        )
        notes = self.seeds.notes()
        return policy, [*notes, printable(problem)] if problem else notes

    def accept(self) -> Snapshot:
        """Make the present snapshot the reference and return it."""
        self.history.clear()  # what was before is settled
        client = self.client
        self.recorded = client.reference = self._captured()
        self._accepted = True
        client.results.accept(self.recorded.digest[:12])
        self._tell(self.recorded)
        return self.recorded

    def expect(self, name: str, value: object, tolerance: Tolerance | None) -> Expected:
        """Record a named result; see `kernel.expect`."""
        if self.recorded is not None:
            self._find_results()
        results = self.client.results
        cell = self._running_cell()
        expected = results.expect(
            name,
            value,
            tolerance=tolerance,
            default=self.policy().tolerance,
            # A number instead of an id says nothing after this kernel
            cell=None if cell is None or " " in cell else cell,
        )
        if self._messages is not None and self.recorded is not None:
            # At once: this cell may end the kernel
            self._messages.send(self.arrival(self.recorded, results=[name]))
        return expected

    def arrival(
        self,
        snapshot: Snapshot,
        *,
        does: Literal["record", "accept"] | None = None,
        results: Iterable[str] = (),
        stamp: CellStamp | None = None,
    ) -> Arrival:
        """Return what the cell that is running brings to its notebook.

        Parameters
        ----------
        results
            Names of results that the cell has recorded.
        """
        client = self.client
        is_known_there = does is None and client.sent == snapshot.digest
        client.sent = snapshot.digest
        given = {name: client.results.run[name] for name in results}
        return Arrival(
            schema_version=SCHEMA_VERSION,
            digest=snapshot.digest,
            does=does,
            cell=current_request().cell,
            snapshot=None if is_known_there else snapshot,
            policy=self.policy_name,
            findings=[] if does is None else for_document(self.findings()),
            results=merge_results({}, given, snapshot.digest[:12]),
            stamp=stamp,
        )

    def verdicts(self, report: Report) -> Verdicts:
        """Return the verdict on the environment and on the named results of this kernel."""
        from jupyter_repro.comparing.environments.overall import Verdicts, judge_overall

        self._find_results()
        policy, _ = self.policy_to_show()
        judged = self.client.results.judged(policy.tolerance)
        return Verdicts(report, judge_overall(report, judged), judged)

    def _find_results(self) -> None:
        """Read once from the notebook's file what to expect, where no front end tells."""
        client = self.client
        if not (client.results.reference or client.is_known or client.has_looked):
            client.has_looked = True
            document = stored_document()
            client.results.reference = dict(document.results) if document else {}

    def take_acceptance(self) -> bool:
        """Return whether the user has accepted since this was last asked."""
        accepted, self._accepted = self._accepted, False
        return accepted

    def watch(self, shell: InteractiveShell, messages: Messages | None) -> None:
        """Look after each cell whether the environment or the imports changed.

        Parameters
        ----------
        messages
            How to tell the front end; None where nobody looks.
        """
        self._is_watching = True
        self._messages = messages
        self._keys = SourceKeys()
        self._follow(shell).name_running(self.cell_id)

    def show(self, shell: InteractiveShell, view: View) -> None:
        """Let a view follow what is recorded and what changes; an earlier view is closed.

        Looking records nothing: without ``%repro seed=…`` the view is all that learns of a
        change.
        """
        self._close_view()
        self._view = view
        if self._cells is None:
            self._environment.remember()
        self._follow(shell)

    def begin_scope(self, shell: InteractiveShell, seed: str, cell_id: str | None) -> None:
        """Seed until the cell that is running has ended, or `end_scope`.

        Raises
        ------
        UsageError
            If it is no seed; then nothing has changed.
        """
        self.seeds.begin_scope(seed)
        self._follow(shell).name_running(cell_id)

    def end_scope(self) -> None:
        """Go back to what was before `begin_scope`."""
        self.seeds.end_scope()
        if self.seeds.mode is None and self._view is None:  # only that one cell was followed
            self._follow_no_longer()

    def checkpoint(self, name: str, file: str | None = None) -> list[str]:
        """Keep the states of all random generators, also in a file if one is named.

        Returns
        -------
        list of str
            What is not in it, as sentences.
        """
        states, notes = self.seeds.save_state()
        if file is not None:
            write_checkpoint(Path(file).expanduser(), states)
        self.checkpoints.keep(name, states)
        return notes

    def restore(self, name: str | None, file: str | None = None) -> list[str]:
        """Go back to a checkpoint by name, or in a file; return what is left out."""
        if file is not None:
            return self.seeds.load_state(read_checkpoint(Path(file).expanduser()))
        return self.seeds.load_state(self.checkpoints.find(name or ""))

    def _follow(self, shell: InteractiveShell) -> Cells:
        """Follow the cells of a shell, unless that is done already."""
        if self._cells is None:
            self._cells = Cells(shell, self._before_cell, self._after_cell)
            self.seeds.follow(self._cells.name_of, self._cells.owns)
        # For its banner, which each front end that connects asks for, IPython draws a tip
        if self._tip is None and getattr(shell, "enable_tip", False):
            self._tip = shell, shell.enable_tip
            shell.enable_tip = False
        return self._cells

    def _follow_no_longer(self) -> None:
        if self._cells is not None:
            self._cells.stop()
            self._cells = None
            self.seeds.follow(lambda _file: None, lambda _file: False)
        if self._tip is not None:
            self._tip[0].enable_tip = self._tip[1]
            self._tip = None

    def off(self) -> list[str]:
        """Undo everything; return what could not be undone, as sentences."""
        self.end_scope()
        self._messages = None
        self._is_watching = False
        self._close_view()
        self._follow_no_longer()
        self.recorded = None
        self.history.clear()
        self.clients.forget()
        self.policy_name = None
        return self.seeds.stop()

    def _before_cell(self, info: Any) -> None:  # noqa: ANN401 - IPython's ExecutionInfo
        self.end_scope()  # an interrupt may have swallowed the end of the cell before
        self.seeds.poll()
        if self.seeds.mode == "cell":
            cell_id = getattr(info, "cell_id", None)
            self.seeds.begin_cell(cell_id or self._keys.next(info.raw_cell or ""))
        with self._defects_logged():
            self.seeds.ledger.begin_cell(self._running_cell(), info.raw_cell or "")

    def _after_cell(self, result: Any) -> None:  # noqa: ANN401 - IPython's ExecutionResult
        """Tell what the cell brought: its stamp, packages and imports, and what was seen."""
        name = None
        client = self._last_client = self.client
        with self._defects_logged():
            self.seeds.ledger.end_cell(self._running_cell())
            rng = self.seeds.ledger.draws.fingerprints()
            name = client.stamps.take(self._running_cell(), result, rng)
        self.end_scope()
        self.seeds.poll()
        if not self._is_watching and self._view is None:
            return
        with self._defects_logged():
            environment = self._environment.changed()
            news = self._findings_changed() | client.results.take_news()
            if environment:
                news = self._look_again(news=news)
            elif news and self.recorded is not None:
                self._tell(self.recorded)
            elif news and self._view is not None:
                self._tell(self.capture())
            if self.recorded is not None:
                stamp = client.stamps.made_in(name, self.recorded) if name is not None else None
                self._send(self.recorded, stamp, news=news)

    def _send(self, snapshot: Snapshot, stamp: CellStamp | None, *, news: bool) -> None:
        """Send what the cell brought to the front end that ran it."""
        if self._messages is None or (stamp is None and not news):
            return
        arrival = self.arrival(snapshot, stamp=stamp)
        if news:
            self._messages.renew(snapshot, arrival)
        else:
            self._messages.send(arrival)

    @staticmethod
    @contextmanager
    def _defects_logged() -> Iterator[None]:
        """Keep a defect of ours out of the user's cell."""
        try:
            yield
        except Exception:  # noqa: BLE001 - whatever it is
            _log.exception("%repro could not take note of this cell")

    def _running_cell(self) -> str | None:
        return self._cells.current if self._cells else None

    def findings(self) -> list[RunFinding]:
        """Return what was seen in this run, fit to be shown and stored, the worst first."""
        is_cell = self._cells.owns if self._cells else _no_cell
        return recorded_form(self.seeds.findings.all(), current_world(), is_cell)

    def cell_labels(self) -> dict[str, str]:
        """Return how a person knows the cells that findings name: ``In [3]``."""
        return self._cells.labels() if self._cells else {}

    def _findings_changed(self) -> bool:
        """Tell whether there is anything else to show than when this was last asked."""
        changes = self.seeds.findings.changes
        if changes == self._finding_changes:
            return False
        self._finding_changes = changes
        # A cell that runs again may have found the same again
        before, self._shown = self._shown, for_document(self.findings())
        return before != self._shown

    def _look_again(self, *, news: bool) -> bool:
        """Capture again; return whether what is displayed of the record changes."""
        if not self._is_watching:
            self._tell(self.capture())
            return False
        before = self.recorded
        self.recorded = self._captured()
        if news or before is None or before.layers != self.recorded.layers:
            self._tell(self.recorded)
            return True
        return False

    def _tell(self, snapshot: Snapshot) -> None:
        with self._defects_logged():
            if self._view is not None:
                self._view.update(snapshot)

    def _close_view(self) -> None:
        view, self._view = self._view, None
        with self._defects_logged():
            if view is not None:
                view.close()

    def _captured(self) -> Snapshot:
        snapshot = self.capture()
        if not self.history or self.history[-1].digest != snapshot.digest:
            self.history.append(snapshot)
        return snapshot


def _stored_reference() -> Snapshot | None:
    document = stored_document()
    return document.reference if document else None


def _no_cell(_file: str) -> bool:
    return False


@cache
def current_session() -> Session:
    """Return the session of this process."""
    return Session()
