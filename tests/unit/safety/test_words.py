from __future__ import annotations

import re
from pathlib import Path

import pytest

import jupyter_repro
from jupyter_repro.safety.words import count


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 cells"), (1, "1 cell"), (2, "2 cells"), (11, "11 cells")]
)
def test_a_number_and_its_noun(number: int, text: str) -> None:
    assert count(number, "cell") == text


def test_no_module_makes_a_plural_itself() -> None:
    """A number and its noun come from one function, so that all of them agree."""
    own = re.compile(
        r"""['"]['"] if [^{}]+ == 1 else ['"]s['"]|['"]s['"] if [^{}]+ > 1 else"""
        r"""|['"](?:1 )?(\w+)['"] if [^{}]+ == 1 else f?['"](?:{[^{}]+} )?\1s['"]"""
        r"""|{noun}s\b"""
    )
    package = Path(jupyter_repro.__file__).parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if own.search(path.read_text(encoding="utf-8"))
    }
    assert found == {"safety/words.py"}
