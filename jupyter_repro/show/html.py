"""Build HTML from elements, which escape plain text by its type.

`el` makes an element. Children of type `Markup` are inserted unchanged. Any other text is escaped,
and characters that are never shown become blanks. A test ensures that no other module in `show`
writes HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import TypeAlias

from jupyter_repro.safety.text import visible

Attribute: TypeAlias = str | float | bool | None


class Markup(str):
    """HTML made by this module. Joined to plain text with ``+`` or ``%`` it becomes plain text."""

    __slots__ = ()


NOTHING = Markup()
LINE_BREAK = Markup("\n")
DOCTYPE = Markup("<!DOCTYPE html>\n")

_SPECIAL = re.compile("[&<>\"']")
_VOID = frozenset(("br", "img", "meta"))
_EMPTY_SVG = frozenset(("circle", "line", "polyline", "rect"))


def el(tag: str, *children: str, **attributes: Attribute) -> Markup:
    """Return an element.

    Parameters
    ----------
    tag
        Its name.
    children
        Text, which is escaped, and `Markup`.
    attributes
        ``class_`` is ``class``, ``aria_hidden`` is ``aria-hidden``. True gives the bare name; None
        and False give nothing.

    Examples
    --------
    >>> el("li", "1 < 2 ", el("b", "x"), class_="key")
    '<li class="key">1 &lt; 2 <b>x</b></li>'
    """
    head = f"<{tag}{''.join(map(_attribute, attributes, attributes.values()))}"
    if tag in _VOID:
        return Markup(f"{head}>")
    if tag in _EMPTY_SVG:
        return Markup(f"{head}/>")
    return Markup(f"{head}>{join(children)}</{tag}>")


def join(children: Iterable[str], between: str = "") -> Markup:
    """Return texts and elements one after the other."""
    return Markup(_markup(between).join(map(_markup, children)))


def style_sheet(css: str) -> Markup:
    """Return a ``style`` element; `css` is not escaped, so it must be a constant."""
    return Markup(f"<style>\n{css}</style>\n")


def _attribute(name: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    text = visible(str(value))
    if _SPECIAL.search(text):
        text = escape(text, quote=False).replace('"', "&quot;")
    return f' {name}="{text}"'


def _markup(text: str) -> str:
    if isinstance(text, Markup):
        return text
    text = visible(text)
    return escape(text) if _SPECIAL.search(text) else text  # most texts need no escaping
