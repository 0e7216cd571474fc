"""Reads our HTML strictly: every tag is known and closed, in the right order."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

CARD_TAGS = frozenset(("div", "b", "i", "span", "details", "summary", "ul", "li", "br"))
PANEL_TAGS = CARD_TAGS | {"h4", "p", "table", "tr", "th", "td", "code", "style"}
ATTRIBUTES = frozenset(("style", "open", "aria-hidden", "class"))


class Page(HTMLParser):
    """A piece of markup: its text, and the attributes that it uses."""

    def __init__(self, markup: str, tags: frozenset[str] = CARD_TAGS) -> None:
        super().__init__(convert_charrefs=True)
        self.tags = tags
        self.open: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(markup)
        self.close()
        assert self.open == []
        assert {name for name, _ in self.attributes} <= ATTRIBUTES

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.tags
        self.attributes += attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        pytest.fail(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        pytest.fail(f"a declaration: {decl}")
