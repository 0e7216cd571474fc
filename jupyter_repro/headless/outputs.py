"""Stored outputs: bring them into one form, and compare those of two runs exactly.

Exactly means: the same bytes. What never repeats (execution counts, the numbers in a traceback)
and what is no result (our own card, output metadata) is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from jupyter_repro.messages import MIME_TYPE

SHOWN = 10
"""So many cells are named in a sentence."""

Outcome: TypeAlias = Literal["identical", "different", "new", "gone"]


@dataclass(frozen=True)
class CellOutcome:
    """How the outputs of one cell compare.

    Parameters
    ----------
    cell
        Number of the cell, counted from 1 over all cells of the notebook.
    outcome
        ``new`` and ``gone`` when only the second or the first run gave outputs.
    """

    cell: int
    outcome: Outcome


def compare_outputs(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> list[CellOutcome]:
    """Compare the stored outputs of a notebook's cells with those of another run of it.

    Parameters
    ----------
    before, after
        The cells of the notebook, in the same order.

    Returns
    -------
    list of CellOutcome
        One for each code cell that has outputs in either run.
    """
    found = []
    for number, (old, new) in enumerate(zip(before, after, strict=True), 1):
        outcome = _compare(results_of(old), results_of(new))
        if outcome is not None:
            found.append(CellOutcome(number, outcome))
    return found


def _compare(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Outcome | None:
    if not before:
        return "new" if after else None
    if not after:
        return "gone"
    return "identical" if before == after else "different"


def results_of(cell: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the outputs of a cell as far as they are results, in a form that compares."""
    outputs = cell.get("outputs") or []
    results = [_result(output) for output in outputs if MIME_TYPE not in output.get("data", ())]
    return merge_streams(results)


def _result(output: dict[str, Any]) -> dict[str, Any]:
    kind = output.get("output_type")
    if kind == "stream":
        return {
            "output_type": kind,
            "name": output.get("name"),
            "text": _joined(output.get("text", "")),
        }
    if kind == "error":
        return {key: output.get(key) for key in ("output_type", "ename", "evalue")}
    data = output.get("data", {})
    return {
        "output_type": kind,
        "data": {
            mime: value if mime.endswith("json") else _joined(value) for mime, value in data.items()
        },
    }


def _joined(value: Any) -> Any:  # noqa: ANN401 - plain JSON
    """Return a text that is stored as a list of lines as one text."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value


def merge_streams(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join neighbouring pieces of the same stream: how it was cut is an accident of timing."""
    merged: list[dict[str, Any]] = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output.get("output_type") == "stream" and _stream(last) == _stream(output):
            last["text"] += output["text"]
        else:
            merged.append(output)
    return merged


def _stream(output: dict[str, Any]) -> object:
    return output.get("name") if output.get("output_type") == "stream" else None


def render_outcomes(outcomes: Sequence[CellOutcome]) -> str:
    """Return one sentence on how the results of two runs compare."""
    counts = Counter(outcome.outcome for outcome in outcomes)
    compared = len(outcomes) - counts["new"]
    if not compared:
        return "there were no stored results to compare with"
    text = f"{counts['identical']} of {compared} cells with outputs gave identical results"
    for outcome, one, more in (
        ("different", "gave another one", "gave other ones"),
        ("gone", "gave no output", "gave no outputs"),
    ):
        cells = [str(each.cell) for each in outcomes if each.outcome == outcome]
        if len(cells) == 1:
            text += f"; cell {cells[0]} {one}"
        elif cells:
            shown = ", ".join(cells[:SHOWN]) + (", …" if len(cells) > SHOWN else "")
            text += f"; cells {shown} {more}"
    return text
