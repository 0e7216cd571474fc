"""Cells told by their source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.notebook.cell_keys import SourceKeys, source_key

ALIKE = [
    ("x=1", "x = 1"),
    ("x=1", "# one\n\nx = 1  # two\n"),
    ("f(a, b)", "f(\n    a,  # first\n    b\n)"),
    ("%time f()", "%time  f()"),
    ("!ls", "!ls  # all"),
    ("if x:\n  y()", "if x:\n    y()"),
]
DIFFERENT = [
    ("x = 1", "x = 2"),
    ("x = '#1'", "x = '#2'"),
    ("x = 'a b'", "x = 'ab'"),
    ('x = """a\n# b"""', 'x = """a\n# c"""'),
    ("x = 'it\\'s # 1'", "x = 'it\\'s # 2'"),
    ("%%bash\nls", "%%bash\nls -l"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_comments_and_white_space_do_not_count(one: str, other: str) -> None:
    assert source_key(one) == source_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_everything_else_counts(one: str, other: str) -> None:
    assert source_key(one) != source_key(other)


@given(st.text(alphabet="ab'\"\\#\n %!", max_size=200))
def test_every_text_has_a_key(source: str) -> None:
    assert len(source_key(source)) == 32
    assert source_key(f"\n{source}" if source else "") == source_key(source)


@pytest.mark.parametrize(
    "source", ['"""' * 3001, "\\" * 40_000, "'''" + "\\a" * 20_000, "'" * 9999]
)
def test_strange_sources_do_not_hang(source: str) -> None:
    assert source_key(source)


def test_the_same_source_counts() -> None:
    keys = SourceKeys()
    first = [keys.next("x=1"), keys.next("x = 1"), keys.next("x=2")]
    assert len(set(first)) == 3
    again = SourceKeys()
    assert [again.next("x=2"), again.next("x=1"), again.next("x=1")] == [
        first[2],
        first[0],
        first[1],
    ]
