"""The session: who may change it, and what it takes from the runner."""

from __future__ import annotations

import ast
import base64
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from jupyter_repro.kernel import publish, remote
from jupyter_repro.kernel.session import Session
from jupyter_repro.model.document import Document
from jupyter_repro.model.message import announce, pack, strip
from jupyter_repro.model.results import Part, Result
from jupyter_repro.seeding.options import SeedOptions
from tests.unit.support.factories import make_snapshot, snapshot_with
from tests.unit.test_imports import PACKAGE

OTHER = snapshot_with(core={"python": "3.12.1"})
OWNERS = ("session", "client", "seeds", "follower", "shown")


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    session = Session()
    monkeypatch.setattr(session, "capture", lambda: OTHER)
    yield session
    session.off()


def attributes_set_from_outside() -> Iterator[str]:
    for path in sorted((PACKAGE / "kernel").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets += [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []
            for target in targets:
                owner = target.value if isinstance(target, ast.Attribute) else None
                if owner and ast.unparse(owner).rpartition(".")[2].lstrip("_") in OWNERS:
                    yield f"{path.name}:{target.lineno} {ast.unparse(target)}"


def test_no_attribute_is_set_from_outside() -> None:
    assert list(attributes_set_from_outside()) == []


def test_the_runner_tells_all_at_once(session: Session) -> None:
    session.begin(
        seed=SeedOptions(7, "off"),
        forced={"seed": "8"},
        reference=make_snapshot(),
        results={},
        kernel_name="python3",
    )
    assert session.headless
    assert session.find_reference() == make_snapshot()
    assert session.seeds.options == SeedOptions(7, "off")
    session.seed({"seed": "42", "determinism": "off", "policy": "research"})
    assert session.seeds.options == SeedOptions(8, "off")  # what is forced wins


def test_accepting_waits_until_a_front_end_writes_it(session: Session) -> None:
    session.client.compare_with(make_snapshot())
    session.accept()
    assert session.find_reference() == OTHER
    assert session.accepted
    session.settle_acceptance()
    assert not session.accepted


def test_the_results_of_the_file_are_looked_for_once(session: Session) -> None:
    assert session.client.has_to_look()
    assert not session.client.has_to_look()
    session.client.forget_results()
    assert session.client.has_to_look()
    session.client.forget_results()
    session.client.learn(None)
    assert not session.client.has_to_look()


@pytest.mark.parametrize("accept", [False, True])
def test_a_short_message_is_what_is_left_of_a_whole_one(*, accept: bool) -> None:
    whole = pack(OTHER, accept=accept, policy="research")
    strip(whole)
    assert announce(OTHER, accept=accept, policy="research") == whole


def test_nothing_is_packed_for_a_front_end_that_asks(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed: list[int] = []

    def count(data: Any) -> bytes:
        packed.append(1)
        return base64.encodebytes(data)

    monkeypatch.setattr(base64, "b64encode", count)
    session.client.compare_with(OTHER)
    assert "snapshot" in publish._message(session, OTHER, accept=False)
    assert len(packed) == 1
    session.client.attach()
    assert "snapshot" not in publish._message(session, OTHER, accept=False)
    assert len(packed) == 1


def ask(monkeypatch: pytest.MonkeyPatch, session: Session, **results: Result) -> dict[str, Any]:
    monkeypatch.setattr(remote, "current_session", lambda: session)
    document = Document(schema_version=1, reference=make_snapshot(), results=results)
    request = msgspec.json.encode({"document": msgspec.to_builtins(document), "wrote": False})
    answer = remote.check(request.decode()).content
    assert isinstance(answer, dict)
    return answer


def test_an_odd_result_leaves_the_panel_its_answer(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Result(parts=[Part(type="float64[]", values=[])])
    answer = ask(monkeypatch, session, odd=odd, good=Result(parts=[Part(type="int", value="1")]))
    assert {one["name"] for one in answer["results"]} == {"odd", "good"}
    assert answer["report"]["findings"]


@pytest.mark.parametrize("broken", ["judge_run", "check"])
def test_what_of_an_answer_can_be_given_is_given(
    broken: str, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    place: object = remote if broken == "judge_run" else session
    monkeypatch.setattr(place, broken, fail)
    answer = ask(monkeypatch, session, good=Result(parts=[Part(type="int", value="1")]))
    assert answer["facts"]
    if broken == "check":
        assert answer["problem"] == "The record cannot be compared (ValueError)."
    else:
        assert answer["report"]["findings"]
        assert "The recorded results cannot be compared (ValueError)." in answer["notes"]
