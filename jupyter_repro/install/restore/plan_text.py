"""A plan as a text to read before you confirm it, and as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from jupyter_repro.install.places.places import normal_address
from jupyter_repro.install.restore.plan import Plan
from jupyter_repro.install.restore.python_plan import PythonStep
from jupyter_repro.install.solve.ladder import Step
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.packages.addresses import channel_name
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count

_UNITS = ("B", "kB", "MB", "GB")


def render_plan(plan: Plan, snapshot: Snapshot, kernel: Iterable[str]) -> str:
    """Return the packages, then what is different from the record, then the summary.

    Parameters
    ----------
    kernel
        Sentences on the kernel that would be installed.
    """
    lines = [f"  {line}" for line in _aligned([*_conda_rows(plan), *_python_rows(plan)])]
    if lines:
        lines.insert(0, "Packages")
    for title, told in (
        ("Not as recorded", plan.relaxed),
        ("Cannot be restored", plan.left_out),
        ("Look twice at these names", plan.lookalikes),
    ):
        if told:
            lines += ["", f"{title} ({len(told)})", *(f"  {printable(one, 500)}" for one in told)]
    when = snapshot.created.replace("T", " ").replace("Z", " UTC")
    lines += ["", f"To be restored: the environment recorded {when}"]
    lines += [f"  {line}" for line in _aligned(_summary(plan, kernel))]
    return "\n".join(lines)


def plain_plan(plan: Plan) -> dict[str, Any]:
    """Return the plan as data for JSON."""
    return {
        "prefix": str(plan.prefix),
        "engines": [one.name for one in (plan.conda_engine, plan.python_engine) if one],
        "python": plan.python.version if plan.python else plan.version_of("python"),
        "conda": [
            {"file": one.file_name, "url": one.url, "sha256": one.sha256, "size": one.size}
            for one in plan.conda.records
        ],
        "packages": [
            {
                "name": one.pin.name,
                "version": one.version,
                "file": one.file,
                "hashes": one.hashes,
                "size": one.size,
            }
            for one in plan.packages.steps
        ],
        "relaxed": plan.relaxed,
        "left_out": plan.left_out,
        "lookalikes": plan.lookalikes,
    }


def size_text(size: int | None) -> str:
    """Return a number of bytes as a readable text.

    Examples
    --------
    >>> size_text(1_234_567), size_text(999), size_text(None)
    ('1.2 MB', '999 B', '')
    """
    if size is None:
        return ""
    number, unit = float(size), 0
    while number >= 1_000 and unit < len(_UNITS) - 1:
        number, unit = number / 1_000, unit + 1
    return f"{number:.1f} {_UNITS[unit]}" if unit else f"{size} B"


def _conda_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    rungs = {step.record.file_name: step for step in plan.conda.steps if step.record}
    for record in plan.conda.records:
        yield (
            record.file_name,
            size_text(record.size),
            channel_name(record.channel),
            _mark(rungs.get(record.file_name)),
        )


def _mark(step: Step | None) -> str:
    if step is None:
        return "added"
    return "" if step.rung == "exact" else step.rung


def _python_rows(plan: Plan) -> Iterator[tuple[str, ...]]:
    for one in plan.packages.steps:
        what = one.file or one.pin.requirement
        yield what, size_text(one.size), _where(one), "not as recorded" if one.relaxed else ""


def _where(step: PythonStep) -> str:
    return step.where if step.pin.source else "Python index"


def _summary(plan: Plan, kernel: Iterable[str]) -> Iterator[tuple[str, ...]]:
    yield "into", str(plan.prefix)
    if plan.conda_engine:
        records = plan.conda.records
        sizes = _total(one.size for one in records)
        yield "conda", f"{count(len(records), 'package')}{sizes}, by {plan.conda_engine.name}"
        for address, number in Counter(one.channel for one in records).most_common():
            origin = next(
                (one.origin for one in plan.conda.places if one.address == normal_address(address)),
                "",
            )
            told = f" ({origin})" if origin else ""
            yield "", f"{number} from {address}{told}"
        if plan.conda_engine.program:
            name = plan.conda_engine.name
            yield "", f"each checked by its hash before {name} gets it"
            yield "", f"{name} runs the link scripts of packages, and does not report if one fails"
        else:
            yield "", "each checked by its hash; no script of a package is run"
    if plan.python and plan.python_engine:
        made = "uv" if plan.python_engine.program else "venv"
        yield "Python", f"{plan.python.version} of {plan.python.path}, in an environment by {made}"
    if plan.python_engine and plan.packages.steps:
        steps = plan.packages.steps
        sizes = _total(one.size for one in steps)
        yield "Python packages", f"{len(steps)}{sizes}, by {plan.python_engine.name}"
        indexes = ", ".join(one.address for one in plan.indexes)
        if any(not one.pin.source for one in steps):
            yield "", f"from {indexes}"
        if plan.allow_source:
            yield "", "each checked by its hash but commits; sources are built, which runs code"
        else:
            yield "", "wheels only, each checked by its hash"
    for number, sentence in enumerate(kernel):
        yield "kernel" if number == 0 else "", sentence


def _total(sizes: Iterable[int | None]) -> str:
    known = [size for size in sizes if size is not None]
    return f", {size_text(sum(known))}" if known else ""


def _aligned(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    every = [*rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    for row in every:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
