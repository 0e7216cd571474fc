"""Findings as they are shown and stored: nothing personal, one order, bounded, escaped."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.model.document import Document
from jupyter_repro.model.findings import (
    FINDING_KINDS,
    HASH_RANDOMIZATION,
    MAX_RECORDED_FINDINGS,
    RunFinding,
    for_document,
    with_ids,
    worst_first,
)
from jupyter_repro.model.message import pack, strip, unpack
from jupyter_repro.model.migrations import decode_document
from jupyter_repro.notebook.record import record
from jupyter_repro.seeding.watch.stored import recorded_form
from jupyter_repro.show.card import full_block, render_card, short_block
from jupyter_repro.show.findings_text import in_order, place_of, render_findings, render_short
from tests.fixtures.notebooks.samples import make_snapshot
from tests.unit.support.machine import make_world
from tests.unit.support.page import Page

SNAPSHOT = make_snapshot(packages=("numpy==1.0",))


def finding(**fields: Any) -> RunFinding:
    plain = {"kind": "unseeded-generator", "severity": "note", "what": "what", "advice": "do"}
    return msgspec.structs.replace(RunFinding(**plain), **fields)  # type: ignore[arg-type]


FINDINGS = st.builds(
    RunFinding,
    kind=st.sampled_from([*FINDING_KINDS, "of-tomorrow", "of-next-week"]),
    severity=st.sampled_from(["warning", "note"]),
    what=st.sampled_from(["a", "b"]),
    advice=st.sampled_from(["do", "leave"]),
    cell=st.none() | st.sampled_from(["one", "two", "three"]),
    file=st.none() | st.sampled_from(["", "a.py"]),
    line=st.none() | st.integers(0, 5),
    count=st.integers(1, 9),
)


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("/run/ipykernel_123/456.py", None),
        ("{work}/mine.py", "mine.py"),
        ("{work}/pack/part.py", "pack/part.py"),
        ("/home/bob/secret-project/mine.py", "mine.py"),
        (
            "/opt/bob/lib/python3.12/site-packages/transformers/trainer.py",
            "transformers/trainer.py",
        ),
        ("/usr/lib/python3/dist-packages/numpy/x.py", "numpy/x.py"),
        (r"C:\Users\bob\env\Lib\site-packages\numpy\x.py", "numpy/x.py"),
        ("/usr/lib/python3.12/random.py", "random.py"),
        ("<timed exec>", "<timed exec>"),
        ("/home/bob/hf_abcdefghijklmnopqrstuvwxyzABCDEF.py", "***.py"),
        ("/x/a\u202eb\n.py", "a b .py"),
    ],
)
def test_a_file_is_told_without_what_is_personal(
    tmp_path: Path, file: str, shown: str | None
) -> None:
    world = make_world(tmp_path)
    place = file.format(work=world.cwd)
    (found,) = recorded_form([finding(file=place)], world, lambda file: "ipykernel" in file)
    assert found.file == shown


def test_words_are_cleaned_and_counts_stay(tmp_path: Path) -> None:
    world = make_world(tmp_path)
    what = f"seen in {world.home}/x with hf_abcdefghijklmnopqrstuvwxyzABCDEF\n\x1b[1m"
    (found,) = recorded_form([finding(what=what, count=3)], world, lambda _: False)
    assert found.what == "seen in ~/x with *** [1m"
    assert found.count == 3


@given(findings=st.lists(FINDINGS, max_size=8), seed=st.integers())
def test_whatever_the_order_the_list_is_the_same(findings: list[RunFinding], seed: int) -> None:
    mixed = [msgspec.structs.replace(one, count=one.count + 1) for one in findings]
    random.Random(seed).shuffle(mixed)
    once = for_document(findings)
    assert for_document(mixed) == once
    assert for_document(once) == once
    assert {one.count for one in once} <= {1}
    assert worst_first(once) == once


def test_a_line_that_is_not_known_comes_before_line_0() -> None:
    # Several cells: sets are ordered differently in each run, and one pair could be right by chance
    cells = [f"cell {number}" for number in range(8)]
    ordered = [finding(cell=cell, line=line) for cell in cells for line in (None, 0)]
    assert for_document(ordered) == for_document(ordered[::-1]) == ordered


def test_only_the_worst_are_kept() -> None:
    notes = [finding(line=line) for line in range(MAX_RECORDED_FINDINGS)]
    worst = finding(kind="autocast", severity="warning")
    kept = for_document([*notes, worst])
    assert len(kept) == MAX_RECORDED_FINDINGS
    assert kept[0] == worst


def test_numbers_of_cells_become_ids() -> None:
    found = [finding(cell=cell) for cell in ("In [2]", "In [3]", "In [x]", None, "id")]
    named = with_ids(found, {2: "two", 3: None})
    assert [one.cell for one in named] == ["two", "In [3]", "In [x]", None, "id"]


# --- the document -----------------------------------------------------------------------------


def test_a_run_replaces_and_no_run_keeps() -> None:
    one, other = finding(cell="a"), finding(cell="b", count=5)
    document = record(None, SNAPSHOT, findings=[one])
    assert document.findings == [one]
    assert record(document, SNAPSHOT).findings == [one]
    assert record(document, SNAPSHOT, findings=[other]).findings == [finding(cell="b")]
    assert record(document, SNAPSHOT, findings=[]).findings == []


def test_a_part_of_a_run_replaces_its_cells() -> None:
    document = record(
        None, SNAPSHOT, findings=[finding(cell=cell) for cell in ("a", "b", "In [9]", None)]
    )
    partly = record(document, SNAPSHOT, findings=[finding(cell="c")], cells=["a", "c"])
    assert [one.cell for one in partly.findings] == ["b", "c"]
    assert record(partly, SNAPSHOT, findings=[finding(cell="c")], cells=["c"]) == partly


@given(findings=st.lists(FINDINGS, max_size=8))
def test_a_document_with_findings_comes_back(findings: list[RunFinding]) -> None:
    document = record(None, SNAPSHOT, findings=findings)
    assert decode_document(msgspec.json.encode(document)).findings == document.findings
    assert record(document, SNAPSHOT, findings=findings) == document


def test_a_document_without_findings_is_as_before() -> None:
    plain = msgspec.to_builtins(Document(schema_version=1, reference=SNAPSHOT))
    assert "findings" not in plain
    assert decode_document(plain).findings == []


@pytest.mark.parametrize(
    "field",
    [
        {"severity": "fatal"},
        {"what": "x" * 1001},
        {"what": "a\x1b[2J"},
        {"kind": "<script>"},
        {"line": -1},
        {"count": 0},
        {"cell": ["a"]},
    ],
)
def test_hostile_findings_are_refused(field: dict[str, Any]) -> None:
    plain = msgspec.to_builtins(record(None, SNAPSHOT, findings=[finding()]))
    plain["findings"][0] |= field
    with pytest.raises(Exception, match="not valid"):
        decode_document(plain)
    plain["findings"] = [msgspec.to_builtins(finding())] * (MAX_RECORDED_FINDINGS + 1)
    with pytest.raises(Exception, match="not valid"):
        decode_document(plain)


def test_a_message_carries_them_until_they_are_moved() -> None:
    plain = pack(SNAPSHOT, findings=[finding()])
    assert unpack(plain)[0].findings == [finding()]
    assert strip(plain) is True
    assert "findings" not in plain
    assert strip(plain) is False


# --- words ------------------------------------------------------------------------------------


def test_a_place_in_words() -> None:
    labels = {"id": "In [3]"}
    assert place_of(finding(), labels) == ""
    assert place_of(finding(cell="id", line=2), labels) == "In [3], line 2"
    assert place_of(finding(cell="In [4]"), labels) == "In [4]"
    assert place_of(finding(cell="gone", file="a.py", line=2), {}) == "a cell, a.py, line 2"


def test_all_and_some_of_them_in_words() -> None:
    found = [finding(line=line, count=line) for line in range(1, 8)]
    shown = render_findings([*found, HASH_RANDOMIZATION], {}, omitted=4)
    row = "· line 1; line 2; line 3; line 4; line 5 and 2 more: what (seen 28 times)\n  do\n"
    assert shown.startswith(row + "· The order of sets")
    assert shown.endswith("and 4 more")
    others = [finding(line=1), finding(line=2, count=2, what="else"), finding(line=3)]
    assert render_findings(others, {}).splitlines()[::2] == [
        "· line 1: what",
        "· line 2: else (seen 2 times)",
        "· line 3: what",
    ]
    lines = render_short([*found, HASH_RANDOMIZATION], {})
    assert lines == [
        *(f"· line {line}: what" for line in range(1, 6)),
        "and 2 more: %repro findings",
    ]
    assert render_short([HASH_RANDOMIZATION], {}) == []
    assert render_findings([], {}).startswith("Nothing was seen")


def test_they_stand_in_the_order_of_the_cells() -> None:
    found = [finding(cell=cell) for cell in (None, "b", "a")]
    found.append(finding(cell="b", severity="warning"))
    ordered = in_order(found, {"a": "cell 1", "b": "cell 2"})
    assert [one.cell for one in ordered] == ["b", "a", "b", None]


def test_the_blocks_are_escaped_and_well_formed() -> None:
    nasty = "</li><script>alert(1)</script>&"
    found = [finding(what=nasty, advice=nasty, file=nasty, cell=nasty, line=1, count=2)] * 7
    for block in (
        short_block(found, {nasty: nasty}),
        full_block(found, {}, omitted=3),
        full_block([], {}),
        render_card(SNAPSHOT, None, [], short_block(found, {})),
    ):
        Page(block)
        assert "<script" not in block
    assert "and 2 more: %repro findings" in Page(short_block(found, {})).text
    assert short_block([HASH_RANDOMIZATION], {}) == ""
