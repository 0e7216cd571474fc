"""Describe what an imported snapshot contains, how reliable that is, and what is missing."""

from __future__ import annotations

from jupyter_repro.formats.importers.confidence import Confidence, confidences
from jupyter_repro.model.snapshot import LAYER_TITLES, Snapshot
from jupyter_repro.safety.text import printable

_WORDS: dict[Confidence, str] = {
    "exact": "exact",
    "version": "by version",
    "constraint": "by constraint",
    "guess": "guessed",
}


def describe_source(snapshot: Snapshot) -> str:
    """Return the source of a snapshot, such as ``requirements.txt (pinned.txt)``."""
    imported = snapshot.imported
    if imported is None:
        return "a running environment"
    file = printable(imported.file or "")
    kind = printable(imported.format)
    return kind if file in {"", kind} else f"{kind} ({file})"


def render_imported(snapshot: Snapshot) -> str:
    """Return the contents of an imported snapshot, layer by layer, and what it lacks.

    Returns
    -------
    str
        Lines without a trailing newline; empty for a captured snapshot.
    """
    imported = snapshot.imported
    if imported is None:
        return ""
    known = confidences(snapshot)
    width = max(map(len, LAYER_TITLES.values()))
    lines = [f"Imported from {describe_source(snapshot)}; what the file omits is not checked."]
    for name, counts in known.items():
        told = ", ".join(f"{number} {_WORDS[sure]}" for sure, number in counts.items())
        what = "imports: " if name == "notebook" else ""
        lines.append(f"  {LAYER_TITLES[name]:<{width}}  {what}{told}")
    if imported.requires_python:
        lines.append(f"  {'':<{width}}  asks for Python {printable(imported.requires_python)}")
    if imported.options:
        told = ", ".join(map(printable, imported.options))
        lines.append(f"  Options of pip, kept for an export: {told}")
    untold = [title for name, title in LAYER_TITLES.items() if name not in known]
    lines.append(f"  Not in the file: {', '.join(untold)}")
    if imported.notes:
        lines += [
            "  Left out, or to be known",
            *(f"    {printable(note)}" for note in imported.notes),
        ]
    return "\n".join(lines)
