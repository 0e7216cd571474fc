"""Compare the MIME bundles of two outputs: one of their forms decides.

An output holds the same thing in several forms. The one that carries the meaning decides: data
before HTML, LaTeX and other text, these before a picture, and a picture before the plain text,
which only names a figure. A rendering of a formula is a pixel higher on a different machine, and
front ends add private forms.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jupyter_repro.comparing.outputs.html import compare_html
from jupyter_repro.comparing.outputs.images import compare_images
from jupyter_repro.comparing.outputs.json_values import compare_json
from jupyter_repro.comparing.outputs.masks import mask
from jupyter_repro.comparing.outputs.text import Terms, compare_text
from jupyter_repro.comparing.outputs.verdict import IDENTICAL, Outcome

PLAIN = "text/plain"
WIDGET = "application/vnd.jupyter.widget-view+json"
_DRAWN = (WIDGET, "application/javascript", "text/javascript")

# How a front end or a library shows a result, not the result
_PRIVATE = (
    "application/vnd.google.colaboratory.",
    "application/vnd.microsoft.datawrangler.",
    "application/vnd.code.notebook.",
    "application/vnd.bokehjs_",
    "application/vnd.holoviews_",
)

# <Figure size 432x288 with 1 Axes>, <seaborn.axisgrid.FacetGrid at 0x7f…>, alt.Chart(...)
_NAME = re.compile(r"\s*(?:<[^\n]{1,500}>|Figure\([0-9.]+x[0-9.]+\)|alt\.\w*Chart\(\.\.\.\))\s*")

_PICTURE = 4


def is_progress_bar(data: Mapping[str, Any]) -> bool:
    """Return whether an output is a progress bar."""
    return WIDGET in data and "<bar>" in mask(str(data.get(PLAIN, "")))


def compare_bundles(stored: Mapping[str, Any], new: Mapping[str, Any], terms: Terms) -> Outcome:
    """Compare two MIME bundles by the form that carries most, of those that both have.

    If no rich form can be compared, equal plain text is not enough: ``<Figure …>`` does not
    describe what is drawn. Different plain text is, unless it only names a picture.
    """
    stored, new = _results(stored), _results(new)
    if not stored:
        return Outcome("not comparable", "an output that only its front end shows")
    common = sorted((mime for mime in stored if mime in new), key=_place)
    missing = [mime for mime in stored if mime not in new and mime != PLAIN]
    # A rendering of what both have as data, HTML or text is not missed
    if not common or (missing and _place(common[0])[0] >= _PICTURE):
        return _gone(missing or list(stored))
    unclear: list[Outcome] = []
    for mime in common:
        if mime == PLAIN and unclear and _only_name(stored[mime], new[mime]):
            continue
        outcome = compare_form(mime, stored[mime], new[mime], terms)
        if outcome.status == "not comparable":
            unclear.append(outcome)
        elif mime != PLAIN or outcome.status == "different" or not unclear:
            return outcome
    return _gone(missing) if missing else unclear[0]


def _gone(missing: list[str]) -> Outcome:
    what = f"an output of {', '.join(missing)} is stored, and there is none now"
    return Outcome("different", what)


def _place(mime: str) -> tuple[int, str]:
    """Return a key that sorts the forms of an output, beginning with the one that decides."""
    if mime in _DRAWN:
        place = 0
    elif mime.endswith("json"):
        place = 1
    elif mime == "text/html":
        place = 2
    elif mime == PLAIN:
        place = _PICTURE + 1
    else:
        place = 3 if mime.startswith("text/") else _PICTURE
    return place, mime


def _results(data: Mapping[str, Any]) -> dict[str, Any]:
    return {mime: value for mime, value in data.items() if not mime.startswith(_PRIVATE)}


def _only_name(*texts: object) -> bool:
    return all(isinstance(text, str) and _NAME.fullmatch(text) for text in texts)


def compare_form(mime: str, stored: object, new: object, terms: Terms) -> Outcome:
    """Compare one MIME type of an output."""
    if mime in _DRAWN:
        return Outcome("not comparable", "a widget or script, which only a browser draws")
    if mime.endswith("json"):
        return compare_json(stored, new, terms)
    if not isinstance(stored, str) or not isinstance(new, str):
        return Outcome("not comparable", f"{mime} that is no text")
    if mime == "text/html":
        return compare_html(stored, new, terms)
    if mime.startswith("image/"):
        return compare_images(mime, stored, new, terms)
    if mime.startswith("text/"):
        return compare_text(stored, new, terms)
    same = "".join(stored.split()) == "".join(new.split())
    return IDENTICAL if same else Outcome("not comparable", f"{mime} with other bytes")
