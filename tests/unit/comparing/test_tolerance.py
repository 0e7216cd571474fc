"""Comparing recorded values: by NumPy's definitions, in words, and never too leniently."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as stn
from msgspec.structs import replace

from jupyter_repro.comparing.results.tolerance import (
    Judgement,
    compare_parts,
    is_close,
    ulps_between,
)
from jupyter_repro.comparing.results.values import parts_of
from jupyter_repro.model.results import EXACT, Part, Statistics, Tolerance

RTOL = Tolerance(rtol=1e-5)


def judge(before: Any, after: Any, tolerance: Tolerance = EXACT) -> Judgement:
    return compare_parts("x", parts_of("x", before), parts_of("x", after), tolerance)


def outcome(before: Any, after: Any, tolerance: Tolerance = EXACT) -> str:
    return judge(before, after, tolerance).outcome


numbers = st.floats(allow_nan=True, allow_infinity=True)
dtypes = st.sampled_from(
    [np.float16, np.float32, np.float64, np.int8, np.int32, np.int64, np.uint8]
)
tolerances = st.builds(
    Tolerance,
    rtol=st.sampled_from([0.0, 1e-7, 1e-3, 0.1]),
    atol=st.sampled_from([0.0, 1e-9, 1e-2, 1.0]),
    ulp=st.sampled_from([0, 0, 1, 4, 100]),
)


@pytest.mark.parametrize(
    ("before", "after", "tolerance", "expected"),
    [
        (0.1, 0.1, EXACT, "identical"),
        (0.3, 0.1 + 0.2, EXACT, "different"),
        (0.3, 0.1 + 0.2, RTOL, "within tolerance"),
        (0.3, 0.1 + 0.2, Tolerance(ulp=1), "within tolerance"),
        (1.0, 1.1, Tolerance(ulp=1), "different"),
        (math.nan, math.nan, EXACT, "identical"),
        (math.nan, 1.0, Tolerance(atol=10.0), "different"),
        (math.inf, math.inf, EXACT, "identical"),
        (math.inf, -math.inf, Tolerance(atol=1e300), "different"),
        (0.0, -0.0, EXACT, "different"),
        (0.0, -0.0, RTOL, "within tolerance"),
        (1e-9, -1e-9, RTOL, "different"),
        (1e-9, -1e-9, Tolerance(rtol=1e-5, atol=1e-8), "within tolerance"),
        (2**60, 2**60 + 1, EXACT, "different"),
        (2**60, 2**60 + 1, RTOL, "within tolerance"),
        (1, 1.0, RTOL, "different"),
        (True, 1, RTOL, "different"),
        ("a", "a", EXACT, "identical"),
        ("a", "b", RTOL, "different"),
        ("a" * 999, "a" * 999, EXACT, "identical"),
        ("a" * 999, "a" * 998 + "b", RTOL, "different"),
        ([1.0, {"a": None}], [1.0, {"a": None}], EXACT, "identical"),
        ([1.0, 2.0], [1.0, 2.0 + 1e-9], RTOL, "within tolerance"),
        ([1.0], [1.0, 2.0], RTOL, "different"),
        ({"a": 1}, {"b": 1}, RTOL, "different"),
        ({1, 2}, {2, 1}, EXACT, "identical"),
        (np.float32(1), np.float64(1), RTOL, "different"),
        (np.zeros(3), np.zeros(4), RTOL, "different"),
        (np.zeros(0), np.zeros(0), EXACT, "identical"),
        (np.ones(3), np.ones(3) + 1e-9, RTOL, "within tolerance"),
        (np.array(["a", "b"]), np.array(["a", "c"]), RTOL, "different"),
        (1 + 2j, 1 + 2.0000001j, RTOL, "within tolerance"),
    ],
)
def test_outcomes(before: Any, after: Any, tolerance: Tolerance, expected: str) -> None:
    assert outcome(before, after, tolerance) == expected


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            1e-9,
            -1e-9,
            "rounding differ by more than any rtol allows: give them an atol",
        ),
        (1.0, 1.1, "x is 1.1, not 1.0 (apart by 0.1, relative 0.1)."),
        (0.0, -0.0, "a zero of the other sign"),
        (1.0, np.nextafter(1.0, 2).item(), "1 ULP"),
        (np.float32(1), np.float64(1), "x is of a different type: float64[], not float32[]."),
        (np.zeros((2, 3)), np.zeros((3, 2)), "x is of a different shape: [3, 2], not [2, 3]."),
        ([1.0, math.nan], [1.0, 2.0], "x[1] is 2.0, not nan."),
        ({"w": [1, 2]}, {"w": [1, 3]}, "x['w'][1] is 3, not 2"),
        ({"w": 1}, {"v": 1}, "x['w'] is no longer there."),
        (np.arange(3.0), np.array([0.0, 5.0, 9.0]), "x: number 2 is 9.0, not 2.0"),
        (np.arange(3.0), np.array([0.0, 5.0, 9.0]), "2 of 3 are outside"),
        (np.arange(99.0), np.where(np.arange(99) == 7, np.nan, np.arange(99.0)), "1 times, not 0"),
    ],
)
def test_a_sentence_says_what_differs(before: Any, after: Any, words: str) -> None:
    tolerance = RTOL if isinstance(before, float) and before == 1e-9 else EXACT
    assert words in judge(before, after, tolerance).why


@given(numbers, numbers, st.floats(0, 0.9), st.floats(0, 1e300))
def test_a_number_is_close_where_numpy_says_so(
    one: float, other: float, rtol: float, atol: float
) -> None:
    tolerance = Tolerance(rtol=rtol, atol=atol)
    with np.errstate(all="ignore"):
        expected = bool(np.isclose(other, one, rtol=rtol, atol=atol, equal_nan=True))
    if not rtol and not atol and one == other == 0:
        expected = math.copysign(1, one) == math.copysign(1, other)
    assert is_close(one, other, tolerance) == expected


@given(st.floats(allow_nan=False, width=32), st.sampled_from([4, 8]), st.integers(1, 50))
def test_units_in_the_last_place_count_the_floats_between(
    number: float, size: int, steps: int
) -> None:
    kind: Any = {4: np.float32, 8: np.float64}[size]
    value = kind(number)
    if not np.isfinite(value):
        return
    moved = value
    with np.errstate(all="ignore"):
        for _ in range(steps):
            moved = np.nextafter(moved, kind(np.inf))
    if np.isfinite(moved):
        zero = 1 if value < 0 <= moved or (value == 0 and np.signbit(value)) else 0
        assert ulps_between(float(value), float(moved), size) in {steps, steps + zero}
        assert ulps_between(float(moved), float(value), size) == ulps_between(
            float(value), float(moved), size
        )


scalars = st.none() | st.booleans() | st.integers(-(2**80), 2**80) | numbers | st.text(max_size=300)
values = st.recursive(
    scalars | stn.arrays(dtypes, stn.array_shapes(max_dims=2, max_side=12)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(values, tolerances)
def test_a_value_is_identical_to_itself(value: Any, tolerance: Tolerance) -> None:
    assert outcome(value, value, tolerance) == "identical"


@given(scalars, scalars, st.sampled_from([0.0, 1e-9, 1.0]), st.sampled_from([0, 3]))
def test_without_rtol_it_is_symmetric(one: Any, other: Any, atol: float, ulp: int) -> None:
    tolerance = Tolerance(atol=atol, ulp=ulp)
    assert outcome(one, other, tolerance) == outcome(other, one, tolerance)


def full(before: Any, after: Any, tolerance: Tolerance) -> bool:
    """Say whether each number is close, from the numbers themselves."""
    size = before.dtype.itemsize if before.dtype.kind == "f" else None
    return all(
        is_close(one, other, tolerance, size)
        for one, other in zip(before.ravel().tolist(), after.ravel().tolist(), strict=True)
    )


@st.composite
def large_pairs(draw: Any) -> tuple[Any, Any]:
    """Return two arrays that are too large to be kept whole, and that differ a little, or a lot."""
    dtype = draw(dtypes)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.integers(65, 3000))
    scale = draw(st.sampled_from([1e-3, 1.0, 50.0]))
    offset = draw(st.sampled_from([0.0, 1.0, 40.0]))
    before = (random.normal(size=size) * scale + offset).astype(dtype)
    noise = draw(st.sampled_from([0.0, 1e-12, 1e-8, 1e-5, 1e-3, 1.0]))
    many = draw(st.booleans())
    moved = random.normal(size=size) * noise
    if not many:
        moved *= random.random(size) < 2 / size
    with np.errstate(all="ignore"):
        after = (before.astype(float) + moved).astype(dtype)
    if draw(st.booleans()) and before.dtype.kind == "f":
        place = draw(st.integers(0, size - 1))
        before[place] = draw(st.sampled_from([np.nan, np.inf, 0.0]))
        after[place] = draw(st.sampled_from([np.nan, np.inf, 0.0, 1e-30]))
    return before, after


@given(large_pairs(), tolerances)
@settings(max_examples=300)
def test_a_fingerprint_is_never_more_lenient_than_the_numbers(
    pair: tuple[Any, Any], tolerance: Tolerance
) -> None:
    before, after = pair
    found = outcome(before, after, tolerance)
    if found in {"identical", "within tolerance"}:
        assert full(before, after, tolerance)
    elif found == "different":
        assert not full(before, after, tolerance)


def test_a_fingerprint_sees_that_doubles_are_close() -> None:
    before = np.random.default_rng(0).normal(size=100_000) + 10
    after = before * (1 + 1e-15)
    assert outcome(before, after, Tolerance(rtol=1e-9)) == "within tolerance"
    assert outcome(before, after, Tolerance(ulp=10**6)) == "within tolerance"
    assert outcome(before, after) == "different"


def test_a_fingerprint_says_when_it_cannot_tell() -> None:
    before = np.random.default_rng(0).normal(size=100_000).astype("float32")
    after = before + np.float32(1e-6)
    found = judge(before, after, Tolerance(rtol=1e-3))
    assert found.outcome == "not comparable"
    assert "typically apart by" in found.why
    bound = float(found.why.partition("atol=")[2].split()[0])
    assert outcome(before, after, Tolerance(rtol=1e-3, atol=bound)) == "within tolerance"


@given(st.sampled_from(["float16[3]", "float", "int", "x", "float64[99]"]), st.text(max_size=9))
def test_values_of_a_stranger_break_nothing(kind: str, text: str) -> None:
    statistics = Statistics(
        minimum=text, maximum=text, mean=text, std=text, smallest=text, norm=text, sketch=""
    )
    parts = [
        Part(type=kind, value=text),
        Part(type=kind, values=[text, "1e99", "9" * 400]),
        Part(type=kind, statistics=replace(statistics, samples=[text])),
        Part(type=kind, statistics=statistics),
    ]
    for part in parts:
        for other in (*parts, Part(type=kind, value="1e300"), Part(type=kind, values=["1", "nan"])):
            compare_parts("x", [part], [other], Tolerance(rtol=1e-3, ulp=3))
