"""What a kernel knows of each notebook that uses it.

A notebook is told by the connection that its front end uses: two notebooks on one kernel have one
each, and so has the same notebook in another tab or after its page was loaded again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from jupyter_repro.cell_stamps import CellStamps
from jupyter_repro.results.expectations import Expectations
from jupyter_repro.snapshot import Snapshot

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

    def forget(self) -> None:
        """Forget what was recorded; who is attached stays so."""
        for client, known in self._all.items():
            self._all[client] = Client(is_attached=known.is_attached)
