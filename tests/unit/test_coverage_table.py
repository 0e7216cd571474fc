"""The table in docs/coverage.md is the one of the cases as they are now."""

from __future__ import annotations

from pathlib import Path

from benchmarks.rng_cases import CASES, WHY
from benchmarks.rng_coverage import Line, as_markdown

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"


def test_every_case_is_in_it_and_every_difference_has_a_reason() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    cases = {case for found in CASES.values() for case, _ in found}
    assert {*WHY} <= cases
    missing = {case for case in cases if f"`{case}`" not in text}
    assert missing == set()
    assert "no reason is known" not in text
    assert text.index("`%repro`") > 0


def test_a_difference_without_a_reason_is_called_a_defect() -> None:
    same: dict[str, bool | None] = {"nothing": False, "setup_seed": False, "%repro": False}
    lines = [Line("numpy", "np.random.rand()", same), Line("python", "uuid.uuid4()", same)]
    text = as_markdown(lines, {"numpy": "2"})
    assert "* numpy, `np.random.rand()`: no reason is known: a defect." in text
    assert "* python, `uuid.uuid4()`: never seeded, on purpose" in text
    assert (
        "| numpy | `np.random.rand()` | **differs** | **differs** | - | - | **differs** |" in text
    )
