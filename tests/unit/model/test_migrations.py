"""Older documents are brought forward, newer ones refused, and nonsense is told in a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import UnreadableError
from jupyter_repro.model import migrations
from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.document import Document
from jupyter_repro.model.migrations import STEPS, Step, decode_document, decode_snapshot, migrate
from jupyter_repro.model.snapshot import SCHEMA_VERSION

SAMPLES = Path(__file__).parents[2] / "fixtures" / "snapshots"


def sample(name: str = "conda_gpu") -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_bytes())
    return plain


def document() -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "reference": sample("conda_gpu"),
        "latest": sample("pip_cpu"),
        "policy": "production",
    }


def test_there_is_a_step_from_every_older_version() -> None:
    assert sorted(STEPS) == list(range(1, SCHEMA_VERSION))


@pytest.mark.parametrize("make", [dict, json.dumps, lambda plain: json.dumps(plain).encode()])
def test_a_document_of_this_version(make: Any) -> None:
    found = decode_document(make(document()))
    assert isinstance(found, Document)
    assert msgspec.to_builtins(found) == document()
    assert found.latest is not None
    assert found.latest.layers.core.python == "3.12.7"


def rename(plain: dict[str, Any]) -> dict[str, Any]:
    plain["tool"] = plain.pop("program")
    return plain


def add_policy(plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain, "policy": plain["strictness"].lower()}


def upgrade(plain: dict[str, Any]) -> dict[str, Any]:
    plain["trace"] = [*plain.get("trace", []), plain["schema_version"]]
    return plain


FAKE = {1: Step(snapshot=rename, document=add_policy), 2: Step(upgrade, upgrade)}


def test_steps_run_in_order_and_once_each() -> None:
    old = {"schema_version": 1, "program": "x", "layers": {}}
    assert migrate(old, steps=FAKE, version=3) == {
        "schema_version": 3,
        "tool": "x",
        "layers": {},
        "trace": [2],
    }
    assert old == {"schema_version": 1, "program": "x", "layers": {}}
    assert migrate({"schema_version": 3, "layers": {}}, steps=FAKE, version=3)["layers"] == {}


def test_each_snapshot_of_a_document_has_a_version_of_its_own() -> None:
    old = {
        "schema_version": 1,
        "strictness": "PRODUCTION",
        "reference": {"schema_version": 1, "program": "a"},
        "latest": {"schema_version": 2, "tool": "b"},
    }
    assert migrate(old, steps=FAKE, version=3) == {
        "schema_version": 3,
        "strictness": "PRODUCTION",
        "policy": "production",
        "trace": [2],
        "reference": {"schema_version": 3, "tool": "a", "trace": [2]},
        "latest": {"schema_version": 3, "tool": "b", "trace": [2]},
    }


@pytest.mark.parametrize("strictness", [None, 3, [], {}])
def test_what_a_step_does_not_expect_is_told(strictness: object) -> None:
    old = {"schema_version": 1, "strictness": strictness, "reference": None}
    with pytest.raises(UnreadableError, match="no valid document of schema version 1"):
        migrate(old, steps=FAKE, version=3)
    with pytest.raises(UnreadableError, match="no valid document of schema version 1"):
        migrate({"schema_version": 1}, steps=FAKE, version=3)


@pytest.mark.parametrize("part", ["document", "reference", "latest"])
def test_a_newer_document_is_refused_with_what_to_do(part: str) -> None:
    plain = document()
    (plain if part == "document" else plain[part])["schema_version"] = SCHEMA_VERSION + 1
    with pytest.raises(UnreadableError, match="pip install --upgrade jupyter_repro"):
        decode_document(plain)


@pytest.mark.parametrize("version", [None, "1", 1.0, True, 0, -1, [], {"a": 1}])
def test_a_wrong_version_is_told(version: object) -> None:
    plain = {**sample(), "schema_version": version}
    with pytest.raises(UnreadableError, match="has no valid schema_version"):
        decode_snapshot(plain)


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"{", b"null", b"[]", b"1", b"\xff\xfe", b'"\\ud800"', b"[" * 100_000),
        *(b"{}", b'{"reference": 1, "schema_version": 1}', b'{"schema_version": 1}'),
        b'{"schema_version": 1, "reference": {"schema_version": 1}}',
        *("{\ud800}", {"a": object()}, {"a": "\ud800"}, {"a": {1, 2}}),
    ],
)
def test_nonsense_is_one_sentence(raw: Any) -> None:
    for decode in (decode_document, decode_snapshot):
        with pytest.raises(UnreadableError) as caught:
            decode(raw)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 320


def test_a_dictionary_that_contains_itself() -> None:
    plain: dict[str, Any] = {"schema_version": 1}
    plain["reference"] = plain
    with pytest.raises(UnreadableError):
        decode_document(plain)


def test_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "MAX_BYTES", 1_000)
    with pytest.raises(UnreadableError, match="larger than"):
        decode_snapshot(json.dumps(sample()))


@pytest.mark.parametrize("evil", ["\x1b[2J", "a\u202eb", "line\nbreak", "x" * 5_000])
def test_hostile_text_is_refused_and_not_repeated(evil: str) -> None:
    changes: list[Any] = [
        ("layers", "core", "python"),
        ("layers", "conda", "name"),
        ("layers", "core", "environment"),
        ("tool",),
        ("layers", "conda", "packages"),
    ]
    for path in changes:
        plain = sample()
        place: Any = plain
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = {evil: []} if path[-1] == "packages" else evil
        with pytest.raises(UnreadableError) as caught:
            decode_snapshot(plain)
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 320


def test_a_digest_that_was_edited_by_hand_is_made_right() -> None:
    plain = sample()
    plain["digest"] = "0" * 64
    found = decode_snapshot(plain)
    assert found.digest == sample()["digest"] == digest_of(found.layers, found.third_party)
    whole = document()
    whole["reference"]["layers"]["core"]["python"] = "3.11.10"
    edited = decode_document(whole)
    assert edited.reference.digest != sample()["digest"]
    assert edited.reference.digest == digest_of(
        edited.reference.layers, edited.reference.third_party
    )


def test_unknown_fields_are_passed_over() -> None:
    assert decode_snapshot({**sample(), "later": {"x": 1}}) == decode_snapshot(sample())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from(["conda_gpu", "pip_cpu", "minimal"]), st.data(), json_values)
def test_any_change_is_valid_or_refused(name: str, data: st.DataObject, value: object) -> None:
    plain = sample(name)
    place: Any = plain
    while True:
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
            place[key] = value
            break
        place = place[key]
    try:
        found = decode_snapshot(plain)
    except UnreadableError as error:
        refused = str(error)
    else:
        refused = ""
        assert decode_snapshot(msgspec.json.encode(found)) == found
    assert refused.isprintable()
