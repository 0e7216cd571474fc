"""What is never shown is never shown, and everything else is."""

from __future__ import annotations

import json
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.model.fields import PRINTABLE
from jupyter_repro.safety.text import HIDDEN, JOINERS, LETTERS, Ranges, escaped, printable

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]
STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
JOINER_NAMES = ("ZERO WIDTH NON-JOINER", "ZERO WIDTH JOINER")
TWO = tuple(map(unicodedata.lookup, JOINER_NAMES))


def members(ranges: Ranges) -> set[str]:
    return {chr(code) for first, last in ranges for code in range(first, last + 1)}


def is_shown(character: str) -> bool:
    return character in printable(f"a{character}b")


def test_what_steers_is_shown_nowhere() -> None:
    shown = [one for one in EVERY if unicodedata.category(one) in STEERING and is_shown(one)]
    assert shown == [*TWO]


def test_everything_else_is_shown() -> None:
    # An older Python has no category yet for what a newer Unicode made a format character
    hidden = [one for one in EVERY if not is_shown(one)]
    assert {unicodedata.category(one) for one in hidden} <= STEERING | {"Cn"}
    assert set(hidden) == members(HIDDEN)


def test_the_short_way_lets_nothing_through() -> None:
    assert not any(one.isprintable() for one in members(HIDDEN) | members(JOINERS))


def test_no_letter_is_hidden() -> None:
    assert not members(LETTERS) & (members(HIDDEN) | members(JOINERS))


@pytest.mark.parametrize("joiner", TWO, ids=JOINER_NAMES)
def test_a_joiner_is_shown_between_two_letters_alone(joiner: str) -> None:
    persian, hindi = f"\u0645\u06cc{joiner}\u062e\u0648", f"\u0915\u094d{joiner}\u0937"
    for text in (persian, hindi, f"Auf{joiner}lage"):
        assert printable(text) == text
    for text in (f"a{joiner}", f"{joiner}a", f"1{joiner}2", f"a{joiner}-", f"a{joiner}{joiner}b"):
        assert joiner not in printable(text)
    assert printable(f"abc{joiner}def", 5) == "abc…"


PIECES = st.sampled_from([*sorted(members(HIDDEN) - members(((0xD800, 0xDFFF),))), *TWO, *"ab 1"])


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(), st.integers(2, 9))
def test_a_cleaned_text_stays_as_it_is_and_can_be_stored(text: str, limit: int) -> None:
    once = printable(text, limit)
    assert printable(once, limit) == once
    assert len(once) <= limit
    assert re.match(PRINTABLE, once)


def test_what_an_older_version_stored_can_still_be_read() -> None:
    assert re.match(PRINTABLE, "a\u061cb\u200bc\u00add\ufeff")


@given(st.text())
def test_json_with_escapes_says_the_same(text: str) -> None:
    line = escaped(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(line) == {"a": text}
    assert printable(line, len(line)) == line.strip()


def test_printable_cuts_and_stays_on_one_line() -> None:
    assert printable("a\nb\r\n\x00c") == "a b c"
    assert printable("abcdef", 4) == "abc…"
    assert len(printable("x" * 9_999)) == 500
