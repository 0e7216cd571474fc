"""A snapshot survives the way through a cell's output; anything else is refused."""

from __future__ import annotations

import base64
import json
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import UnreadableError
from jupyter_repro.model import message as messages
from jupyter_repro.model.message import MAX_BYTES, pack, unpack
from jupyter_repro.model.migrations import decode_snapshot

SAMPLES = Path(__file__).parents[2] / "fixtures" / "snapshots"
SAMPLE = decode_snapshot((SAMPLES / "conda_gpu.json").read_bytes())


def message(data: bytes) -> dict[str, Any]:
    return {**pack(SAMPLE), "snapshot": base64.b64encode(data).decode()}


@pytest.mark.parametrize("name", ["conda_gpu", "pip_cpu", "minimal"])
def test_round_trip(name: str) -> None:
    snapshot = decode_snapshot((SAMPLES / f"{name}.json").read_bytes())
    plain = json.loads(json.dumps(pack(snapshot, accept=True, policy="production")))
    found, data = unpack(plain)
    assert data is not None
    assert decode_snapshot(data) == snapshot
    assert (found.digest, found.accept, found.policy) == (snapshot.digest, True, "production")


def test_it_is_small_and_plain() -> None:
    plain = pack(SAMPLE)
    assert set(plain) == {"schema_version", "digest", "snapshot"}
    assert len(json.dumps(plain)) < len(msgspec.json.encode(SAMPLE))


def test_a_message_without_a_snapshot() -> None:
    plain = pack(SAMPLE)
    del plain["snapshot"]
    found, data = unpack(plain)
    assert found.digest == SAMPLE.digest
    assert data is None


def test_a_bomb_is_refused_without_inflating_it() -> None:
    bomb = zlib.compress(b"a" * (MAX_BYTES + 1), 9)
    with pytest.raises(UnreadableError, match="too large"):
        unpack(message(bomb))
    huge = zlib.compressobj(9)
    parts = b"".join(huge.compress(b"\0" * 10_000_000) for _ in range(30)) + huge.flush()
    with pytest.raises(UnreadableError, match="too large"):
        unpack(message(parts))


def test_the_largest_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = msgspec.json.encode(SAMPLE)
    monkeypatch.setattr(messages, "MAX_BYTES", len(data))
    assert unpack(pack(SAMPLE))[1] == data
    monkeypatch.setattr(messages, "MAX_BYTES", len(data) - 1)
    with pytest.raises(UnreadableError, match="too large"):
        unpack(pack(SAMPLE))


@pytest.mark.parametrize("length", [0, 1, 10, -1])
def test_a_cut_message_is_refused(length: int) -> None:
    data = zlib.compress(msgspec.json.encode(SAMPLE))
    with pytest.raises(UnreadableError):
        unpack(message(data[:length]))


@pytest.mark.parametrize(
    "plain",
    [
        *(None, 1, "text", [], {}, {"digest": "0" * 64}),
        {"schema_version": 1, "digest": "0" * 64, "snapshot": "no base64 \u202e"},
        {"schema_version": 1, "digest": "0" * 64, "snapshot": "é"},
        {"schema_version": 1, "digest": "0" * 64, "snapshot": "AAAA"},
        {"schema_version": 1, "digest": "0" * 64, "policy": "\x1b[2J"},
        {"schema_version": 1, "digest": "short"},
        {"schema_version": "1", "digest": "0" * 64},
    ],
)
def test_garbage_is_one_sentence(plain: object) -> None:
    with pytest.raises(UnreadableError) as caught:
        unpack(plain)
    assert str(caught.value).isprintable()


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        unpack(message(data))
    except UnreadableError as error:
        refused = str(error)
        assert refused.isprintable()
