"""Merge the results of a run into the recorded results of a notebook.

The rule is that of the environment: a run never replaces the reference, it becomes `latest`.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from jupyter_repro.model.results import MAX_HISTORY, MAX_RESULTS, Moment, Part, Result, RunResult
from jupyter_repro.safety.text import printable

_SHOWN = 3


def merge_results(
    recorded: Mapping[str, Result], run: Mapping[str, RunResult], env: str
) -> dict[str, Result]:
    """Return the results of a notebook after a run.

    Parameters
    ----------
    recorded
        The recorded results.
    run
        The results of the run. Other recorded results do not change: their cells may not have been
        run.
    env
        First digits of the digest of the environment.
    """
    merged = dict(recorded)
    for name, new in run.items():
        old = merged.get(name)
        if old is None and len(merged) >= MAX_RESULTS:
            continue
        if old is None:
            old = Result(parts=new.parts)
        merged[name] = replace(
            old,
            cell=new.cell or old.cell,
            tolerance=new.tolerance,
            latest=None if new.parts == old.parts else new.parts,
            history=_with_moment(
                old.history, Moment(created=new.created, env=env, value=shown(new.parts))
            ),
        )
    return dict(sorted(merged.items()))  # as nbformat writes them


def accept_results(recorded: Mapping[str, Result]) -> dict[str, Result]:
    """Return the results with the values of the last run as their reference."""
    return {
        name: replace(result, parts=result.latest or result.parts, latest=None)
        for name, result in recorded.items()
    }


def _with_moment(history: list[Moment], new: Moment) -> list[Moment]:
    # The same value in the same environment is not added twice: a re-run does not change the file
    if any((old.env, old.value) == (new.env, new.value) for old in history):
        return history
    return [*history, new][-MAX_HISTORY:]


def shown(parts: list[Part]) -> str:
    """Return a value as one line of text."""
    if not parts:
        return ""
    if len(parts) == 1:
        return printable(_shown_part(parts[0]))
    told = [f"{part.path} {_shown_part(part)}".strip() for part in parts[1 : _SHOWN + 1]]
    more = ", …" if len(parts) > _SHOWN + 1 else ""
    return printable(f"{parts[0].type}: {', '.join(told)}{more}")


def _shown_part(part: Part) -> str:
    if part.value is not None:
        return repr(part.value) if part.type == "str" else part.value
    if part.values is not None:
        if part.type.endswith("[]") and part.values:  # a single NumPy number
            return part.values[0]
        listed = ", ".join(part.values[:6]) + (", …" if len(part.values) > 6 else "")
        return f"[{listed}]"
    if part.statistics is not None:
        mean, std = map(_short_number, (part.statistics.mean, part.statistics.std))
        digest = (part.sha256 or "")[:8]
        return f"{part.type} {digest}, mean {mean}, std {std}"
    return f"{part.type} {(part.sha256 or '')[:8]}".strip()


def _short_number(text: str) -> str:
    try:
        return f"{float(text):.6g}"
    except ValueError:  # the record was edited
        return printable(text, 40)
