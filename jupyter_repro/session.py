"""What one kernel has seeded and recorded, and what happens after each cell.

There is one session a process. It puts the parts together: it seeds, captures, compares with the
reference and publishes; what these do stands in their own modules.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_repro.cell_keys import SourceKeys
from jupyter_repro.cells import Cells
from jupyter_repro.checkpoints import Checkpoints, read_checkpoint, write_checkpoint
from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.seeding import current_controller
from jupyter_repro.world import current_world

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.report import Report
    from jupyter_repro.snapshot import Determinism, PolicyName, Snapshot

_log = logging.getLogger(__name__)


class View(Protocol):
    """Something on the screen that follows the session."""

    def update(self, snapshot: Snapshot) -> None:
        """Show the present snapshot, and how it compares with the reference."""

    def close(self) -> None:
        """Take it from the screen."""


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
        end may ask late.
    reference : Snapshot or None
        What to compare with: given by the front end or the runner, read from the notebook's
        file, else the first snapshot of this process.
    policy_name : str or None
        As the user chose it with ``policy=…``.
    attached : bool
        A front end that writes the notebook's metadata has asked this kernel.
    kernel_name : str or None
        Name of the kernel specification, where somebody tells.
    headless : bool
        The runner executes the notebook: nobody is there to look at something interactive.
    checkpoints : Checkpoints
        States of the random generators that the user has kept.
    cell_id : str or None
        The cell that ran ``%repro seed=…``, where the front end tells.
    """

    def __init__(self) -> None:
        self.seeds = current_controller()
        self.recorded: Snapshot | None = None
        self.history: list[Snapshot] = []
        self.reference: Snapshot | None = None
        self.policy_name: PolicyName | None = None
        self.attached = False
        self.headless = False
        self.kernel_name: str | None = None
        self.cell_id: str | None = None
        self._accepted = False
        self.checkpoints = Checkpoints()
        self._cells: Cells | None = None
        self._keys = SourceKeys()
        self._tip: tuple[InteractiveShell, bool] | None = None
        self._renew: Callable[[Snapshot], None] | None = None
        self._view: View | None = None
        self._names = frozenset[str]()
        self._module_count = 0
        self._stamp: tuple[tuple[str, int], ...] = ()

    def begin(self, *, seed: int | None, determinism: Determinism, reference: str | None) -> None:
        """Take over what the runner knows before the first cell runs."""
        self.headless = True
        if reference is not None:
            from jupyter_repro.migrations import decode_snapshot

            self.reference = decode_snapshot(reference.encode())
        if seed is not None:
            self.seeds.start(seed, determinism)
            from IPython.core.getipython import get_ipython

            shell = get_ipython()
            if shell is not None:
                self._follow(shell)

    def capture(self) -> Snapshot:
        """Return the present snapshot of this process."""
        from jupyter_repro.capturing import capture

        return capture(current_world(kernel_name=self.kernel_name, seeding=self.seeds.state()))

    def record(self) -> Snapshot:
        """Capture, keep the snapshot as the newest, and find the reference if there is none."""
        self.history.clear()  # another notebook on this kernel may have seeded before
        self.recorded = self._captured()
        if self.reference is None:
            self.reference = self._reference_on_disk() or self.recorded
        self._remember_environment()
        self._tell(self.recorded)
        return self.recorded

    def find_reference(self) -> Snapshot | None:
        """Return what to compare with, or None where nothing has been recorded."""
        return self.reference or self._reference_on_disk()

    def check(
        self,
        current: Snapshot,
        *,
        policy: PolicyName | None = None,
        recorded_policy: str | None = None,
    ) -> Report:
        """Compare a snapshot with the reference.

        Parameters
        ----------
        current
            What this process runs in.
        policy
            By default the one that the user chose in this session.
        recorded_policy
            What the notebook has recorded; the project's own goes before it.

        Raises
        ------
        ReproError
            If nothing has been recorded.
        """
        from jupyter_repro.comparison.compare import compare
        from jupyter_repro.comparison.policy import load_policy

        reference = self.find_reference()
        if reference is None:
            reason = (
                "Nothing is recorded yet to compare with. "
                "Put %repro seed=42 into the first cell and run it."
            )
            raise ReproError(reason)
        chosen = load_policy(policy or self.policy_name, current_world().cwd, recorded_policy)
        return compare(reference, current, chosen)

    def accept(self) -> Snapshot:
        """Make the present snapshot the reference and return it."""
        self.history.clear()  # what was before is settled
        self.recorded = self.reference = self._captured()
        self._accepted = True
        self._tell(self.recorded)
        return self.recorded

    def take_acceptance(self) -> bool:
        """Return whether the user has accepted since this was last asked."""
        accepted, self._accepted = self._accepted, False
        return accepted

    def watch(self, shell: InteractiveShell, renew: Callable[[Snapshot], None]) -> None:
        """Look after each cell whether the environment or the imports changed.

        Parameters
        ----------
        renew
            Called with the new snapshot when they did.
        """
        self._renew = renew
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
            self._remember_environment()
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
            self.seeds.entropy.cell_of = self._cells.name_of
        # For its banner, which each front end that connects asks for, IPython draws a tip
        if self._tip is None and getattr(shell, "enable_tip", False):
            self._tip = shell, shell.enable_tip
            shell.enable_tip = False
        return self._cells

    def _follow_no_longer(self) -> None:
        if self._cells is not None:
            self._cells.stop()
            self._cells = None
            self.seeds.entropy.cell_of = lambda _file: None
        if self._tip is not None:
            self._tip[0].enable_tip = self._tip[1]
            self._tip = None

    def off(self) -> list[str]:
        """Undo everything; return what could not be undone, as sentences."""
        self.end_scope()
        self._renew = None
        self._close_view()
        self._follow_no_longer()
        self.recorded = self.reference = None
        self.history.clear()
        self.policy_name = None
        return self.seeds.stop()

    def _before_cell(self, info: Any) -> None:  # noqa: ANN401 - IPython's ExecutionInfo
        self.end_scope()  # an interrupt may have swallowed the end of the cell before
        self.seeds.poll()
        if self.seeds.mode == "cell":
            cell_id = getattr(info, "cell_id", None)
            self.seeds.begin_cell(cell_id or self._keys.next(info.raw_cell or ""))

    def _after_cell(self) -> None:
        """Publish again when packages were installed or new ones imported in this cell."""
        self.end_scope()
        self.seeds.poll()
        if (self._renew is None and self._view is None) or not self._environment_changed():
            return
        try:
            self._look_again()
        except Exception:  # noqa: BLE001 - a defect of ours must not show up in the user's cell
            _log.exception("the snapshot could not be renewed after this cell")

    def _look_again(self) -> None:
        if self._renew is None:
            self._tell(self.capture())
            return
        before = self.recorded
        self.recorded = self._captured()
        if before is None or before.layers != self.recorded.layers:
            self._renew(self.recorded)
            self._tell(self.recorded)

    def _tell(self, snapshot: Snapshot) -> None:
        if self._view is None:
            return
        try:
            self._view.update(snapshot)
        except Exception:  # noqa: BLE001 - nor must a defect of the view
            _log.exception("the panel could not be renewed")

    def _close_view(self) -> None:
        view, self._view = self._view, None
        try:
            if view is not None:
                view.close()
        except Exception:  # noqa: BLE001 - what else is to be undone has to be
            _log.exception("the panel could not be closed")

    def _captured(self) -> Snapshot:
        snapshot = self.capture()
        if not self.history or self.history[-1].digest != snapshot.digest:
            self.history.append(snapshot)
        return snapshot

    def _environment_changed(self) -> bool:
        names, stamp = self._names, self._stamp
        self._remember_environment()
        return self._stamp != stamp or self._names != names

    def _remember_environment(self) -> None:
        """Note the top-level modules and the times of the folders that packages lie in."""
        # Most cells import nothing new: do not walk a thousand names to see that
        if len(sys.modules) != self._module_count:
            self._module_count = len(sys.modules)
            self._names = frozenset(name.partition(".")[0] for name in tuple(sys.modules))
        folders = (*sys.path, os.path.join(sys.prefix, "conda-meta"))  # noqa: PTH118 - each cell
        self._stamp = tuple(
            (folder, changed) for folder in folders if folder and (changed := _changed(folder))
        )

    def _reference_on_disk(self) -> Snapshot | None:
        """Return what the notebook's file has recorded, where the file is known.

        It is only read: writing it would fight with the front end that has it open.
        """
        path = notebook_path()
        if path is None:
            return None
        from jupyter_repro.lift import read_document

        try:
            document = read_document(path)
        except UnreadableError as error:
            _log.info("no reference from the notebook's file: %s", error)
            return None
        return document.reference if document else None


def notebook_path() -> Path | None:
    """Return the notebook that this kernel was started for, as far as that can be known.

    Jupyter Server gives it at the start of the kernel, so it may have been renamed since
    (https://github.com/jupyter-server/jupyter_server/pull/1143).
    """
    name = os.environ.get("JPY_SESSION_NAME", "")
    path = Path(name)
    return path if name.endswith(".ipynb") and path.is_file() else None


def _changed(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 - runs after each cell
    except OSError:
        return 0


@cache
def current_session() -> Session:
    """Return the session of this process."""
    return Session()
