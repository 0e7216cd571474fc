"""The model refuses what no honest snapshot holds, and its digest changes with what matters."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.model.digest import digest_of
from jupyter_repro.model.document import CellStamp, Document
from jupyter_repro.model.fields import MAX_ITEMS, MAX_PACKAGES
from jupyter_repro.model.report import Finding
from jupyter_repro.model.snapshot import (
    LAYER_TITLES,
    SCHEMA_VERSION,
    Layers,
    PackagesLayer,
    Snapshot,
    ThirdPartyLayer,
)

SAMPLES = Path(__file__).parents[2] / "fixtures" / "snapshots"
NAMES = ("conda_gpu", "pip_cpu", "minimal")


def sample(name: str = "conda_gpu") -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_bytes())
    return plain


def decode(plain: object) -> Snapshot:
    return msgspec.json.decode(msgspec.json.encode(plain), type=Snapshot)


def digest(plain: dict[str, Any]) -> str:
    found = decode(plain)
    return digest_of(found.layers, found.third_party)


@pytest.mark.parametrize("name", NAMES)
def test_round_trip(name: str) -> None:
    text = (SAMPLES / f"{name}.json").read_bytes()
    found = msgspec.json.decode(text, type=Snapshot)
    assert msgspec.to_builtins(found) == json.loads(text)
    document = Document(schema_version=SCHEMA_VERSION, reference=found, latest=found)
    assert msgspec.json.decode(msgspec.json.encode(document), type=Document) == document


def test_a_million_packages_are_refused() -> None:
    layer = {"status": "ok", "packages": ["a==1 [pip]"] * MAX_PACKAGES}
    assert len(msgspec.convert(layer, PackagesLayer).packages) == MAX_PACKAGES
    layer["packages"] = ["a==1 [pip]"] * 1_000_000
    with pytest.raises(msgspec.ValidationError, match="length"):
        msgspec.convert(layer, PackagesLayer)


def test_too_many_facts_are_refused() -> None:
    layer: dict[str, Any] = {"status": "ok", "facts": {f"f{n}": n for n in range(MAX_ITEMS)}}
    assert len(msgspec.convert(layer, ThirdPartyLayer).facts) == MAX_ITEMS
    layer["facts"]["one_more"] = 1
    with pytest.raises(msgspec.ValidationError, match="length"):
        msgspec.convert(layer, ThirdPartyLayer)


BAD_CHARACTERS = "\x00\x07\t\n\r\x1b\x7f\x85\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"


@pytest.mark.parametrize("bad", BAD_CHARACTERS, ids=lambda bad: f"{ord(bad):04x}")
@pytest.mark.parametrize("text", ["{}x", "x{}x", "x{}"])
def test_control_characters_are_refused_everywhere(bad: str, text: str) -> None:
    evil = text.format(bad)
    for path in (
        ("layers", "core", "python"),
        ("layers", "core", "reason"),
        ("layers", "packages", "packages", 0),
        ("layers", "notebook", "used", 0),
        ("layers", "gpu", "devices", 0, "name"),
        ("tool",),
    ):
        plain = sample()
        place: Any = plain
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = evil
        with pytest.raises(msgspec.ValidationError, match=r"matching regex"):
            decode(plain)
    plain = sample()
    plain["layers"]["conda"]["packages"] = {evil: []}
    with pytest.raises(msgspec.ValidationError, match=r"matching regex"):
        decode(plain)


def test_half_surrogates_are_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(b'{"status": "ok", "packages": ["\\ud800"]}', type=PackagesLayer)


@pytest.mark.parametrize("name", ["", "-rf", "a b", "a;b", "../x", "a" * 129, "a\n", "é"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"status": "ok", "facts": {name: 1}}, ThirdPartyLayer)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("digest",), "0" * 63),
        (("digest",), "0" * 64 + "\n"),
        (("digest",), "A" * 64),
        (("created",), "yesterday"),
        (("created",), "9999-99-99T09:30:00Z"),
        (("created",), "2026-11-20T24:30:00Z"),
        (("created",), "0000-11-20T09:30:00Z"),
        (("created",), "2026-11-2\u0660T09:30:00Z"),
        (("created",), "2026-11-20T09:30:00Z\n"),
        (("layers", "gpu", "status"), "fine"),
        (("layers", "system", "cores"), 0),
        (("layers", "determinism", "seed"), "-1"),
        (("layers", "notebook", "git", "commit"), "HEAD"),
        (("layers", "core", "python"), "x" * 501),
        (("layers", "core"), None),
        (("schema_version",), "1"),
    ],
)
def test_wrong_values_are_refused(path: tuple[str, ...], value: object) -> None:
    plain = sample()
    place = plain
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(msgspec.ValidationError):
        decode(plain)


def test_a_status_is_never_assumed() -> None:
    plain = sample()
    del plain["layers"]["gpu"]["status"]
    with pytest.raises(msgspec.ValidationError, match="status"):
        decode(plain)


def test_every_layer_has_a_title_in_the_order_of_the_stack() -> None:
    assert list(LAYER_TITLES) == list(Layers.__struct_fields__)


def shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        keys = order.sample(sorted(value), len(value))
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


@given(st.sampled_from(NAMES), st.randoms(use_true_random=False))
def test_the_digest_does_not_depend_on_the_order_of_keys(name: str, order: random.Random) -> None:
    plain = sample(name)
    assert digest(shuffled(plain, order)) == plain["digest"]


def test_the_digest_survives_a_front_end() -> None:
    """JavaScript knows no difference between 2 and 2.0, and writes the shorter one."""
    layer = ThirdPartyLayer(status="ok", facts={"gain": 2.0, "offset": 0.5})
    found = decode(sample())
    as_written = ThirdPartyLayer(status="ok", facts={"gain": 2, "offset": 0.5})
    assert digest_of(found.layers, {"x": layer}) == digest_of(found.layers, {"x": as_written})


UNSTABLE = [
    ("created", "2027-01-01T00:00:00Z"),
    ("tool", "9.9"),
    ("layers/notebook/used", ["other"]),
    ("layers/notebook/git/dirty", True),
    ("layers/notebook/kernel_name", "other"),
    ("layers/frameworks/frameworks/0/loaded", "9.9"),
    ("layers/frameworks/frameworks/1/runtime", {"num_threads": 1}),
    ("layers/libraries/loaded", []),
    ("layers/determinism/seed", "7"),
    ("layers/determinism/torch", {}),
    ("layers/core/reason", "something could not be read"),
    ("third_party/microscope/reason", "something could not be read"),
]


@pytest.mark.parametrize(("path", "value"), UNSTABLE)
def test_what_changes_from_run_to_run_is_no_part_of_the_digest(path: str, value: object) -> None:
    plain = sample()
    keys = [int(key) if key.isdigit() else key for key in path.split("/")]
    at(plain, tuple(keys[:-1]))[keys[-1]] = value
    assert decode(plain) != decode(sample())
    assert digest(plain) == sample()["digest"]


Place = tuple[str | int, ...]


def at(plain: Any, path: Place) -> Any:
    for key in path:
        plain = plain[key]
    return plain


def leaves(value: Any, path: Place) -> Iterator[tuple[Place, object]]:
    """Yield the path of every leaf, with another value that is valid there."""
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    elif isinstance(value, bool):
        yield path, not value
    elif isinstance(value, (int, float)):
        yield path, value + 1
    elif value is None:
        yield path, "x"
    else:
        others = {"status": "error", "environment": "system", "vendor": "amd"}
        yield path, others.get(str(path[-1]), f"{value}x")


def stable_changes() -> list[tuple[Place, object]]:
    kept: list[Place] = [
        *(
            ("layers", name)
            for name in ("frameworks", "packages", "conda", "core", "system", "gpu")
        ),
        ("layers", "libraries", "variables"),
        ("third_party",),
    ]
    found = [change for path in kept for change in leaves(at(sample(), path), path)]
    return [pair for pair in found if not {"loaded", "runtime", "reason"} & set(pair[0])]


@pytest.mark.parametrize(("path", "value"), stable_changes(), ids=repr)
def test_each_stable_value_changes_the_digest(path: Place, value: object) -> None:
    plain = sample()
    at(plain, path[:-1])[path[-1]] = value
    assert digest(plain) != sample()["digest"]


def test_a_new_third_party_layer_changes_the_digest() -> None:
    found = decode(sample())
    assert digest_of(found.layers, {}) != found.digest


def test_small_messages_are_validated() -> None:
    for env in ("0" * 11, "0" * 12 + "\n", "g" * 12):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"env": env}, CellStamp)
    assert msgspec.convert({"env": "0" * 12}, CellStamp).env == "0" * 12
    for wrong in ({"source": "0" * 13}, {"rng": {"numpy": "0" * 9}}, {"rng": {"a b": "0" * 8}}):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, CellStamp)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"kind": "x"}, Finding)
