"""The verdict on a notebook: environment and results together, decided in one place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.overall import judge_overall
from jupyter_repro.comparing.environments.policy import RESEARCH
from jupyter_repro.comparing.results.expectations import judge_run
from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.comparing.results.merge import merge_results
from jupyter_repro.comparing.results.values import parts_of
from jupyter_repro.model.report import Overall, Report
from jupyter_repro.model.results import Result, RunResult, Tolerance
from tests.unit.support.factories import make_snapshot, snapshot_with

WHEN = "2026-11-01T12:00:00Z"
LATER = "2026-11-02T12:30:00Z"


def ran(value: object, when: str = WHEN) -> RunResult:
    return RunResult(parts=parts_of("x", value), created=when, cell="c")


def recorded(**values: object) -> dict[str, Result]:
    return merge_results({}, {name: ran(value) for name, value in values.items()}, "a" * 12)


def judged(results: dict[str, Result], **values: object) -> list[Judged]:
    run = {name: ran(value, LATER) for name, value in values.items()}
    return judge_run(results, run, Tolerance(rtol=1e-5))


SAME: dict[str, Any] = {}
DRIFTS: dict[str, Any] = {"core": {"python": "3.11.8"}}
DIFFERS: dict[str, Any] = {"core": {"python": "3.12.1"}}
UNSEEDED: dict[str, Any] = {"determinism": {"seed": None}}
BROKEN: dict[str, Any] = {
    name: {"status": "error", "reason": "broken"}
    for name in make_snapshot().layers.__struct_fields__
}


def environment(fields: dict[str, Any]) -> Report:
    return compare(make_snapshot(), snapshot_with(**fields), RESEARCH)


TWO = recorded(loss=0.4213, accuracy=0.9)


@pytest.mark.parametrize(
    ("fields", "results", "verdict", "summary"),
    [
        (SAME, [], "match", "Environment matches."),
        (DRIFTS, [], "drift", "Environment drifts: 1 warning; worst: Python 3.11.7 → 3.11.8."),
        (
            SAME,
            judged(TWO, loss=0.4213, accuracy=0.9),
            "match",
            "Environment matches; 2 of 2 results hold.",
        ),
        (
            SAME,
            judged(TWO, loss=0.42130001, accuracy=0.9),
            "match",
            "Environment matches; 2 of 2 results hold.",
        ),
        (
            SAME,
            judged(TWO, loss=0.45, accuracy=0.9),
            "mismatch",
            "Environment matches; 1 of 2 results differs: loss 0.45, recorded 0.4213.",
        ),
        (
            SAME,
            judged(TWO, loss=0.45, accuracy=0.1),
            "mismatch",
            (
                "Environment matches; 2 of 2 results differ: "
                "accuracy 0.1, recorded 0.9, loss 0.45, recorded 0.4213."
            ),
        ),
        (SAME, judged(TWO), "not run", "Environment matches; 2 of 2 results were not run."),
        (
            SAME,
            judged(TWO, loss=0.4213),
            "not run",
            "Environment matches; 1 of 2 results was not run.",
        ),
        (
            SAME,
            judged(TWO, loss=0.45),
            "mismatch",
            (
                "Environment matches; 1 of 2 results differs: loss 0.45, recorded 0.4213; "
                "1 of 2 results was not run."
            ),
        ),
        (
            SAME,
            judged(TWO, loss="0.45", accuracy=0.9),
            "mismatch",
            "Environment matches; 1 of 2 results differs: loss '0.45', recorded 0.4213.",
        ),
        (
            UNSEEDED,
            judged(TWO),
            "not run",
            "Environment matches; 2 of 2 results were not run; not checked: Determinism.",
        ),
        (
            DRIFTS,
            judged(TWO),
            "drift",
            (
                "Environment drifts: 1 warning; worst: Python 3.11.7 → 3.11.8; "
                "2 of 2 results were not run."
            ),
        ),
        (
            DIFFERS,
            judged(TWO, loss=0.4213, accuracy=0.9),
            "mismatch",
            "Environment differs: 1 error; worst: Python 3.11.7 → 3.12.1; 2 of 2 results hold.",
        ),
    ],
)
def test_the_verdict_and_its_sentence(
    fields: dict[str, Any], results: list[Judged], verdict: str, summary: str
) -> None:
    found = judge_overall(environment(fields), results)
    assert (found.verdict, found.summary) == (verdict, summary)


def test_results_that_hold_do_not_make_up_for_an_environment_that_was_not_checked() -> None:
    found = judge_overall(environment(BROKEN), judged(TWO, loss=0.4213, accuracy=0.9))
    assert found.verdict == "not checked"
    assert found.summary.startswith("Environment not checked; 2 of 2 results hold; not checked: ")


def test_a_failure_on_record_stands_until_the_result_is_run_again() -> None:
    failed = merge_results(TWO, {"loss": ran(0.45, LATER)}, "a" * 12)
    (loss, accuracy) = sorted(judged(failed), key=lambda one: one.name, reverse=True)
    assert (loss.outcome, loss.current, loss.fails) == ("not run", None, True)
    assert loss.why == (
        "loss was not run. When it was last recorded it was different: 0.45, "
        "first seen 2026-11-02 12:30 UTC."
    )
    assert (accuracy.outcome, accuracy.fails) == ("not run", False)
    found = judge_overall(environment(SAME), [loss, accuracy])
    assert (found.verdict, found.differences) == ("mismatch", 1)
    assert found.summary == (
        "Environment matches; 2 of 2 results were not run; "
        "outside the tolerance when last recorded: loss 0.45, recorded 0.4213."
    )
    assert judge_overall(environment(SAME), judged(failed, loss=0.4213)).verdict == "not run"
    again = judged(failed, loss=0.4213, accuracy=0.9)
    assert judge_overall(environment(SAME), again).verdict == "match"


def test_what_does_not_fit_into_the_sentence_is_counted() -> None:
    many = {f"r{number:03}": float(number) for number in range(150)}
    results = judged(recorded(**many), **{name: value + 1 for name, value in many.items()})
    found = judge_overall(environment(DIFFERS), results)
    assert "150 of 150 results differ: r000 1.0, recorded 0.0, " in found.summary
    assert found.summary.endswith("and 147 more.")
    assert found.differences == 151


def outcomes() -> Iterator[str]:
    yield from ("identical", "within tolerance", "different", "not comparable", "not run")


@given(
    st.lists(
        st.builds(
            Judged,
            name=st.text(max_size=700),
            outcome=st.sampled_from([*outcomes()]),
            why=st.text(),
            reference=st.text(max_size=700),
            current=st.none() | st.text(max_size=700),
            tolerance=st.just(Tolerance()),
            cell=st.none(),
            last=st.sampled_from([*outcomes()]),
            last_value=st.text(max_size=700),
        ),
        max_size=6,
    ),
    st.sampled_from([SAME, DRIFTS, DIFFERS, UNSEEDED, BROKEN]),
)
def test_nothing_but_what_was_run_and_holds_is_green(
    results: list[Judged], fields: dict[str, Any]
) -> None:
    found = judge_overall(environment(fields), results)
    assert len(found.summary) <= 1_000
    assert not found.summary.endswith("…")
    holds = {one.outcome for one in results} <= {"identical", "within tolerance"}
    assert (found.verdict == "match") == (holds and fields in (SAME, UNSEEDED))
    if any(one.outcome == "different" for one in results):
        assert found.verdict == "mismatch"
    assert isinstance(found, Overall)
