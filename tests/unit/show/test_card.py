"""The card: well-formed, self-contained, escaped, small, and no meaning by colour alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.comparing.environments.policy import RESEARCH
from jupyter_repro.model.snapshot import LAYER_TITLES, ThirdPartyLayer
from jupyter_repro.show.card import render_card
from tests.unit.support.factories import make_snapshot, packages_with, snapshot_with
from tests.unit.support.page import Page


def card_on(**fields: dict[str, Any]) -> str:
    current = snapshot_with(**fields)
    return render_card(current, of_environment(compare(make_snapshot(), current, RESEARCH)), [])


def test_the_layers_stand_in_their_order_with_a_word_each() -> None:
    text = Page(card_on()).text
    positions = [text.index(f"{title} matches") for title in LAYER_TITLES.values()]
    assert positions == sorted(positions)


def test_without_a_comparison_no_layer_claims_a_verdict() -> None:
    snapshot = snapshot_with(gpu={"status": "unavailable", "reason": "no GPU driver found"})
    text = Page(render_card(snapshot, None, [])).text
    assert "matches" not in text
    assert "GPU and driver none here" in text


def test_nothing_recorded_is_not_called_recorded() -> None:
    snapshot = snapshot_with(determinism={"seed": None}, notebook={"kernel_name": None, "used": []})
    text = Page(render_card(snapshot, None, [])).text
    assert "Python here · CPython 3.11.7" in text
    assert "Notebook here\n" in text  # no facts, and no dot for them


def test_each_verdict_has_its_sign_and_its_word() -> None:
    text = Page(
        card_on(
            core={"python": "3.12.1"},
            determinism={"determinism": "off"},
            libraries={"status": "error", "reason": "OSError: broken"},
            conda={"status": "unavailable", "reason": "no conda-meta"},
        )
    ).text
    for expected in (
        "✓ Notebook matches",
        "✗ Python differs",
        "≈ Determinism drifts",
        "? Numerical libraries not checked",
        "⊘ conda environment cannot be compared",
    ):
        assert expected in text


def test_findings_stand_in_their_layer_and_errors_are_open() -> None:
    card = card_on(core={"python": "3.12.1"}, system={"kernel": "6.8"})
    assert card.count("<details") == 2
    assert card.count(" open>") == 1
    assert "Error: Python 3.11.7 → 3.12.1" in Page(card).text


def test_notes_and_third_parties_are_shown() -> None:
    layer = ThirdPartyLayer(status="ok", facts={"partition": "a"})
    snapshot = make_snapshot(None, {"slurm": layer})
    text = Page(render_card(snapshot, None, ["the order of sets is <random>"])).text
    assert "! the order of sets is <random>" in text
    assert "slurm recorded · 1 fact" in text


@pytest.mark.parametrize(
    "forbidden", ["<script", "http:", "https:", "url(", "src=", "href=", "@import"]
)
def test_the_card_needs_nothing_from_outside(forbidden: str) -> None:
    assert forbidden not in card_on(core={"python": "3.12.1"})


def test_a_card_is_small() -> None:
    assert len(render_card(make_snapshot(), None, []).encode()) < 4_000
    assert len(card_on().encode()) < 4_000
    many = [f"package{number}==1.0 [pip]" for number in range(500)]
    changed: dict[str, Any] = {
        "packages": {"packages": [*packages_with(), *many]},
        "core": {"python": "3.12.1"},
        "determinism": {"seed": "43", "determinism": "off"},
    }
    card = card_on(**changed)
    assert "and 488 more" in Page(card).text
    assert len(card.encode()) < 6_000


@given(st.text(max_size=60))
def test_whatever_stands_in_a_snapshot_is_text(text: str) -> None:
    evil = f'</details><script>alert(1)</script><img src=x onerror="{text}">{text}'
    current = msgspec.structs.replace(
        snapshot_with(
            notebook={"kernel_name": evil},
            packages={"packages": [f"{evil}==1 [pip]"]},
            gpu={"driver": evil},
            conda={"status": "error", "reason": evil},
        ),
        third_party={evil: ThirdPartyLayer(status="error", reason=evil)},
        digest=evil,
    )
    report = compare(make_snapshot(), current, RESEARCH)
    assert "<script>" in Page(render_card(current, of_environment(report), [evil])).text
