"""Nothing that is printed is a command to the runner of a continuous integration server."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.safety.runner_commands import GuardedStream, without_commands

PIECES = st.sampled_from(
    ["::", ":", "##", "#", "[", "]", "error", "vso[", " ", "\t", "\r", "a", "{"]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def obeys(line: str) -> bool:
    """Say whether GitHub's runner, or that of Azure or TeamCity, takes a line for a command."""
    parts = line.split("\r")
    return any(part.lstrip().startswith("::") for part in parts) or bool(
        re.search(r"##(\w*)\[", line)
    )


@given(TEXTS)
def test_no_line_is_obeyed(text: str) -> None:
    assert not obeys(without_commands(text))
    assert without_commands(without_commands(text)) == without_commands(text)
    if not obeys(text):
        assert without_commands(text) == text


@given(TEXTS)
def test_json_keeps_its_value(text: str) -> None:
    line = json.dumps({"why": text})
    assert not obeys(without_commands(line))
    assert json.loads(without_commands(line)) == {"why": text}


@given(st.lists(TEXTS, max_size=5))
def test_however_a_line_is_cut(texts: list[str]) -> None:
    stream = io.StringIO(newline="")
    guarded = GuardedStream(stream)
    for text in texts:
        guarded.write(text)
    guarded.write("\n")
    assert not obeys(stream.getvalue().removesuffix("\n"))


def test_commands_of_our_own_and_what_is_left() -> None:
    stream = io.StringIO()
    guarded = GuardedStream(stream)
    assert guarded.write("::a\n##[b]") == len("::a\n##[b]")
    guarded.write("\n")
    guarded.write_command("::notice::c")
    guarded.writelines(["d", "::e"])
    assert guarded.getvalue() == ": :a\n# #[b]\n::notice::c\n"  # type: ignore[operator]
    guarded.flush()
    assert stream.getvalue().endswith("\nd::e")


@pytest.mark.parametrize("line", ["12::34", "a::b", "# [x]", "## x [y]", "std::vector"])
def test_other_lines_stay(line: str) -> None:
    assert without_commands(line) == line
