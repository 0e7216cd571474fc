"""Compare all outputs of a cell with the stored ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from jupyter_repro.comparing.outputs.masks import is_timing, mask, overwritten, without_warnings
from jupyter_repro.comparing.outputs.mime_bundles import compare_bundles, is_progress_bar
from jupyter_repro.comparing.outputs.normalise import merge_streams, results_of
from jupyter_repro.comparing.outputs.text import Terms, compare_text, quoted
from jupyter_repro.comparing.outputs.verdict import Outcome, judged, worst


def compare_cells(stored: dict[str, Any], new: dict[str, Any], terms: Terms) -> Outcome | None:
    """Compare the outputs of a cell in two runs; return None if neither has any."""
    (old, old_errors), (now, new_errors) = _parted(stored), _parted(new)
    if not (old or old_errors):
        if not (now or new_errors):
            return None
        if stored.get("execution_count") is None and _error_of(now) is None:
            return Outcome("not comparable", "nothing is stored: the cell had not been run")
    outcomes = _compare_outputs(old, now, terms)
    if outcomes[-1:] and outcomes[-1].status == "different":
        return outcomes[-1]
    if old_errors or new_errors:
        told = compare_text(old_errors, new_errors, terms)
        if told.status != "identical":
            told = replace(told, why=f"on standard error: {told.why}")
        outcomes.append(told)
    return judged(worst([each for each in outcomes if not each.is_empty] or outcomes))


def _compare_outputs(
    old: list[dict[str, Any]], now: list[dict[str, Any]], terms: Terms
) -> list[Outcome]:
    """Return an outcome for each output, up to the first that is different."""
    raised = _error_of(now)
    if raised is not None and _error_of(old) is None:
        return [Outcome("different", f"raises {_describe_error(raised)}, which is not stored")]
    outcomes: list[Outcome] = []
    for number, (one, other) in enumerate(zip(old, now, strict=False), 1):
        outcomes.append(_at(_compare_one(one, other, terms), number, len(now)))
        if outcomes[-1].status == "different":
            return outcomes
    if len(old) != len(now):
        what = f"{_count(len(now))}, stored {_count(len(old))}"
        outcomes.append(Outcome("different", f"{what}{_first_surplus(old, now)}"))
    return outcomes


def _count(outputs: int) -> str:
    return {0: "no output", 1: "one output"}.get(outputs, f"{outputs} outputs")


def _first_surplus(old: list[dict[str, Any]], now: list[dict[str, Any]]) -> str:
    longer, word = (now, "more") if len(now) > len(old) else (old, "missing")
    return f"; {word}: {_summary(longer[min(len(old), len(now))])}"


def _at(outcome: Outcome, number: int, outputs: int) -> Outcome:
    if outputs < 2 or not outcome.why:
        return outcome
    separator = ", " if outcome.why.startswith("line ") else ": "
    return replace(outcome, why=f"output {number}{separator}{outcome.why}")


def _compare_one(stored: dict[str, Any], new: dict[str, Any], terms: Terms) -> Outcome:
    kinds = _kind(stored), _kind(new)
    if kinds[0] != kinds[1]:
        return Outcome("different", f"{_summary(new)}, stored {_summary(stored)}")
    if kinds[0] == "stream":
        return compare_text(str(stored["text"]), str(new["text"]), terms)
    if kinds[0] == "error":
        return _compare_errors(stored, new)
    return compare_bundles(stored["data"], new["data"], terms)


def _compare_errors(stored: dict[str, Any], new: dict[str, Any]) -> Outcome:
    if stored["ename"] != new["ename"]:
        raised = f"raises {_describe_error(new)}, stored {_describe_error(stored)}"
        return Outcome("different", raised)
    if mask(str(stored["evalue"])) == mask(str(new["evalue"])):
        return Outcome("identical", f"raises {quoted(str(new['ename']))}, as stored")
    return Outcome("within tolerance", f"raises {_describe_error(new)}, with a different message")


def _kind(output: dict[str, Any]) -> str:
    kind = output["output_type"]
    return kind if kind in {"stream", "error"} else "data"


def _error_of(outputs: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((output for output in outputs if _kind(output) == "error"), None)


def _describe_error(output: dict[str, Any]) -> str:
    return quoted(f"{output['ename']}: {output['evalue']}")


def _summary(output: dict[str, Any]) -> str:
    kind = _kind(output)
    if kind == "error":
        return f"an exception {_describe_error(output)}"
    if kind == "stream":
        return f"printed text {quoted(str(output['text']))}"
    data = output["data"]
    rich = [mime for mime in data if mime != "text/plain"]
    text = str(data.get("text/plain", ""))
    return f"a value {quoted(text)}" if not rich or text else f"an output of {rich[0]}"


def _parted(cell: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """Return the outputs that are results, and separately the text on standard error.

    The order in which the two streams arrive is an accident.
    """
    outputs, errors = [], []
    for output in results_of(cell):
        if output["output_type"] == "stream" and output["name"] == "stderr":
            errors.append(str(output["text"]))
        elif not _is_passing(output):
            outputs.append(output)
    text = without_warnings(overwritten("".join(errors)))
    return merge_streams(outputs), text if text.strip() else ""


def _is_passing(output: dict[str, Any]) -> bool:
    """Return whether an output only shows how a cell runs: a progress bar, ``%time``'s times."""
    if _kind(output) == "stream":
        return is_timing(str(output["text"]))
    return _kind(output) == "data" and is_progress_bar(output["data"])


def pictures_that_differ(
    stored: dict[str, Any], new: dict[str, Any]
) -> Iterator[tuple[int, str, str, str]]:
    """Yield the number of an output, its MIME type, and the stored and the new picture."""
    pairs = zip(_parted(stored)[0], _parted(new)[0], strict=False)
    for number, (one, other) in enumerate(pairs, 1):
        if _kind(one) != "data" or _kind(other) != "data":
            continue
        for mime, picture in one["data"].items():
            another = other["data"].get(mime)
            if (
                mime.startswith("image/")
                and isinstance(picture, str)
                and isinstance(another, str)
                and picture.strip() != another.strip()
            ):
                yield number, mime, picture, another
