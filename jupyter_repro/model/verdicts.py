"""How each verdict, outcome and severity is shown: its sign, its word and its tone.

Sentences, terminal, card, panel and page read these tables. The front end has drawings instead of
the signs, and translates the words; a test compares its words and tones with these tables. No
meaning is in a colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from jupyter_repro.model.report import LayerState, OverallVerdict, Severity

Tone: TypeAlias = Literal["good", "near", "bad", "unknown", "note"]

COLOURS: Mapping[Tone, str] = {
    "good": "var(--jp-success-color1,#2e7d32)",
    "near": "var(--jp-warn-color1,#b26a00)",
    "bad": "var(--jp-error-color1,#c62828)",
    "unknown": "var(--jp-ui-font-color2,#757575)",
    "note": "var(--jp-info-color1,currentColor)",
}
"""Tone → colour in HTML: JupyterLab's own where it shows the HTML."""

TERMINAL_STYLES: Mapping[Tone, str] = {
    "good": "green",
    "near": "yellow",
    "bad": "red",
    "unknown": "dim",
    "note": "dim",
}
"""Tone → style of rich."""


class Look(NamedTuple):
    """How something is shown."""

    sign: str
    word: str
    tone: Tone

    @property
    def colour(self) -> str:
        """In HTML."""
        return COLOURS[self.tone]

    @property
    def style(self) -> str:
        """In a terminal."""
        return TERMINAL_STYLES[self.tone]

    @property
    def heading(self) -> str:
        """The word at the beginning of a sentence."""
        return self.word[0].upper() + self.word[1:]


VERDICT_LOOKS: Mapping[LayerState | OverallVerdict, Look] = {
    "match": Look("✓", "matches", "good"),
    "drift": Look("≈", "drifts", "near"),
    "mismatch": Look("✗", "differs", "bad"),
    "not comparable": Look("⊘", "cannot be compared", "unknown"),
    "not checked": Look("?", "not checked", "unknown"),
    "not present": Look("·", "not present", "unknown"),
    "not run": Look("○", "results not run", "unknown"),
}
"""On a layer, an environment or a notebook."""

OUTCOME_LOOKS: Mapping[str, Look] = {
    "identical": Look("✓", "identical", "good"),
    "within tolerance": Look("≈", "within tolerance", "good"),
    "different": Look("✗", "different", "bad"),
    "not run": Look("○", "not run", "unknown"),
    "not comparable": Look("⊘", "not comparable", "unknown"),
    "left out": Look("·", "left out", "unknown"),
    "no output": Look("·", "no output", "unknown"),
}
"""Of a named result (`jupyter_repro.model.results.Outcome`), or of a cell that was run again."""

SEVERITY_LOOKS: Mapping[Severity, Look] = {
    "error": Look("✗", "error", "bad"),
    "warning": Look("!", "warning", "near"),
    "note": Look("·", "note", "note"),
}
"""Of a difference, or of what was seen in a run."""

UNCOMPARED = Look("•", "", "unknown")
"""A layer without a verdict."""


def several(severity: Severity) -> str:
    """Return the heading above all findings of a severity: ``Errors``."""
    return f"{SEVERITY_LOOKS[severity].heading}s"
