"""Match specifications mean for us what they mean for conda, or for rattler where the two differ.

`make_match_specs` asked them once; the answers name their versions.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.packages.match_spec import (
    MatchSpec,
    allows_build,
    allows_version,
    parse_match_spec,
    spec_text,
)

TRUTH = json.loads((Path(__file__).parent / "match_specs.json").read_text(encoding="utf-8"))
CASES = TRUTH["cases"]
JUDGES = ("conda", "py-rattler")


OTHERWISE = {
    "numpy !=1.2*": "conda compares with the text `1.2*`, rattler with the beginning `1.2`",
}
"""Where conda's own answer is not ours: ours is between the two judges'."""

REFUSED = {
    "conda-forge:numpy": "a namespace, which no channel has",
    "::numpy": "a channel without a name",
    "a b::numpy": "a channel that nobody can name",
}
"""What both judges read, and we do not."""


def is_read(answer: dict[str, Any]) -> bool:
    """Return whether a judge reads a specification as one that a package can meet."""
    return bool(answer.get("versions") and answer["name"] != "*")


def allowed(spec: MatchSpec) -> dict[str, dict[str, bool | None]]:
    def all_of(ask: Callable[[str, str], bool | None], text: str | None, key: str) -> Any:
        return {one: ask(text, one) if text else True for one in TRUTH[key].split()}

    return {
        "versions": all_of(allows_version, spec.version, "versions"),
        "builds": all_of(allows_build, spec.build, "builds"),
    }


def test_there_are_enough_of_both_judges() -> None:
    assert sorted(TRUTH["judges"]) == sorted(JUDGES)
    assert len(CASES) >= 200
    for judge in JUDGES:
        assert sum(is_read(case[judge]) for case in CASES) >= 150
        assert sum("error" in case[judge] for case in CASES) >= 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["spec"]))
def test_a_specification_means_what_it_means_for_conda(case: dict[str, Any]) -> None:
    text, conda, rattler = case["spec"], *(case[judge] for judge in JUDGES)
    spec = parse_match_spec(text)
    if spec is None:
        assert text in REFUSED or not is_read(conda) or not is_read(rattler)
        return
    truth = conda if is_read(conda) else rattler
    assert is_read(truth), "no tool reads it"
    assert (spec.name, spec.channel) == (truth["name"], truth["channel"])
    answers = (conda, rattler) if text in OTHERWISE else (truth,)
    for key, found in allowed(spec).items():
        for one, verdict in found.items():
            assert verdict in {one in answer[key].split() for answer in answers}, (key, one)


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case["spec"]))
def test_the_form_that_is_exported_means_the_same(case: dict[str, Any]) -> None:
    spec = parse_match_spec(case["spec"])
    if spec is not None:
        again = parse_match_spec(spec_text(spec))
        assert again is not None
        assert again.name == spec.name
        assert again.channel == spec.channel
        assert allowed(again) == allowed(spec)
