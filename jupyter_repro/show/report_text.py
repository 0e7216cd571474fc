"""A comparison as lines of text, the same for a terminal, a pipe and a kernel's output.

Differences that mean the same are one group whose list is cut, and warnings and notes end after a
screenful: 160 packages that differ are no 160 things to read. No kind of error is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from jupyter_repro.comparing.results.judge import Judged, render_judged
from jupyter_repro.model.report import SEVERITIES, Finding, Report, Severity
from jupyter_repro.model.snapshot import LAYER_TITLES
from jupyter_repro.model.verdicts import (
    OUTCOME_LOOKS,
    SEVERITY_LOOKS,
    VERDICT_LOOKS,
    several,
)
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts

WIDTH = 100
"""Columns where the width of the screen is not known."""

_WIDEST = 44
_ALONE = 3  # so many of a group have a line each
_LISTED = 2  # lines of a list
_MOST_LINES = 12  # of warnings, and of notes


class Line(NamedTuple):
    """A line, and the style that it has in a terminal."""

    text: str
    style: str = ""


def render_verdicts(verdicts: Verdicts, *, everything: bool = False) -> str:
    """Return the overall verdict, the differences and the named results; see `render_report`."""
    return _joined(verdict_lines(verdicts, everything=everything))


def verdict_lines(
    verdicts: Verdicts, *, everything: bool = False, width: int = WIDTH, more: str = ""
) -> list[Line]:
    """Return the lines of `render_verdicts`; see `report_lines`."""
    overall = verdicts.overall
    report = msgspec.structs.replace(verdicts.report, summary=overall.summary)
    lines = report_lines(report, verdicts.judged, everything=everything, width=width, more=more)
    return [Line(lines[0].text, VERDICT_LOOKS[overall.verdict].style), *lines[1:]]


def render_report(
    report: Report, judged: Sequence[Judged] = (), *, everything: bool = False
) -> str:
    """Return the differences of a comparison, worst first, and what could not be compared.

    Parameters
    ----------
    report
        From `jupyter_repro.comparing.environments.compare.compare`.
    judged
        The named results.
    everything
        Show each difference on a line of its own. By default, those that mean the same are
        together, and long lists of warnings and notes are cut; what is left out is counted.

    Returns
    -------
    str
        Lines without a trailing newline. Errors and warnings say what to do.
    """
    return _joined(report_lines(report, judged, everything=everything))


def _joined(lines: Sequence[Line]) -> str:
    return "\n".join(line.text for line in lines)


def report_lines(
    report: Report,
    judged: Sequence[Judged] = (),
    *,
    everything: bool = False,
    width: int = WIDTH,
    more: str = "",
) -> list[Line]:
    """Return the lines of `render_report`.

    Parameters
    ----------
    width
        Columns that a list fills before it goes on in the next line.
    more
        What shows the rest, for the line that counts what is left out.
    """
    lines = [
        Line(printable(report.summary, 1_000), VERDICT_LOOKS[report.verdict].style),
        Line(f"Policy: {printable(report.policy)}."),
    ]
    grouped = {
        severity: _groups(report, severity, everything=everything) for severity in SEVERITIES
    }
    columns = _columns(
        [same for groups in grouped.values() for same in groups if len(same) <= _ALONE]
    )
    for severity, groups in grouped.items():
        if groups:
            lines += [Line(""), Line(several(severity), f"bold {SEVERITY_LOOKS[severity].style}")]
            most = None if everything or severity == "error" else _MOST_LINES
            shown, hidden = _of_severity(groups, columns, width, most)
            lines += map(Line, shown)
            if hidden:
                lines.append(Line(f"  and {count(hidden, f'more {severity}')}{more}"))
    if judged:
        styles = [OUTCOME_LOOKS[one.outcome].style for one in judged]
        rendered = render_judged(judged).splitlines()
        lines += [Line(""), Line("Results", "bold")]
        lines += [Line(f"  {line}", style) for line, style in zip(rendered, styles, strict=True)]
    undecided = layers_without_verdict(report)
    if undecided:
        lines += [Line(""), Line("Not compared", "bold")]
        lines += [Line(f"  {title}: {verdict}: {why}") for title, verdict, why in undecided]
    return [Line(line.text.rstrip(), line.style) for line in lines]


def _groups(report: Report, severity: Severity, *, everything: bool) -> list[list[Finding]]:
    """Return the findings of a severity; those that mean the same are together."""
    found = [finding for finding in report.findings if finding.severity == severity]
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in found:
        groups.setdefault((one.kind, one.why), []).append(one)
    return [[one] for one in found] if everything else [*groups.values()]


def _columns(groups: Sequence[Sequence[Finding]]) -> tuple[int, int]:
    """Return the widths of the subjects and of the changes that have a line each."""
    alone = [one for same in groups for one in same]
    return (
        min(_WIDEST, max((len(printable(one.subject)) for one in alone), default=0)),
        min(_WIDEST, max((len(_change(one)) for one in alone), default=0)),
    )


def _of_severity(
    groups: Sequence[Sequence[Finding]], columns: tuple[int, int], width: int, most: int | None
) -> tuple[list[str], int]:
    """Return at most so many lines, and the number of findings that they do not show."""
    lines: list[str] = []
    hidden = 0
    for same in groups:
        left = len(same) + _LISTED if most is None else most - len(lines)
        if len(same) <= _ALONE:
            shown = min(len(same), max(left, 0))
            lines += [line for one in same[:shown] for line in _row(one, columns)]
        else:
            piece, shown = _together(same, width) if left > _LISTED else ([], 0)
            lines += piece
        hidden += len(same) - shown
    return lines, hidden


def _row(one: Finding, columns: tuple[int, int]) -> list[str]:
    subject, change = printable(one.subject), _change(one)
    first = f"  {subject:<{columns[0]}}  {change:<{columns[1]}}  {printable(one.why, 1_000)}"
    if one.severity == "note":
        return [first]
    return [first, f"  {'':<{columns[0]}}  {printable(one.action, 1_000)}"]


def _together(same: Sequence[Finding], width: int) -> tuple[list[str], int]:
    """Return the lines of findings that mean the same, and how many of them these show."""
    head = f"  {len(same)} times {printable(same[0].kind)}: {printable(same[0].why, 1_000)}"
    items = [f"{printable(one.subject)} {_change(one)}" for one in same]
    listed, shown = _list_lines(items, width)
    lines = [head, *listed]
    if same[0].severity != "note":
        first = "" if len({one.action for one in same}) == 1 else f"{printable(same[0].subject)}: "
        lines.append(f"    {first}{printable(same[0].action, 1_000)}")
    return lines, shown


def _list_lines(items: Sequence[str], width: int) -> tuple[list[str], int]:
    """Return as many items as fit into a few lines, and how many items that are."""
    lines: list[str] = []
    for number, item in enumerate(items):
        piece = f"{item}," if number < len(items) - 1 else item
        # Two columns stay free for the sign that more follows
        if lines and len(lines[-1]) + 1 + len(piece) <= width - 2:
            lines[-1] += f" {piece}"
        elif len(lines) == _LISTED:
            lines[-1] += " …"
            return lines, number
        else:
            lines.append(f"    {piece}")
    return lines, len(items)


def _change(finding: Finding) -> str:
    return f"{value_text(finding.reference)} → {value_text(finding.current)}"


def value_text(value: str | None) -> str:
    """Return one side of a difference."""
    return "none" if value is None else printable(value, 1_000)


def layers_without_verdict(report: Report) -> list[tuple[str, str, str]]:
    """Return the title, the verdict and the reason of each layer that was not compared."""
    return [
        (
            LAYER_TITLES.get(name, printable(name)),
            VERDICT_LOOKS[layer.verdict].word,
            printable(layer.reason or "no reason given"),
        )
        for name, layer in report.layers.items()
        if layer.state in {"not checked", "not comparable"}
    ]
