from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.comparing.outputs.exact import (
    CellOutcome,
    Outcome,
    compare_outputs,
    render_outcomes,
)
from jupyter_repro.comparing.outputs.normalise import merge_streams
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_snapshot,
    message_output,
    text_output,
)


def result(value: Any, *, count: int = 1, **metadata: Any) -> dict[str, Any]:
    return {
        "output_type": "execute_result",
        "execution_count": count,
        "data": {"text/plain": value},
        "metadata": metadata,
    }


def error(value: str, *traceback: str) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": value,
        "traceback": list(traceback),
    }


STDERR = {"output_type": "stream", "name": "stderr", "text": "a"}
CARD = message_output(make_snapshot())

CASES: list[tuple[list[Any], list[Any], Outcome | None]] = [
    ([], [], None),
    ([], [text_output("a")], "new"),
    ([text_output("a")], [], "gone"),
    ([text_output("a")], [text_output("a")], "identical"),
    ([text_output("a")], [text_output("b")], "different"),
    ([text_output("ab")], [text_output("a"), text_output("b")], "identical"),
    ([text_output("a")], [STDERR], "different"),
    ([text_output("a"), STDERR], [STDERR, text_output("a")], "different"),
    ([result("1", count=1)], [result("1", count=7)], "identical"),
    ([result("1", needs_background="light")], [result("1")], "identical"),
    ([result(["a\n", "b"])], [result("a\nb")], "identical"),
    ([result("0.1")], [result("0.10000000000000002")], "different"),
    ([error("x", "Cell In[1]")], [error("x", "Cell In[2]")], "identical"),
    ([error("x")], [error("y")], "different"),
    ([CARD], [], None),
    ([CARD, text_output("a")], [text_output("a"), CARD], "identical"),
    ([{"output_type": "display_data", "data": {"application/json": ["ab"]}}],
     [{"output_type": "display_data", "data": {"application/json": ["a", "b"]}}], "different"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "outcome"), CASES)
def test_outcomes(before: list[Any], after: list[Any], outcome: Outcome | None) -> None:
    markdown = {"cell_type": "markdown", "source": "x"}
    found = compare_outputs([markdown, code_cell("x", *before)], [markdown, code_cell("x", *after)])
    assert found == ([CellOutcome(2, outcome)] if outcome else [])


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text(max_size=3))))
def test_how_a_stream_was_cut_does_not_matter(pieces: list[tuple[str, str]]) -> None:
    outputs = [{"output_type": "stream", "name": name, "text": text} for name, text in pieces]
    cut = [
        {"output_type": "stream", "name": name, "text": letter}
        for name, text in pieces
        for letter in (text[:1], text[1:])
    ]
    assert compare_outputs([code_cell("x", *outputs)], [code_cell("x", *cut)]) == (
        [CellOutcome(1, "identical")] if pieces else []
    )
    merged = merge_streams(outputs)
    assert all(a["name"] != b["name"] for a, b in pairwise(merged))


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ([], "there were no stored results to compare with"),
        (["new", "new"], "there were no stored results to compare with"),
        (["identical"] * 12, "12 of 12 cells with outputs gave identical results"),
        (
            ["identical", "different", "new"],
            "1 of 2 cells with outputs gave identical results; cell 2 gave a different one",
        ),
        (
            ["different", "different", "gone"],
            (
                "0 of 3 cells with outputs gave identical results; "
                "cells 1, 2 gave other ones; cell 3 gave no output"
            ),
        ),
    ],
)
def test_the_sentence(outcomes: list[Outcome], sentence: str) -> None:
    numbered = [CellOutcome(number, outcome) for number, outcome in enumerate(outcomes, 1)]
    assert render_outcomes(numbered) == sentence
