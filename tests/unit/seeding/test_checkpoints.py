"""Checkpoints: states there and back, files that hold data alone, and damaged ones."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import ReproError, UnreadableError, UsageError
from jupyter_repro.seeding.checkpoints import (
    MAX_CHECKPOINTS,
    Checkpoints,
    read_checkpoint,
    write_checkpoint,
)
from jupyter_repro.seeding.states import write_states
from tests.fresh_process import run_python

PARTS = st.one_of(
    st.binary(max_size=40),
    st.integers(min_value=-(2**63), max_value=2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.none(),
)
STATES = st.dictionaries(
    st.sampled_from(["python", "numpy", "torch", "mine"]),
    st.dictionaries(st.text(max_size=5), PARTS, max_size=4),
)


@given(STATES)
def test_states_come_back_from_a_file(
    states: dict[str, dict[str, bytes | int | float | None]],
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.json"
        write_checkpoint(path, states)
        assert read_checkpoint(path) == states


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"format": "jupyter_repro checkpoint", "schema_version": 2, "states": {}}',
        '{"format": "x", "schema_version": 1, "states": {}}',
        '{"format": "jupyter_repro checkpoint", "schema_version": 1, "states": {"a b": {}}}',
        '{"format": "jupyter_repro checkpoint", "schema_version": 1, "states": {"a": {"x": "?"}}}',
        '{"format": "jupyter_repro checkpoint", "schema_version": 1, "states": {"a": {"x": []}}}',
        "[" * 100_000,
        "\x80",
    ],
)
def test_what_is_no_checkpoint_is_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "checkpoint.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(UnreadableError, match=r"checkpoint\.json is not a checkpoint"):
        read_checkpoint(path)


def test_files_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_checkpoint(tmp_path / "missing.json")
    with pytest.raises(UnreadableError, match="it is a folder"):
        read_checkpoint(tmp_path)
    large = tmp_path / "large.json"
    large.write_bytes(b" " * (4 * 2**20 + 1))
    with pytest.raises(UnreadableError, match="larger than 4 MB"):
        read_checkpoint(large)
    with pytest.raises(ReproError, match="cannot be written"):
        write_checkpoint(tmp_path / "missing" / "a.json", {})
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReproError, match="cannot be written"):
        write_checkpoint(tmp_path / "folder", {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "large.json"]


def test_names_are_known_and_the_oldest_goes() -> None:
    kept = Checkpoints()
    with pytest.raises(UsageError, match="there are none"):
        kept.find("a")
    for number in range(MAX_CHECKPOINTS + 1):
        kept.keep(str(number), {"python": {"version": number}})
    assert kept.find("1") == {"python": {"version": 1}}
    with pytest.raises(UsageError, match="no checkpoint '0'"):
        kept.find("0")


START = """
import json, random
import numpy as np
from jupyter_repro.errors import UsageError
from jupyter_repro.seeding.api import get_rng_state, seed_all, set_rng_state
np.random.rand()
def draw():
    return random.random(), random.gauss(0, 1), np.random.rand(), np.random.randn()
"""


@pytest.mark.parametrize("seeded", ["seed_all(42)", ""])
def test_the_numbers_come_back(seeded: str) -> None:
    pytest.importorskip("numpy")
    code = f"""{START}
{seeded}
draw()
state = get_rng_state()
first = draw()
print(set_rng_state(state), first == draw())
print(sum(len(part) for lib in state.values() for part in lib.values() if isinstance(part, bytes)))
"""
    back, size = run_python(code).splitlines()
    assert back == "[] True"
    assert int(size) < 6_000


DAMAGED = [
    "state['python']['words'] = b'x'",
    "state['python']['version'] = 99",
    "state['python']['gauss'] = 'x'; del state['python']['words']",
    "state['numpy']['key'] = b''",
    "state['numpy']['key'] = 5",
    "state['numpy']['position'] = 10**6",
    "state['numpy']['position'] = None",
    "del state['numpy']['gauss']",
    "state['generators']['position'] = b'[1]'",
    "state['generators'] = {}",
]


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_state_changes_nothing(damage: str) -> None:
    pytest.importorskip("numpy")
    code = f"""{START}
seed_all(42)
state = get_rng_state()
expected = draw(), np.random.default_rng().random()
set_rng_state(state)
state = get_rng_state()
random.random()
{damage}
before = get_rng_state()
try:
    set_rng_state(state)
except UsageError as error:
    assert "state" in str(error), error
else:
    raise SystemExit("accepted")
assert get_rng_state() == before
"""
    run_python(code)


def test_what_is_only_on_one_side_is_told() -> None:
    pytest.importorskip("numpy")
    code = f"""{START}
print(json.dumps(set_rng_state({{"other": {{}}}})))
"""
    assert json.loads(run_python(code)) == [
        "The checkpoint has no state of numpy, which keeps its current one.",
        "The checkpoint has no state of python, which keeps its current one.",
        "other is not loaded, so its state is not restored.",
    ]


def test_another_bit_generator_is_told_not_lost() -> None:
    pytest.importorskip("numpy")
    code = f"""{START}
from jupyter_repro.seeding.api import current_controller
np.random.set_bit_generator(np.random.PCG64(1))
states, notes = current_controller().save_state()
print(json.dumps([sorted(states), notes]))
"""
    states, notes = json.loads(run_python(code))
    assert states == ["python"]
    assert notes == [
        (
            "The state of numpy cannot be read: ValueError: the global generator is a PCG64, "
            "not MT19937"
        )
    ]


def test_a_file_holds_base64(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.json"
    write_checkpoint(path, {"python": {"words": b"abc", "version": 3}})
    assert json.loads(path.read_text()) == {
        "format": "jupyter_repro checkpoint",
        "schema_version": 1,
        "states": {"python": {"words": base64.b64encode(b"abc").decode(), "version": 3}},
    }


def test_a_library_s_own_full_stop_is_not_doubled() -> None:
    class Picky:
        def get_state(self, _: object) -> str:
            return "before"

        def set_state(self, _: object, state: object) -> None:
            if state != "before":
                reason = "The state is too short."
                raise ValueError(reason)

    libraries: Any = {"picky": (Picky(), None)}
    states: Any = {"picky": "other"}
    with pytest.raises(UsageError) as caught:
        write_states(libraries, states)
    assert str(caught.value) == "The state of picky cannot be restored: The state is too short."
