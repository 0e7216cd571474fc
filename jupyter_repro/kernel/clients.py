"""What a kernel knows of each notebook that uses it.

A notebook is known by the connection of its front end. Two notebooks on one kernel have one each,
and so has the same notebook in a second tab or after its page was loaded again.

So two notebooks on one kernel share the seed and the environment, and nothing else. The reference,
the named results, the stamps and the place where the record is displayed are kept for each
connection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from jupyter_repro.comparing.results.expectations import Expectations
from jupyter_repro.kernel.cell_stamps import CellStamps
from jupyter_repro.model.document import Document
from jupyter_repro.model.results import Results, RunResult
from jupyter_repro.model.snapshot import Snapshot

_MAX_CLIENTS = 100


@dataclass
class Client:
    """One notebook, as far as this kernel knows it.

    Parameters
    ----------
    is_known
        Its front end, or the runner, has sent what the notebook has recorded.
    is_attached
        Its front end writes the notebook's metadata, so that outputs need not hold the snapshot.
    reference
        What to compare with.
    display_id
        Where its record is shown.
    has_looked
        The notebook's file was read for its results, which no front end has sent.
    sent
        Digest of the environment that its front end was sent last.
    stamps
        What the metadata of its cells should hold.
    results
        Its named results.
    """

    is_known: bool = False
    is_attached: bool = False
    reference: Snapshot | None = None
    display_id: str | None = None
    has_looked: bool = False
    sent: str | None = None
    stamps: CellStamps = field(default_factory=CellStamps)
    results: Expectations = field(default_factory=Expectations)

    def attach(self) -> None:
        """Note that the front end writes the notebook's metadata."""
        self.is_attached = True

    def learn(self, document: Document | None) -> None:
        """Compare with what the notebook has recorded, as its front end has sent it."""
        self.is_known = True
        if document is not None:
            self.reference = document.reference
            self.learn_results(document.results)
        elif self.display_id is None:
            self.reference = None

    def learn_reference(self, reference: Snapshot) -> None:
        """Compare with what the notebook has recorded, as the runner has sent it."""
        self.is_known = True
        self.reference = reference

    def learn_results(self, results: Results) -> None:
        """Expect these results."""
        self.results.reference = dict(results)

    def compare_with(self, reference: Snapshot) -> None:
        """Compare with a snapshot from now on."""
        self.reference = reference

    def accept(self, snapshot: Snapshot) -> None:
        """Make a snapshot, and the results of this run, the reference."""
        self.reference = snapshot
        self.results.accept(snapshot.digest[:12])

    def forget_results(self) -> None:
        """Begin a run: no result has been given yet."""
        self.results.clear()
        self.has_looked = False

    def has_to_look(self) -> bool:
        """Tell, once, whether only the notebook's file may show which results to expect."""
        unknown = not (self.results.reference or self.is_known or self.has_looked)
        self.has_looked = self.has_looked or unknown
        return unknown

    def show_at(self, display_id: str) -> None:
        """Note where the record is displayed."""
        self.display_id = display_id

    def send(self, digest: str) -> bool:
        """Note which environment the front end is sent; tell whether it was the last one, too."""
        was_sent, self.sent = self.sent == digest, digest
        return was_sent


class Clients:
    """All of them by the id of their connection; the one unused for longest goes first."""

    def __init__(self) -> None:
        self._all: dict[str, Client] = {}

    def get(self, client: str) -> Client:
        """Return what is known of a connection, which may be nothing yet."""
        found = self._all.pop(client, None) or Client()
        self._all[client] = found  # the newest stands last
        if len(self._all) > _MAX_CLIENTS:
            del self._all[next(iter(self._all))]
        return found

    def results_of(self, cells: Collection[str] | None, client: Client) -> Mapping[str, RunResult]:
        """Return what cells of a notebook gave in this kernel.

        Parameters
        ----------
        cells
            Ids; None is all of those that the client ran. A page that was loaded again asks by
            a different connection than the one that ran them.
        """
        if cells is None:
            return client.results.run
        found = {
            name: one
            for other in self._all.values()
            for name, one in other.results.run.items()
            if one.cell in cells
        }
        return {**found, **client.results.of_cells(cells)}

    def forget(self) -> None:
        """Forget what was recorded; front ends that are attached stay attached."""
        for client, known in self._all.items():
            self._all[client] = Client(is_attached=known.is_attached)
