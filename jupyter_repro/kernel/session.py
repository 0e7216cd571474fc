"""What one kernel has seeded and recorded.

There is one session a process. It knows; `follow` looks after each cell what has changed, and
`shown` passes it on to the screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from jupyter_repro.errors import ReproError
from jupyter_repro.kernel.clients import Client, Clients
from jupyter_repro.kernel.follow import Follower
from jupyter_repro.kernel.own_file import stored_document
from jupyter_repro.kernel.request import current_request
from jupyter_repro.kernel.shown import Shown
from jupyter_repro.kernel.streams import Streams
from jupyter_repro.model.options import SEEDING
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import current_world
from jupyter_repro.seeding.checkpoints import Checkpoints
from jupyter_repro.seeding.controller import current_controller
from jupyter_repro.seeding.options import SeedOptions, parse_options
from jupyter_repro.seeding.watch.stored import recorded_form

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts
    from jupyter_repro.comparing.environments.policy import Policy
    from jupyter_repro.model.findings import RunFinding
    from jupyter_repro.model.options import PolicyName
    from jupyter_repro.model.report import Report
    from jupyter_repro.model.results import Results
    from jupyter_repro.model.snapshot import Snapshot

_SEEDING = {option.name for option in SEEDING}
_NOTHING_RECORDED = (
    "Nothing is recorded yet to compare with. Put %repro seed=42 into the first cell and run it."
)


class Session:
    """The state of `%repro` in this process.

    Its attributes are for reading; the methods change them.

    Attributes
    ----------
    seeds : SeedController
        What is seeded, and how to undo it.
    follower : Follower
        Follows the cells.
    shown : Shown
        Passes on what has changed.
    checkpoints : Checkpoints
        States of the random generators that the user has saved.
    clients : Clients
        What is known of each notebook that uses this kernel.
    recorded : Snapshot or None
        The newest snapshot that was published.
    history : list of Snapshot
        Every environment that was published since the last ``%repro seed=…``, in order: a front
        end of version 0.1.0 asks late.
    policy_name : str or None
        As the user chose it with ``policy=…``.
    accepted : bool
        The user has accepted, and no front end has written it yet.
    headless : bool
        The runner executes the notebook: nobody can look at something interactive.
    """

    def __init__(self) -> None:
        self.seeds = current_controller()
        self.shown = Shown()
        self.follower = Follower(self)
        self.checkpoints = Checkpoints()
        self.clients = Clients()
        self.recorded: Snapshot | None = None
        self.history: list[Snapshot] = []
        self.policy_name: PolicyName | None = None
        self.headless = False
        self._kernel_name: str | None = None
        self._forced: Mapping[str, str] = {}
        self._seeded_from_outside = False
        self._streams: Streams | None = None
        self.accepted = False

    def begin(
        self,
        *,
        seed: SeedOptions | None,
        forced: Mapping[str, str],
        reference: Snapshot | None,
        results: Results,
        kernel_name: str | None,
    ) -> None:
        """Take over what the runner knows before the first cell runs.

        Parameters
        ----------
        seed
            Seed with these; None leaves it to the notebook.
        forced
            Options of ``%repro seed=…`` that the runner does not leave to the notebook.
        reference
            The recorded snapshot.
        results
            The recorded results.
        kernel_name
            Name of the kernel specification.
        """
        self.headless = True
        self._kernel_name, self._forced = kernel_name, forced
        if reference is not None:
            self.client.learn_reference(reference)
        self.client.learn_results(results)
        from IPython.core.getipython import get_ipython

        shell = get_ipython()
        if shell is not None and self._streams is None:
            self._streams = Streams(shell)
        if seed is not None:
            self.seeds.start(seed)
            self._seeded_from_outside = True
            if shell is not None:
                self.follower.start(shell)

    def seed(self, given: Mapping[str, str]) -> None:
        """Seed as ``%repro seed=…`` says; what the runner forces wins.

        Parameters
        ----------
        given
            Name of an option → its text; those that are not about seeding are left alone.

        Raises
        ------
        UsageError
            If one of them is not valid; then nothing has changed.
        """
        texts = {**given, **self._forced}
        options = parse_options(**{key: texts[key] for key in _SEEDING & texts.keys()})
        self._seeded_from_outside = False
        self.seeds.start(options)

    def choose_policy(self, name: PolicyName) -> None:
        """Compare by this policy from now on."""
        self.policy_name = name

    @property
    def client(self) -> Client:
        """The notebook whose cell or question the kernel is working on."""
        return self.clients.get(current_request().client)

    def capture(self) -> Snapshot:
        """Return the present snapshot of this process."""
        from jupyter_repro.capturing.capture import capture

        seeding = self.seeds.state()
        if seeding is not None and self._seeded_from_outside:
            seeding = replace(seeding, from_outside=True)
        return capture(current_world(kernel_name=self._kernel_name, seeding=seeding))

    def record(self) -> Snapshot:
        """Capture, keep the snapshot as the newest, and find the reference if there is none."""
        self.history.clear()  # a different notebook on this kernel may have seeded before
        client = self.client
        client.forget_results()
        snapshot = self.renew()
        client.compare_with(self.find_reference() or snapshot)
        self.follower.remember()
        self.shown.update(snapshot)
        return snapshot

    def renew(self) -> Snapshot:
        """Capture, and keep the snapshot as the newest."""
        self.recorded = snapshot = self.capture()
        if not self.history or self.history[-1].digest != snapshot.digest:
            self.history.append(snapshot)
        return snapshot

    def accept(self) -> Snapshot:
        """Make the present snapshot the reference and return it."""
        self.history.clear()  # what was before is settled
        snapshot = self.renew()
        self.client.accept(snapshot)
        self.accepted = True
        self.shown.update(snapshot)
        return snapshot

    def settle_acceptance(self) -> None:
        """Note that a front end writes what the user has accepted."""
        self.accepted = False

    def find_reference(self) -> Snapshot | None:
        """Return what to compare with, or None where nothing has been recorded.

        The front end or the runner has sent it; else the notebook's file may hold it; else it is
        the first snapshot that this notebook took here.
        """
        client = self.client
        if client.reference is not None or client.is_known:
            return client.reference
        document = stored_document()
        return document.reference if document else None

    def check(self, current: Snapshot, policy: Policy | None = None) -> Report:
        """Compare a snapshot with the reference.

        Parameters
        ----------
        current
            The environment of this process.
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
            raise ReproError(_NOTHING_RECORDED)
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
        """Return a policy in any case, and notes: those on the seeds, and on the policy.

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

    def verdicts(self, report: Report) -> Verdicts:
        """Return the verdict on the environment and on the named results of this kernel."""
        from jupyter_repro.comparing.environments.overall import Verdicts, judge_overall

        self.find_results()
        policy, _ = self.policy_to_show()
        judged = self.client.results.judged(policy.tolerance)
        return Verdicts(report, judge_overall(report, judged), judged)

    def find_results(self) -> None:
        """Read once from the notebook's file what to expect, where no front end has sent it."""
        client = self.client
        if client.has_to_look():
            document = stored_document()
            client.learn_results(document.results if document else {})

    def findings(self) -> list[RunFinding]:
        """Return what was seen in this run, fit to be shown and stored, the worst first."""
        return recorded_form(self.seeds.findings.all(), current_world(), self.follower.is_cell)

    def off(self) -> list[str]:
        """Undo everything; return what could not be undone, as sentences."""
        self.follower.end_scope()
        self.shown.close()
        self.follower.stop()
        self.recorded = None
        self.history.clear()
        self.clients.forget()
        self.policy_name = None
        return self.seeds.stop()


@cache
def current_session() -> Session:
    """Return the session of this process."""
    return Session()
