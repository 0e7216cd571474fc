"""What follows the session on a screen: the display of the record, and a view such as the panel."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, Protocol

from jupyter_repro.comparing.results.merge import merge_results
from jupyter_repro.kernel.request import current_request
from jupyter_repro.model.findings import for_document, not_recorded
from jupyter_repro.model.message import Arrival
from jupyter_repro.model.snapshot import SCHEMA_VERSION

if TYPE_CHECKING:
    from jupyter_repro.kernel.session import Session
    from jupyter_repro.model.document import CellStamp
    from jupyter_repro.model.snapshot import Snapshot

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


class Shown:
    """Passes on what has changed; a defect of ours is logged and stays out of the user's cell."""

    def __init__(self) -> None:
        self._messages: Messages | None = None
        self._view: View | None = None

    @property
    def has_view(self) -> bool:
        """A view is on the screen."""
        return self._view is not None

    @property
    def sends(self) -> bool:
        """A front end takes messages."""
        return self._messages is not None

    def send_with(self, messages: Messages | None) -> None:
        """Send messages this way from now on; None sends none."""
        self._messages = messages

    def follow_with(self, view: View) -> None:
        """Keep this view up to date from now on, and close an earlier one."""
        self._close_view()
        self._view = view

    def update(self, snapshot: Snapshot) -> None:
        """Show the present snapshot in the view."""
        with defects_logged():
            if self._view is not None:
                self._view.update(snapshot)

    def renew(self, snapshot: Snapshot, arrival: Arrival) -> None:
        """Renew the display of the record, and send what the cell brings."""
        if self._messages is not None:
            self._messages.renew(snapshot, arrival)

    def send(self, arrival: Arrival) -> None:
        """Send what the cell brings."""
        if self._messages is not None:
            self._messages.send(arrival)

    def close(self) -> None:
        """Send and show nothing any more."""
        self._messages = None
        self._close_view()

    def _close_view(self) -> None:
        view, self._view = self._view, None
        with defects_logged():
            if view is not None:
                view.close()


def arrival_of(
    session: Session,
    snapshot: Snapshot,
    *,
    does: Literal["record", "accept"] | None = None,
    results: Iterable[str] = (),
    stamp: CellStamp | None = None,
) -> Arrival:
    """Return what the cell that is running brings to its notebook, as it is sent now.

    Parameters
    ----------
    results
        Names of results that the cell has recorded.
    """
    client = session.client
    was_sent = client.send(snapshot.digest)
    given = {name: client.results.run[name] for name in results}
    return Arrival(
        schema_version=SCHEMA_VERSION,
        digest=snapshot.digest,
        does=does,
        cell=current_request().cell,
        snapshot=snapshot if does is not None or not was_sent else None,
        policy=session.policy_name,
        findings=[] if does is None else for_document(not_recorded(session.findings())),
        results=merge_results({}, given, snapshot.digest[:12]),
        stamp=stamp,
    )


@contextmanager
def defects_logged() -> Iterator[None]:
    """Keep a defect of ours out of the user's cell."""
    try:
        yield
    except Exception:  # noqa: BLE001 - whatever it is
        _log.exception("%repro could not process this cell")
