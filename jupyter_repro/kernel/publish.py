"""Show a snapshot, and send it on its way into the notebook (see `model.message`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jupyter_repro.comparing.results.judge import render_judged
from jupyter_repro.kernel.request import current_request
from jupyter_repro.kernel.shown import arrival_of
from jupyter_repro.model.findings import for_document, not_recorded
from jupyter_repro.model.message import MIME_TYPE, TRANSIENT_KEY, Arrival, announce, pack
from jupyter_repro.show.card import full_block, render_card, short_block
from jupyter_repro.show.findings_text import render_findings, render_short
from jupyter_repro.show.report_text import render_verdicts
from jupyter_repro.show.text import render_stack

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jupyter_repro.comparing.environments.overall import Verdicts
    from jupyter_repro.kernel.session import Session
    from jupyter_repro.model.snapshot import Snapshot
    from jupyter_repro.show.panel import Sides

_DISPLAY_ID = "jupyter-repro"

# Of no display: only its `transient` part is of use
_NOWHERE = f"{_DISPLAY_ID}-arrival"

_VIEW_MIME_TYPE = "application/vnd.jupyter.widget-view+json"


def publish_snapshot(shell: InteractiveShell, session: Session, snapshot: Snapshot) -> None:
    """Display a newly recorded snapshot."""
    display_id = f"{_DISPLAY_ID}-{current_request().message}"
    session.client.show_at(display_id)
    arrival = arrival_of(session, snapshot, does="record")
    _publish(shell, session, snapshot, arrival, display_id)


class Messages:
    """What a session sends while cells run.

    A front end displays the record where one of its own cells recorded it. A second notebook on
    this kernel does not show that display, and its cells must not change it.
    """

    def __init__(self, shell: InteractiveShell, session: Session) -> None:
        self._shell = shell
        self._session = session

    def renew(self, snapshot: Snapshot, arrival: Arrival) -> None:
        """Renew the display where it stands. A terminal would print it again: it gets nothing."""
        display_id = self._session.client.display_id
        if display_id is None:
            self.send(arrival)
        elif getattr(self._shell, "kernel", None) is not None:
            _publish(self._shell, self._session, snapshot, arrival, display_id, update=True)

    def send(self, arrival: Arrival) -> None:
        """Send what a cell brings. The runner and a terminal have no use for it."""
        if self._session.headless or getattr(self._shell, "kernel", None) is None:
            return
        transient = {"display_id": _NOWHERE, TRANSIENT_KEY: msgspec.to_builtins(arrival)}
        self._shell.display_pub.publish(data={}, metadata={}, transient=transient, update=True)


def publish_acceptance(shell: InteractiveShell, session: Session, snapshot: Snapshot) -> None:
    """Display a snapshot that is to become the reference.

    It stands apart from the other display: an update of that one must not take it back.
    """
    display_id = f"{_DISPLAY_ID}-{current_request().message}-accepted"
    _publish(shell, session, snapshot, arrival_of(session, snapshot, does="accept"), display_id)


def publish_panel(
    shell: InteractiveShell,
    session: Session,
    sides: Sides,
    model_id: str,
    *,
    accept: bool = False,
) -> None:
    """Display a panel, and where widgets are not shown the card.

    Parameters
    ----------
    sides
        What the panel shows.
    model_id
        Of the widget.
    accept
        The user accepted in the panel: its display takes the message into the notebook, since
        what a click displays has no cell to stand in.
    """
    view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
    card = _render(session, sides.here, sides.verdicts)
    data: dict[str, object] = {**card, _VIEW_MIME_TYPE: view}
    transient: dict[str, object] = {"display_id": f"{_DISPLAY_ID}-panel-{model_id}"}
    if accept:
        data[MIME_TYPE] = _message(session, sides.here, accept=True)
        transient[TRANSIENT_KEY] = msgspec.to_builtins(
            arrival_of(session, sides.here, does="accept")
        )
    shell.display_pub.publish(data=data, metadata={}, transient=transient, update=accept)


def publish_status(shell: InteractiveShell, session: Session, snapshot: Snapshot) -> None:
    """Display what holds now, without recording it."""
    data = _render(session, snapshot, _verdicts(session, snapshot))
    data["text/plain"] = "\n".join([str(data["text/plain"]), *session.seeds.remarks()])
    shell.display_pub.publish(data=data, metadata={})


def publish_report(
    shell: InteractiveShell, session: Session, snapshot: Snapshot, verdicts: Verdicts
) -> None:
    """Display a comparison, with every finding."""
    data = _render(session, snapshot, verdicts)
    data["text/plain"] = render_verdicts(verdicts)
    shell.display_pub.publish(data=data, metadata={})


def publish_findings(shell: InteractiveShell, session: Session) -> None:
    """Display all findings of this run."""
    findings, labels = session.findings(), session.follower.labels()
    omitted = session.seeds.findings.omitted
    text = render_findings(findings, labels, omitted=omitted)
    html = full_block(findings, labels, omitted=omitted)
    shell.display_pub.publish(data={"text/plain": text, "text/html": html}, metadata={})


def _publish(  # noqa: PLR0913 - one message, written down once
    shell: InteractiveShell,
    session: Session,
    snapshot: Snapshot,
    arrival: Arrival,
    display_id: str,
    *,
    update: bool = False,
) -> None:
    verdicts = _verdicts(session, snapshot)
    if verdicts is not None and verdicts.is_all_well:
        verdicts = None  # the words of the first run, so that a re-run leaves the file as it is
    message = _message(session, snapshot, accept=arrival.does == "accept")
    data = {**_render(session, snapshot, verdicts), MIME_TYPE: message}
    transient: dict[str, object] = {"display_id": display_id}
    if not session.headless:  # the runner reads the outputs
        transient[TRANSIENT_KEY] = msgspec.to_builtins(arrival)
    shell.display_pub.publish(data=data, metadata={}, transient=transient, update=update)


def _message(session: Session, snapshot: Snapshot, *, accept: bool) -> dict[str, object]:
    client = session.client
    if client.is_attached:  # the front end asks for the rest and writes it into the metadata
        return announce(snapshot, accept=accept, policy=session.policy_name)
    return pack(
        snapshot,
        accept=accept,
        policy=session.policy_name,
        findings=None if accept else for_document(not_recorded(session.findings())),
        results=client.results.run,
        stamps=None if accept else client.stamps.by_number(),
    )


def _render(session: Session, snapshot: Snapshot, verdicts: Verdicts | None) -> dict[str, object]:
    _, notes = session.policy_to_show()
    findings, labels = session.findings(), session.follower.labels()
    text = [headline(snapshot), *(f"! {note}" for note in notes)]
    text += render_short(findings, labels)
    if verdicts is not None:
        text.append(verdicts.overall.summary)
        text += render_judged(verdicts.judged).splitlines()
    elif snapshot.layers.determinism.seed is not None:
        text.append("Recorded: the environment that this notebook's results belong to.")
    return {
        "text/plain": "\n".join([*text, "", render_stack(snapshot)]),
        "text/html": render_card(snapshot, verdicts, notes, short_block(findings, labels)),
    }


def _verdicts(session: Session, snapshot: Snapshot) -> Verdicts | None:
    if not session.client.reference:
        return None
    policy, _ = session.policy_to_show()  # `_render` says why, if it is not the chosen one
    return session.verdicts(session.check(snapshot, policy))


def headline(snapshot: Snapshot) -> str:
    """Return one line on what is seeded."""
    state = snapshot.layers.determinism
    if state.seed is None:
        return "Nothing is seeded: %repro seed=42 seeds and records."
    parts = [f"Seed {state.seed}", f"determinism {state.determinism}"]
    if state.seeded:
        parts.append(f"seeded: {', '.join(state.seeded)}")
    if state.waiting:
        parts.append(f"when imported: {', '.join(state.waiting)}")
    return " · ".join(parts)
