"""What a notebook remembers of its results: the reference stays, values are told once."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from jupyter_repro.comparing.results.expectations import Expectations
from jupyter_repro.comparing.results.judge import judge_results, render_judged
from jupyter_repro.comparing.results.merge import accept_results, merge_results, shown
from jupyter_repro.comparing.results.show import check_results
from jupyter_repro.comparing.results.values import parts_of
from jupyter_repro.errors import UsageError
from jupyter_repro.kernel.arguments import parse_request
from jupyter_repro.model.results import (
    EXACT,
    MAX_HISTORY,
    MAX_PARTS,
    OUTCOMES,
    Part,
    Result,
    RunResult,
    Statistics,
    Tolerance,
)
from jupyter_repro.show.page.charts import history_chart

ENV, OTHER = "a" * 12, "b" * 12


def ran(value: object, cell: str | None = "c", created: str = "2026-01-01T00:00:00Z") -> RunResult:
    return RunResult(parts=parts_of("x", value), created=created, cell=cell)


runs = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 3)), st.sampled_from([ENV, OTHER])
    )
)


@given(runs)
def test_runs_never_replace_the_reference(history: list[tuple[dict[str, int], str]]) -> None:
    results: dict[str, Result] = {}
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for values, env in history:
        results = merge_results(results, {name: ran(value) for name, value in values.items()}, env)
        first = {**values, **first}
        last |= values
    assert {name: shown(one.parts) for name, one in results.items()} == {
        name: str(value) for name, value in first.items()
    }
    for name, one in results.items():
        assert shown(one.latest or one.parts) == str(last[name])
        assert (one.latest is None) == (first[name] == last[name])
        pairs = [(moment.env, moment.value) for moment in one.history]
        assert len({*pairs}) == len(pairs) <= MAX_HISTORY
    accepted = accept_results(results)
    assert {name: shown(one.parts) for name, one in accepted.items()} == {
        name: str(value) for name, value in last.items()
    }


def test_the_same_run_again_changes_nothing() -> None:
    once = merge_results({}, {"a": ran(1.5)}, ENV)
    assert merge_results(once, {"a": ran(1.5, created="2027-01-01T00:00:00Z")}, ENV) == once
    elsewhere = merge_results(once, {"a": ran(1.5)}, OTHER)
    assert [moment.env for moment in elsewhere["a"].history] == [ENV, OTHER]


def test_the_worst_is_told_first_and_what_was_not_run_is_not_fine() -> None:
    results = merge_results({}, {name: ran(1.0) for name in "abc"}, ENV)
    results = merge_results(results, {"b": ran(2.0), "c": ran(1.0 + 1e-9)}, ENV)
    judged = judge_results(results, Tolerance(rtol=1e-5), run={"b", "c"})
    assert [(one.name, one.outcome) for one in judged] == [
        ("b", "different"),
        ("a", "not run"),
        ("c", "within tolerance"),
    ]
    assert render_judged(judged).splitlines()[1] == (
        "not run           a was not run. When it was last recorded it was identical: 1.0, "
        "first seen 2026-01-01 00:00 UTC."
    )


def test_its_own_tolerance_goes_before_that_of_the_policy() -> None:
    expectations = Expectations()
    expectations.reference = merge_results({}, {"x": ran(1.0)}, ENV)
    loose = Tolerance(rtol=0.5)
    for tolerance, default, holds in (
        (None, EXACT, False),
        (None, loose, True),
        (EXACT, loose, False),
    ):
        found = expectations.expect("x", 1.1, tolerance=tolerance, default=default, cell=None)
        assert bool(found) == holds


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("-rf", 1, "'-rf' is no name"),
        ("a b", 1, "'a b' is no name"),
        ("a\n", 1, "is no name"),
        ("x", object(), "x is of a class that cannot be recorded (builtins.object)"),
        ("x", [1, [object()]], r"x[1][0] is of a class"),
    ],
)
def test_what_cannot_be_recorded_is_refused(name: str, value: object, words: str) -> None:
    expectations = Expectations()
    with pytest.raises(UsageError) as refused:
        expectations.expect(name, value, tolerance=None, default=EXACT, cell=None)
    assert words in str(refused.value)
    assert expectations.run == {}


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(UsageError, match="or holds itself"):
        parts_of("x", loop)


def test_very_many_parts_can_be_told_apart() -> None:
    many = {f"layer.{number}": float(number) for number in range(MAX_PARTS + 1)}
    (part,) = parts_of("x", many)
    assert part.type == f"dict of {MAX_PARTS + 2} parts"
    assert parts_of("x", {**many, "layer.3": 3.5}) != [part]


@pytest.mark.parametrize("secret", ["/home/bob/data.csv", "token=abc123def456", "ghp_" + "a1" * 20])
def test_secrets_and_folders_are_compared_but_not_kept(secret: str) -> None:
    (part,) = parts_of("x", secret)
    assert part.value is None
    assert part.sha256 is not None
    assert parts_of("x", secret + "x") != [part]


@pytest.mark.parametrize(
    ("line", "expressions"),
    [
        ("expect loss=loss", {"loss": "loss"}),
        ("expect a = 1  b=f(x, y=2) c=d['k = 1']", {"a": "1", "b": "f(x, y=2)", "c": "d['k = 1']"}),
        ("expect same=a == b", {"same": "a == b"}),
        ("expect a=x if y else z b=2", {"a": "x if y else z", "b": "2"}),
        (r"expect a='it\' b=2' c=3", {"a": r"'it\' b=2'", "c": "3"}),
        ("expect a=lambda b=1: b rtol=1e-3", {"a": "lambda", "b": "1: b"}),
    ],
)
def test_expressions_end_where_the_next_name_begins(line: str, expressions: dict[str, str]) -> None:
    assert parse_request(line).results == expressions


@given(st.text(max_size=40))
def test_any_line_is_read_or_refused(text: str) -> None:
    try:
        found = parse_request(f"expect {text}")
    except UsageError:
        return
    assert found.results


ODD = ["", " ", "x", "nan", "-inf", "1e999", "9" * 300, "(1+2j)", "²"]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_record_is_shown_and_not_comparable_or_different(odd: str) -> None:
    numbers = Statistics(
        minimum=odd, maximum=odd, mean=odd, std=odd, smallest=odd, norm=odd, sketch="A", odd=odd
    )
    parts = [
        Part(type="float64[]", values=[]),
        Part(type="float64[]", values=[odd]),
        Part(type="float64[3]", statistics=numbers, sha256="0" * 64),
        Part(type="float", value=odd),
        Part(type="float64[" + "9" * 300 + "]", statistics=numbers),
    ]
    for part in parts:
        for latest in (Part(type="float", value="1.5"), replace(part, sha256="1" * 64)):
            result = Result(parts=[part], latest=[latest])
            judged = judge_results({"a": result}, Tolerance(rtol=0.1, atol=1e308))
            assert judged[0].outcome in OUTCOMES
            render_judged(judged)
            (told,) = check_results({"a": result}, judged)
            assert all(map(math.isfinite, [*told.values, *told.band]))
            history_chart("a", result, judged[0].tolerance)


def test_an_allowed_distance_without_an_end_has_no_band() -> None:
    result = Result(parts=parts_of("a", 1e308))
    judged = judge_results({"a": result}, Tolerance(atol=1e308))
    assert check_results({"a": result}, judged)[0].band == []
    assert "inf" not in history_chart("a", result, judged[0].tolerance)
