"""What a user reads is plain English: no sentence needs the words that make a riddle of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_repro
from jupyter_repro.cli import main
from jupyter_repro.cli.commands import COMMANDS

PACKAGE = Path(jupyter_repro.__file__).parent
ROOMS = (
    "cli",
    "run",
    "lint",
    "safety",
    "model",
    "packages",
    "capturing",
    "comparing",
    "seeding",
    "notebook",
    "show",
    "formats",
    "install",
    "kernel",
)

RIDDLES = re.compile(
    r"\b(?:another|somebody|nobody|told|tells|of its own|as it is|in the place of|at hand)\b",
    re.IGNORECASE,
)

ALLOWED: dict[str, str] = {
    " is another build of the same variant": "the field says it so",
    "told": "a key of an answer that front ends of 0.1.0 read",
}
"""A text in which such a word is the right one → why."""


def _texts(path: Path) -> Iterator[str]:
    """Yield the texts of a module that can reach a user: all but docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("room", ROOMS)
def test_messages_are_plain(room: str) -> None:
    texts = {text for path in (PACKAGE / room).rglob("*.py") for text in _texts(path)}
    assert len(texts) > 50  # else nothing was looked at
    assert {text for text in texts if RIDDLES.search(text)} - ALLOWED.keys() == set()


@pytest.mark.parametrize(
    "arguments", [(), *((name,) for name in COMMANDS), ("kernel", "install")], ids=" ".join
)
def test_help_is_plain(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "usage: jupyter repro" in shown
    assert RIDDLES.findall(shown) == []


def test_what_is_allowed_is_there() -> None:
    texts = {
        text for room in ROOMS for path in (PACKAGE / room).rglob("*.py") for text in _texts(path)
    }
    assert ALLOWED.keys() <= texts
