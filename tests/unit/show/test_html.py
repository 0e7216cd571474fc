"""Elements escape by type, and no other module writes HTML."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.safety.text import visible
from jupyter_repro.show import html
from jupyter_repro.show.html import NOTHING, Markup, el, join

PACKAGE = Path(html.__file__).parents[1]
ROOMS = ("show", "kernel/doctor")
TAG = re.compile(r"<[A-Za-z][A-Za-z0-9]*[\s>/]|</|<!|<$")


class Parsed(HTMLParser):
    """The elements of a piece of markup, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(), st.text())
def test_a_text_stays_a_text_wherever_it_goes(text: str, other: str) -> None:
    made = el("p", text, el("b", other), title=text, class_=other)
    parsed = Parsed(made)
    assert parsed.tags == [("p", {"title": visible(text), "class": visible(other)}), ("b", {})]
    assert parsed.text == visible(text) + visible(other)


def test_markup_that_is_put_together_as_text_is_a_text_again() -> None:
    bold = el("b", "x")
    for text in (bold + "<i>", f"{bold}", f"{bold} {bold}"):
        assert not isinstance(text, Markup)
        assert "<b>" not in el("p", text)
    assert join([bold, "<", bold], "&") == "<b>x</b>&amp;&lt;&amp;<b>x</b>"


def test_attributes() -> None:
    made = el("details", style="a:'b'", open=True, hidden=False, aria_hidden="true", x=None, r=3)
    assert made == """<details style="a:'b'" open aria-hidden="true" r="3"></details>"""
    assert el("br") == "<br>"
    assert el("rect", x=1) == '<rect x="1"/>'
    assert not NOTHING


def test_what_is_never_shown_is_in_no_element() -> None:
    assert el("p", "a\u202eb", title="c\u200bd") == '<p title="c d">a b</p>'


def html_by_hand(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that write HTML, or that declare a text to be markup."""
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    widths = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and node.format_spec
        for inner in ast.walk(node.format_spec)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node not in docstrings | widths and TAG.search(node.value):
                yield node.lineno
        elif isinstance(node, ast.Call) and "Markup" in ast.unparse(node.func):
            yield node.lineno


@pytest.mark.parametrize(
    "source",
    ["f'<b>{x}'", "f'<{x} class=1>'", "'<li>' + x", "'%s</p>' % x", "Markup(x)", "html.Markup(x)"],
)
def test_html_by_hand_is_found(source: str) -> None:
    tree = ast.parse(f"def make(x):\n    return {source}")
    assert set(html_by_hand(tree)) == {2}


MODULES = sorted(path for room in ROOMS for path in (PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_writes_html_by_hand(path: Path) -> None:
    if path != Path(html.__file__):
        assert [*html_by_hand(ast.parse(path.read_text(encoding="utf-8")))] == []
