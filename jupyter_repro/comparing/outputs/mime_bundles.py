"""Compare the MIME bundles of two outputs: text, HTML, pictures and data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_repro.comparing.outputs.html import compare_html
from jupyter_repro.comparing.outputs.images import compare_images
from jupyter_repro.comparing.outputs.json_values import compare_json
from jupyter_repro.comparing.outputs.masks import mask
from jupyter_repro.comparing.outputs.text import Terms, compare_text
from jupyter_repro.comparing.outputs.verdict import IDENTICAL, Outcome, worst

PLAIN = "text/plain"
WIDGET = "application/vnd.jupyter.widget-view+json"
_DRAWN = (WIDGET, "application/javascript", "text/javascript")


def is_progress_bar(data: Mapping[str, Any]) -> bool:
    """Return whether an output is a progress bar."""
    return WIDGET in data and "<bar>" in mask(str(data.get(PLAIN, "")))


def compare_bundles(stored: Mapping[str, Any], new: Mapping[str, Any], terms: Terms) -> Outcome:
    """Compare two MIME bundles by every type that both have.

    If a picture or a widget cannot be compared, equal plain text is not enough: ``<Figure …>``
    does not describe what is drawn.
    """
    missing = [mime for mime in stored if mime not in new and mime != PLAIN]
    # Plain text comes last: of two equal outcomes, that of the richer type is more precise
    common = sorted((mime for mime in stored if mime in new), key=lambda mime: mime == PLAIN)
    if missing or not common:
        gone = ", ".join(missing or stored)
        return Outcome("different", f"an output of {gone} is stored, and there is none now")
    outcomes = {mime: compare_form(mime, stored[mime], new[mime], terms) for mime in common}
    rich = [outcome for mime, outcome in outcomes.items() if mime != PLAIN]
    comparable = [each for each in outcomes.values() if each.status != "not comparable"]
    if rich and all(outcome.status == "not comparable" for outcome in rich):
        comparable.append(rich[0])
    return worst(comparable or list(outcomes.values()))


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
