"""The panel's widgets, without a front end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest
from comm import get_comm_manager

from jupyter_repro.kernel.session import Session
from jupyter_repro.kernel.widget import Panel
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.factories import make_snapshot, snapshot_with

OTHER = snapshot_with(core={"python": "3.12.1"})


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    session = Session()
    monkeypatch.setattr(session, "capture", lambda: OTHER)
    session.client.reference = make_snapshot()
    yield session
    session.seeds.stop()


@pytest.fixture
def panel(session: Session) -> Iterator[Panel]:
    panel = Panel(session, OTHER)
    yield panel
    panel.close()


def button(panel: Panel, label: str) -> Any:
    (found,) = (
        one for one in panel._all if isinstance(one, ipywidgets.Button) and one.description == label
    )
    return found


def state_of(panel: Panel) -> str:
    """Return what could be saved in a notebook."""
    return "".join(str(widget.get_state()) for widget in panel._all)


def is_shown(widget: Any) -> bool:
    return bool(widget.layout.display != "none")


def test_the_state_holds_no_package_until_somebody_searches(panel: Panel) -> None:
    assert "tqdm" not in state_of(panel)
    panel._search.value = "tqd"
    assert "tqdm" in state_of(panel)
    panel._search.value = ""
    assert "tqdm" not in state_of(panel)


def test_the_state_is_small_for_a_large_environment(session: Session) -> None:
    many = [f"package{number}==1.0 [pip]" for number in range(5_000)]
    large = snapshot_with(packages={"packages": many}, notebook={"used": many})
    session.client.reference = large
    panel = Panel(session, large)
    size = len(state_of(panel))
    panel._search.value = "package"
    searched = len(state_of(panel))
    panel.close()
    assert size < 40_000
    assert searched < 80_000


def test_accepting_asks_first(panel: Panel, session: Session) -> None:
    told: list[Snapshot] = []
    panel.on_accept = lambda: told.append(panel.sides.here)
    accept = button(panel, "Accept as reference…")
    assert is_shown(accept)
    assert not is_shown(panel._confirm)
    accept.click()
    assert is_shown(panel._confirm)
    assert "This replaces the environment recorded on" in panel._question.value
    button(panel, "Cancel").click()
    assert not is_shown(panel._confirm)
    assert session.client.reference == make_snapshot()
    accept.click()
    button(panel, "Replace the reference").click()
    assert session.client.reference == OTHER
    assert told == [OTHER]


def test_an_accepted_panel_shows_it(panel: Panel, session: Session) -> None:
    session.client.reference = OTHER
    panel.update(OTHER)
    assert "Environment matches" in panel._top.value
    assert not is_shown(button(panel, "Accept as reference…"))


def test_checking_looks_again(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Environment differs" in panel._top.value
    monkeypatch.setattr(panel._session, "capture", make_snapshot)
    button(panel, "Check now").click()
    assert "Environment matches" in panel._top.value


def test_a_policy_that_cannot_be_read_is_a_sentence(
    panel: Panel, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.jupyter_repro]\npolicy = "lax"\n')
    monkeypatch.chdir(tmp_path)
    button(panel, "Check now").click()
    assert "Environment differs" in panel._top.value, "by the built-in policy"
    assert "there is no policy &#x27;lax&#x27;" in panel._top.value
    assert "Until then the policy is research." in panel._top.value


def test_nothing_is_sent_when_nothing_changed(panel: Panel) -> None:
    sent: list[object] = []
    for widget in panel._all:
        widget.observe(sent.append)
    panel.update(OTHER)
    assert sent == []


def test_closing_leaves_no_widget(session: Session) -> None:
    """Each widget, layout and style has a channel to the front end."""
    before = set(get_comm_manager().comms)
    panel = Panel(session, OTHER)
    assert set(get_comm_manager().comms) > before
    panel.close()
    assert set(get_comm_manager().comms) == before
