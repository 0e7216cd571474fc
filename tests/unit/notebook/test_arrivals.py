"""The front end's own rule for what arrives is held against this file."""

from tests.fixtures.make_arrivals import PATH, text


def test_the_cases_of_the_front_end_are_what_record_says() -> None:
    assert PATH.read_text(encoding="utf-8") == text(), "run python -m tests.fixtures.make_arrivals"
