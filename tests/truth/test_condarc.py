"""conda's configuration files say to us what they say to conda.

`make_condarc` asked conda once; the answers name its version.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.capturing.sources.conda.condarc import read_configuration
from jupyter_repro.safety.world import current_world

TRUTH = json.loads((Path(__file__).parent / "condarc.json").read_text(encoding="utf-8"))
CASES = TRUTH["cases"]


REFUSED = {
    "alias of an anchor": "aliases can make a small file large",
    "anchor of an item": "the same",
    "merge key": "the same",
    "tab": "it is no YAML; conda reads nothing in it",
    "Python's tag": "conda reads nothing in it",
}
"""What conda reads, and we call not readable: nothing is taken from it."""

OTHERWISE = {
    "number": {"channels": ["1", "2.50", "a"]},  # conda drops the zero
    "truth values": {"channels": ["yes", "off", "~", "a"]},  # for conda a channel is called None
    "empty item": {"channels": ["", "a"]},
}
"""Names that no channel has, and how we read them."""


def test_there_are_enough_files() -> None:
    assert sum(len(case["files"]) for case in CASES) >= 60
    assert sum("error" in case["answer"] for case in CASES) >= 5


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["name"]))
def test_conda_answers_the_same(tmp_path: Path, case: dict[str, Any]) -> None:
    for name, text in case["files"].items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    environ = {
        name: value.replace("{folder}", str(tmp_path)) for name, value in case["environ"].items()
    }
    world = dataclasses.replace(
        current_world(), home=tmp_path / "home", root=tmp_path / "root", environ=environ
    )
    found = read_configuration(world, tmp_path / "envs" / "mine", "conda")
    answer = {
        "channels": [item.text for item in found.channels],
        "default_channels": [item.text for item in found.default_channels],
        "allowlist_channels": [item.text for item in found.allowlist_channels],
        "denylist_channels": [item.text for item in found.denylist_channels],
        "channel_alias": found.channel_alias,
        "custom_channels": found.custom_channels,
    }
    if "error" in case["answer"] or case["name"] in REFUSED:
        assert not found.is_readable
        assert not any(answer.values())
        return
    assert found.is_readable
    assert answer == {**case["answer"], **OTHERWISE.get(case["name"], {})}
