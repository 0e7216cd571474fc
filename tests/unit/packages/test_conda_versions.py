"""The order of conda's versions; tests/truth holds what they mean in specifications."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.packages.conda_versions import (
    CondaVersion,
    compare_conda_versions,
    parse_conda_version,
    starts_with,
)

# As conda's own VersionOrder sorts them; each row is of equal versions
ORDER = [
    ["0.1.dev3"],
    ["0.1", "0.1.0", "0.1.0.0"],
    ["0.9.rc1", "0.9.RC1"],
    ["0.9"],
    ["1.1.1dev2"],
    ["1.1.1_"],
    ["1.1.1a"],
    ["1.1.1w"],
    ["1.1.1", "1.1_1", "1.1-1"],
    ["1.1.1.1"],
    ["1.1.1post1"],
    ["1.2.0"],
    ["1.10"],
    ["2.0rc1"],
    ["2.0+cpu"],
    ["2.0+cu121"],
    ["2.0", "2"],
    ["2.0.post1"],
    ["9d"],
    ["9e"],
    ["9"],
    ["2024a"],
    ["2024b"],
    ["2024.1"],
    ["1!0.1"],
    ["2!0"],
]


def read(text: str) -> CondaVersion:
    version = parse_conda_version(text)
    assert version is not None, text
    return version


def test_the_order() -> None:
    for row in ORDER:
        for one in row:
            assert compare_conda_versions(read(one), read(row[0])) == 0, one
    for smaller, larger in pairwise(ORDER):
        assert compare_conda_versions(read(smaller[0]), read(larger[0])) == -1, larger
        assert compare_conda_versions(read(larger[0]), read(smaller[0])) == 1, larger


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "1..2",
        "1.",
        ".1",
        "1+",
        "+1",
        "1+2+3",
        "!1",
        "a!1",
        "1!2!3",
        "1 2",
        "1-2_3",
        "é",
    ],
)
def test_what_conda_refuses(text: str) -> None:
    assert parse_conda_version(text) is None


@pytest.mark.parametrize(
    ("version", "start", "expected"),
    [
        ("1.1.1w", "1.1.1", True),
        ("1.1.10", "1.1.1", False),
        ("1.1.1w", "1.1.1w", True),
        ("1.1.1wx", "1.1.1w", True),
        ("1.1", "1.1.0", True),
        ("1.1", "1.1.1", False),
        ("1!1.1", "1.1", False),
        ("2.0+cu121", "2.0", True),
        ("2.0+cu121.1", "2.0+cu121", True),
        ("2.0.1+cu121", "2.0+cu121", False),
    ],
)
def test_a_version_that_starts_with_another(version: str, start: str, expected: bool) -> None:  # noqa: FBT001 - a column
    assert starts_with(read(version), read(start)) is expected


@given(st.text("0123456789abdevpost.!+_-", max_size=20))
def test_any_text_has_an_order_or_none(text: str) -> None:
    version = parse_conda_version(text)
    if version is not None:
        assert compare_conda_versions(version, version) == 0
        assert starts_with(version, version)


def test_a_number_that_is_too_long_is_no_version() -> None:
    assert parse_conda_version("9" * 5_000) is None
