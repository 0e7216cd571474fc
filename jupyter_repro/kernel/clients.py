"""What a kernel knows of each notebook that uses it.

A notebook is told by the connection that its front end uses: two notebooks on one kernel have one
each, and so has the same notebook in another tab or after its page was loaded again.

So two notebooks on one kernel share the seed and the environment, and nothing else. The reference,
the named results, the stamps and the place where the record is displayed are kept for each
connection.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from jupyter_repro.comparing.results.expectations import Expectations
from jupyter_repro.kernel.cell_stamps import CellStamps
from jupyter_repro.model.results import RunResult
from jupyter_repro.model.snapshot import Snapshot

_MAX_CLIENTS = 100


@dataclass
class Client:
    """One notebook, as far as this kernel knows it.

    Parameters
    ----------
    is_known
        Its front end, or the runner, has said what the notebook has recorded.
    is_attached
        Its front end writes the notebook's metadata, so that outputs need not hold the snapshot.
    reference
        What to compare with.
    display_id
        Where its record is shown.
    has_looked
        The notebook's file was read for its results, since nobody told.
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
            another connection than the one that ran them.
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
        """Forget what was recorded; who is attached stays so."""
        for client, known in self._all.items():
            self._all[client] = Client(is_attached=known.is_attached)
