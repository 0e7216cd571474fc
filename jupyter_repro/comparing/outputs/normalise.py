"""Normalise outputs, so that those of two runs can be compared.

What never repeats (execution counts, the numbers in a traceback) and what is not a result (our own
card, output metadata) is left out.
"""

from __future__ import annotations

import re
from typing import Any

from jupyter_repro.model.message import MIME_TYPE

# Text of `results.expectations.Expected`
_EXPECTATION = re.compile(
    r"^expect [A-Za-z_][A-Za-z0-9_.-]{0,63} = .*: "
    r"(?:recorded|identical|within tolerance|different|not comparable)(?:\. .*)?(?:\n|$)",
    re.MULTILINE,
)


def results_of(cell: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the normalised outputs of a cell, without those that are not results."""
    outputs = [output for output in cell.get("outputs") or [] if isinstance(output, dict)]
    results = [_result(output) for output in outputs if MIME_TYPE not in _data(output)]
    return [output for output in map(_without_expectations, merge_streams(results)) if output]


def _without_expectations(output: dict[str, Any]) -> dict[str, Any] | None:
    """Return an output without the lines of ``%repro expect``, whose values are compared apart."""
    if output["output_type"] == "stream":
        text = _EXPECTATION.sub("", output["text"])
        return None if output["text"] and not text else {**output, "text": text}
    data = output.get("data") or {}
    told = data.get("text/plain")
    is_told = isinstance(told, str) and len(data) == 1 and _EXPECTATION.fullmatch(told)
    return None if is_told else output


def _data(output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data")
    return data if isinstance(data, dict) else {}


def _result(output: dict[str, Any]) -> dict[str, Any]:
    kind = output.get("output_type")
    if kind == "stream":
        return {
            "output_type": kind,
            "name": output.get("name"),
            "text": str(joined(output.get("text", ""))),
        }
    if kind == "error":
        return {key: output.get(key) for key in ("output_type", "ename", "evalue")}
    return {
        "output_type": kind,
        "data": {
            mime: value if mime.endswith("json") else joined(value)
            for mime, value in _data(output).items()
        },
    }


def text_of(outputs: list[dict[str, Any]]) -> str:
    """Return the text that normalised outputs show."""
    parts = []
    for output in outputs:
        if output["output_type"] == "stream":
            parts.append(str(output["text"]))
        elif output["output_type"] == "error":
            parts.append(f"{output['ename']}: {output['evalue']}")
        else:
            plain = output["data"].get("text/plain")
            parts.append(str(plain) if plain else ", ".join(output["data"]))
    return "\n".join(part.rstrip("\n") for part in parts)


def joined(value: Any) -> Any:  # noqa: ANN401 - plain JSON
    """Return a text that is stored as a list of lines as one text, and other values unchanged."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value


def merge_streams(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join neighbouring pieces of the same stream: only timing decides where it is cut."""
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
