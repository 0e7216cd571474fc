"""A changed notebook keeps all that did not change, byte by byte."""

from __future__ import annotations

import codecs
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.notebook.encode import encode_as

FORMS: tuple[dict[str, Any], ...] = (
    {"indent": 1},
    {"indent": 2, "ensure_ascii": False},
    {"indent": "\t", "separators": (" ,", " :")},
    {"separators": (",", ":")},
    {"separators": (" , ", " : ")},
    {},
)
VALUES = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=2), VALUES, max_size=4)

STRANGE = r"""{
 "cells" : [ {"x":1E5 , "source":"\u0061\/b", "y": [1.10,NaN]},
   {"n":[]} ],

	"metadata": { "a":-0.0,"half":"\ud83d" },
 "nbformat":4}

"""


@given(
    OBJECTS,
    OBJECTS,
    st.sampled_from(FORMS),
    st.sampled_from([b"", codecs.BOM_UTF8]),
    st.sampled_from(["", "\n", " \n "]),
)
def test_any_change_is_written_and_nothing_else(
    before: dict[str, Any], after: dict[str, Any], form: dict[str, Any], mark: bytes, tail: str
) -> None:
    text = json.dumps(before, **form) + tail
    raw = mark + text.encode("utf-8", "backslashreplace")
    assert encode_as(raw, json.loads(text)) == raw
    mixed = {**dict([*before.items()][::2]), **after}
    encoded = encode_as(raw, mixed)
    assert encoded.startswith(codecs.BOM_UTF8) == bool(mark)
    assert json.dumps(json.loads(encoded), sort_keys=True) == json.dumps(mixed, sort_keys=True)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_new_key_leaves_strange_neighbours_as_they_are(line_end: str) -> None:
    text = STRANGE.replace("\n", line_end)
    plain = json.loads(text)
    plain["metadata"]["new"] = {"b": 1}
    encoded = encode_as(text.encode(), plain).decode()
    written = f'"\\ud83d","new":{{{line_end}   "b":1{line_end}  }} }}'
    assert encoded == text.replace('"\\ud83d" }', written)


def test_what_goes_leaves_its_neighbours_as_they_are() -> None:
    plain = json.loads(STRANGE)
    del plain["cells"][0]["x"]
    encoded = encode_as(STRANGE.encode(), plain).decode()
    assert encoded == STRANGE.replace('"x":1E5 , "source"', '"source"')
