"""What is told of a program that fails: its errors, and nothing that is personal."""

from __future__ import annotations

import os
import sys

import pytest

from jupyter_repro.install.processes import ProgramError, complaint, run_program

WORKING = "Downloading and Extracting Packages: ...working... done"
HTTP = "CondaHTTPError: HTTP 404 NOT FOUND for url <https://conda.example.org/main/a-1-0.conda>"
CHECKSUM = "ChecksumMismatchError: Conda detected a mismatch between the expected content"
ABORTING = "critical libmamba Aborting."


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        (
            [
                WORKING,
                HTTP,
                "Elapsed: 00:00.004",
                "An HTTP error occurred when trying to retrieve this URL.",
                "HTTP errors are often intermittent, and a simple retry will get you on your way.",
            ],
            HTTP,
        ),
        ([CHECKSUM, "for url 'https://conda.example.org/main/a-1-0.conda'", WORKING], CHECKSUM),
        (
            ["error    libmamba Package a-1-0 has a wrong hash", "warning  libmamba x", ABORTING],
            "error    libmamba Package a-1-0 has a wrong hash",
        ),
        (
            ["\N{MULTIPLICATION SIGN} Failed to read a-1.whl", "  caused by: Hash mismatch"],
            "\N{MULTIPLICATION SIGN} Failed to read a-1.whl",
        ),
        (["ERROR: Hash mismatch", "  Expected sha256 aa", "  Got bb"], "ERROR: Hash mismatch"),
        (
            ["Traceback (most recent call last):", "  File x", "a.b.OddError: no"],
            "a.b.OddError: no",
        ),
        (["first", "error-prone is a package", "last"], "first"),
    ],
)
def test_the_error_itself_comes_first(printed: list[str], told: str) -> None:
    assert complaint(printed)[0] == told


def test_what_an_error_says_in_further_lines_is_kept() -> None:
    printed = [CHECKSUM, "for url 'https://x/a-1-0.conda'", "expected aa", "actual bb", "more"]
    assert complaint([WORKING, *printed]) == printed[:4]


def test_two_errors_are_told_and_a_repeated_one_once() -> None:
    errors = ["PathNotFoundError: /a.conda", "PathNotFoundError: /b.conda"]
    assert complaint([*errors, "", *errors]) == [*errors, ""]


def test_mamba_has_nothing_to_say_but_that_it_ends() -> None:
    assert complaint([ABORTING]) == []


def test_a_program_that_fails_shows_no_secret() -> None:
    url = "https://bob:sekret12345@conda.example.org/t/to-12345678-ken/main/a-1-0.conda"
    code = f"import sys; print('working'); sys.exit('CondaHTTPError: HTTP 404 for url <{url}>')"
    with pytest.raises(ProgramError) as raised:
        run_program([sys.executable, "-c", code], os.environ)
    told = str(raised.value)
    assert "failed with status 1: CondaHTTPError: HTTP 404 for url <https://" in told
    assert "conda.example.org" in told
    assert "a-1-0.conda" in told
    assert "working" not in told
    assert raised.value.output.splitlines()[0] == "working"
    for text in (told, raised.value.output):
        assert "sekret" not in text
        assert "ken/" not in text


def test_a_program_that_says_nothing() -> None:
    with pytest.raises(ProgramError, match="failed with status 3: it said nothing"):
        run_program([sys.executable, "-c", "raise SystemExit(3)"], os.environ)
