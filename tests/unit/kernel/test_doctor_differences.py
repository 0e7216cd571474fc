"""How far two values are apart, for numbers, arrays, tables and what holds them."""

from __future__ import annotations

import copy
import math
import random
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.kernel.doctor.differences import Difference, NotComparedError, find_difference

np = pytest.importorskip("numpy")


def differ(first: Any, second: Any) -> Difference:
    found = find_difference("v", first, second)
    assert found is not None
    return found


@dataclass
class Point:
    x: float
    y: list[float]


class Opaque:
    __slots__ = ("inside",)


SAME: dict[str, Any] = {
    "numbers": [1, 2.5, 1j, True, None],
    "nan": [math.nan, np.float32("nan"), np.array([np.nan, 1.0])],
    "texts": ["a", b"a", {"a", "b"}, frozenset((1,))],
    "nested": {"a": [1, (2.0, {"b": np.arange(3)})]},
    "arrays": [np.zeros((2, 0)), np.array(["a"]), np.array([None, 1.5], object), np.eye(2) * 1j],
    "a dataclass": Point(1.0, [2.0]),
    "a generator": random.Random(3),
    "NumPy's generator": np.random.default_rng(3),
}


@pytest.mark.parametrize("value", SAME.values(), ids=SAME)
def test_the_same(value: Any) -> None:
    assert find_difference("v", value, copy.deepcopy(value)) is None


@pytest.mark.parametrize(
    ("first", "second", "name", "ulp"),
    [
        (1.0, 1.0 + 2**-52, "v", 1),
        (0.0, -0.0, "v", 1),
        (-1.0, -1.0 - 2**-51, "v", 2),
        (0.5, math.nan, "v", None),
        (1, 2, "v", None),
        (1, 1.0, "v", None),
        ("a", "b", "v", None),
        ({"a": 1}, {"b": 1}, "v", None),
        ({"a": [1.0, 2.0]}, {"a": [1.0, 3.0]}, "v['a'][1]", 2**51),
        ([1], [1, 2], "v", None),
        (Point(1.0, []), Point(1.0, [1.0]), "v.y", None),
        (np.float32(1), np.nextafter(np.float32(1), np.float32(2)), "v", 1),
        (np.float16(1), np.float16(-1), "v", 2 * 0x3C00 + 1),
        (np.zeros(2), np.zeros(3), "v", None),
        (np.zeros(2), np.zeros(2, "f4"), "v", None),
        (np.array([1, 2]), np.array([1, 4]), "v", None),
        (np.array([True]), np.array([False]), "v", None),
        (np.array(["a"]), np.array(["b"]), "v", None),
        (np.array([1.0], ">f8"), np.array([1.0 + 2**-52], ">f8"), "v", 1),
        (np.array([2 + 1j]), np.array([2 + 1j + 2**-51]), "v", 1),
        (random.Random(1), random.Random(2), "v.getstate()[1][1]", None),
    ],
)
def test_different(first: Any, second: Any, name: str, ulp: int | None) -> None:
    found = differ(first, second)
    assert (found.name, found.ulp) == (name, ulp)


@given(st.floats(-(2.0**100), 2.0**100, width=32), st.integers(1, 1000))
def test_ulp_counts_the_floats_between(value: float, steps: int) -> None:
    first = np.float32(value)
    second = first
    for _ in range(steps % 8 + 1):
        second = np.nextafter(second, np.float32(np.inf))
    # Between the two zeros lies one more
    crossing = bool(first < 0 <= second) or (first == 0 and np.signbit(first))
    assert differ(first, second).ulp in (steps % 8 + 1, steps % 8 + 1 + crossing)


def test_the_largest_of_a_variable() -> None:
    found = differ(
        {"a": [1.0, 10.0], "b": np.array([5.0])}, {"a": [1.5, 10.0], "b": np.array([9.0])}
    )
    assert found.name == "v['a'][0]"
    assert found.absolute == 4.0
    assert found.relative == pytest.approx(4 / 9)
    assert math.isnan(differ([1.0, 1.0], [2.0, math.nan]).absolute or 0)


def test_what_tells_nothing_of_itself_is_not_compared() -> None:
    with pytest.raises(NotComparedError):
        find_difference("v", Opaque(), Opaque())
    assert find_difference("v", [Opaque()], [Opaque()]) is None
    assert find_difference("v", math, random) is None


def test_a_value_that_holds_itself() -> None:
    first: list[Any] = [1]
    first.append(first)
    assert find_difference("v", first, copy.deepcopy(first)) is None


def test_tables() -> None:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None], "c": pd.array([1, None], "Int64")})
    assert find_difference("v", table, table.copy()) is None
    other = table.copy()
    other.loc[1, "a"] = 4.0
    assert differ(table, other) == Difference(
        "v['a']", "1 of 2 numbers", 2.0, 0.5, differ(2.0, 4.0).ulp
    )
    assert differ(table, table.rename(columns={"a": "z"})).name == "v.columns[0]"
    assert differ(table, table.iloc[::-1]).name == "v.index[0]"
    assert differ(table["a"], other["a"]).name == "v.array"


@pytest.mark.torch
def test_tensors_and_models() -> None:
    torch = pytest.importorskip("torch")
    model = torch.nn.Linear(2, 1)
    assert find_difference("v", model, copy.deepcopy(model)) is None
    other = copy.deepcopy(model)
    with torch.no_grad():
        other.weight[0, 1] += 1
    assert differ(model, other).name == "v.state_dict()['weight']"
    for dtype, ulp in ((torch.float64, 1), (torch.float32, 1), (torch.float16, 1)):
        first = torch.ones(3, dtype=dtype, requires_grad=True)
        second = torch.nextafter(torch.ones(3, dtype=torch.float32), torch.full((3,), 2.0))
        if dtype is torch.float32:
            assert differ(first, second).ulp == ulp
        assert differ(first, first * 2).absolute == 1.0
    bfloats = torch.ones(1, dtype=torch.bfloat16), torch.zeros(1, dtype=torch.bfloat16)
    assert differ(*bfloats).absolute == 1.0
    assert differ(torch.ones(1), torch.ones(1, dtype=torch.float64)).what
