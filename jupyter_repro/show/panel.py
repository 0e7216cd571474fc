"""The panel of `%repro panel` as HTML: the parts of the card, with all details.

Nothing here depends on widgets. Texts and lists have limits, because the HTML may be saved in the
notebook's file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_repro.comparing.environments.policy import RESEARCH, Policy
from jupyter_repro.comparing.environments.rows import package_rows
from jupyter_repro.model.report import Finding, PackageRow, Report, Severity
from jupyter_repro.model.snapshot import Layer, Snapshot
from jupyter_repro.model.verdicts import SEVERITY_LOOKS, VERDICT_LOOKS, several
from jupyter_repro.packages.names import normalise
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count
from jupyter_repro.show.card import (
    CARD_STYLE,
    coloured_sign,
    finding_item,
    layer_block,
    layer_verdict,
    results_block,
    shown_layers,
)
from jupyter_repro.show.html import NOTHING, Markup, el, join, style_sheet

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.overall import Verdicts

MAX_PACKAGES_SHOWN = 200
"""Packages that a search shows; the others are counted."""

_MAX_FINDINGS = 100
_MAX_ROWS = 60
_MAX_ITEMS = 30

_STYLE = """\
.jupyter-repro summary{cursor:pointer}
.jupyter-repro details>div{padding:0 0 4px 16px}
.jupyter-repro table{border-collapse:collapse;margin:4px 0;background:none}
.jupyter-repro th,.jupyter-repro td{text-align:left;vertical-align:top;padding:1px 16px 1px 0;\
border:0;background:none;color:inherit;font-size:inherit}
.jupyter-repro td{overflow-wrap:anywhere}
.jupyter-repro .packages td:not(:last-child){white-space:nowrap}
.jupyter-repro th{font-weight:normal;opacity:.8;white-space:nowrap}
.jupyter-repro h4{margin:8px 0 2px;font-size:inherit}
.jupyter-repro ul{margin:2px 0;padding-left:20px}
.jupyter-repro li{padding-left:2px;margin-bottom:4px}
.jupyter-repro li::marker{color:var(--jupyter-repro-mark)}
.jupyter-repro li>div{opacity:.85}
.jupyter-repro p{margin:2px 0}
.jupyter-repro p span{white-space:nowrap}
"""


@dataclass(frozen=True)
class Sides:
    """The reference, the present snapshot, and how they compare by a policy."""

    recorded: Snapshot | None
    here: Snapshot
    verdicts: Verdicts | None
    policy: Policy = RESEARCH

    @property
    def report(self) -> Report | None:
        """The comparison of the environments."""
        return self.verdicts.report if self.verdicts else None

    @cached_property
    def packages(self) -> list[PackageRow]:
        """The rows of the table of packages; a search asks for them at each key."""
        return package_rows(self.recorded, self.here, self.policy)


def render_top(sides: Sides, notes: list[str]) -> Markup:
    """Return the verdict, and what was recorded and checked when.

    Parameters
    ----------
    sides
        Reference and present snapshot.
    notes
        Sentences on options that could not be applied.
    """
    notes_shown = (el("p", "! ", printable(note)) for note in notes)
    return _boxed(
        style_sheet(_STYLE), el("p", _verdict_line(sides)), el("p", _when(sides)), *notes_shown
    )


def _verdict_line(sides: Sides) -> Markup:
    if sides.verdicts is None:
        magic = el("code", "%repro seed=42")
        return join(
            [
                *(el("b", "Nothing is recorded yet."), " Put ", magic),
                " into the first cell and run it.",
            ]
        )
    overall = sides.verdicts.overall
    mark = coloured_sign(VERDICT_LOOKS[overall.verdict])
    return el("b", mark, " ", printable(overall.summary, 1_000))


def render_results(sides: Sides) -> Markup:
    """Return the named results, worst first; `NOTHING` if there are none."""
    judged = sides.verdicts.judged if sides.verdicts else ()
    return _boxed(results_block(judged)) if judged else NOTHING


def _when(sides: Sides) -> Markup:
    facts = []
    if sides.recorded is not None:
        layers = sides.recorded.layers
        seed = layers.determinism.seed
        facts.append("not seeded" if seed is None else f"seed {seed}")
        place = filter(
            None,
            (
                layers.conda.name and f"conda environment {layers.conda.name}",
                layers.core.python and f"Python {layers.core.python}",
                layers.system.platform,
            ),
        )
        facts.append(f"recorded {_time(sides.recorded.created)} in {', '.join(place)}")
    if sides.report is not None:
        facts.append(f"policy {sides.report.policy}")
    facts.append(f"checked {_time(sides.here.created)}")
    return join((el("span", printable(fact)) for fact in facts), " · ")


def _time(created: str) -> str:
    return f"{created[:10]} {created[11:16]} UTC"


def render_stack(sides: Sides) -> Markup:
    """Return the layers, each with its verdict; a click shows both sides in detail."""
    here, recorded = (
        {one.name: one for one in shown_layers(side)} if side else {}
        for side in (sides.here, sides.recorded)
    )
    blocks = []
    for name in dict.fromkeys([*here, *recorded]):
        left, right = recorded.get(name), here.get(name)
        one = here.get(name) or recorded[name]
        verdict = layer_verdict(name, one.layer.status, sides.report, recorded=False)
        lines = [" · ".join(one.facts)]
        if left and right and left.facts != right.facts and verdict != VERDICT_LOOKS["match"]:
            lines = [f"recorded: {' · '.join(left.facts)}", f"here: {lines[0]}"]
        body = _layer_body(name, sides, left and left.layer, right and right.layer)
        blocks.append(layer_block(one.title, verdict, lines, body))
    return _boxed(el("h4", "Stack"), *blocks)


def _layer_body(name: str, sides: Sides, left: Layer | None, right: Layer | None) -> Markup:
    layer = sides.report.layers.get(name) if sides.report else None
    reason = el("p", printable(layer.reason)) if layer and layer.reason else NOTHING
    before, after = _flat(left), _flat(right)
    keys = list(dict.fromkeys([*before, *after]))
    if sides.recorded is None:
        head = _header("", "Here")
        rows = [(key, [after.get(key)]) for key in keys]
    else:
        head = _header("", "", "Recorded", "Here")
        rows = [(key, [before.get(key), after.get(key)]) for key in keys]
    if not rows:
        return el("div", reason or el("p", "No details are known."))
    more = el("p", f"and {len(rows) - _MAX_ROWS} more") if len(rows) > _MAX_ROWS else NOTHING
    lines = (_row(key, values) for key, values in rows[:_MAX_ROWS])
    return el("div", reason, el("table", head, *lines), more)


def _header(*columns: str) -> Markup:
    return el("tr", *(el("th", column) for column in columns))


def _row(key: str, values: list[str | None]) -> Markup:
    sign = []
    if len(values) == 2:
        sign = [el("td", "≠" if values[0] != values[1] else "")]
    cells = (el("td", "none" if value is None else printable(value, 300)) for value in values)
    return el("tr", *sign, el("th", printable(key, 80)), *cells)


def _flat(layer: Layer | None) -> dict[str, str]:
    """Return the facts of a layer as texts, without its packages: nested keys are joined."""
    if layer is None:
        return {}
    plain = msgspec.to_builtins(layer)
    for name in ("status", "packages", "install_order"):
        plain.pop(name, None)
    return dict(_facts("", plain))


def _facts(key: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - plain JSON
    if isinstance(value, dict):
        for inner, item in value.items():
            label = inner.replace("_", " ") if inner.islower() else inner
            yield from _facts(f"{key} {label}".strip(), item)
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        names = [item["name"] for item in value]  # of a framework, a library or a device
        for place, item in enumerate(value, 1):
            name = item["name"] if names.count(item["name"]) == 1 else f"{key} {place}"
            rest = {inner: fact for inner, fact in item.items() if inner != "name"}
            yield from _facts(name, rest or "yes")
    elif isinstance(value, list):
        more = f" … ({len(value)} in all)" if len(value) > _MAX_ITEMS else ""
        yield key, ", ".join(map(str, value[:_MAX_ITEMS])) + more
    elif isinstance(value, bool):
        yield key, "yes" if value else "no"
    elif value is not None:
        yield key, str(value)


def render_differences(report: Report | None) -> Markup:
    """Return the differences, worst first; you open the notes with a click."""
    if report is None:
        return NOTHING
    parts = [el("h4", "Differences")]
    if not report.findings:
        compared = report.verdict not in {"not checked", "not comparable"}
        parts.append(el("p", "None in the environment." if compared else "Nothing was compared."))
    shown = report.findings[:_MAX_FINDINGS]
    for severity, group in groupby(shown, key=lambda finding: finding.severity):
        findings = list(group)
        items = _list(severity, findings)
        if severity == "note":
            head = el("summary", f"{several(severity)} ({len(findings)})")
            items = el("details", head, items)
        parts.append(items)
    if len(report.findings) > len(shown):
        left = len(report.findings) - len(shown)
        parts.append(el("p", f"and {left} more: ", el("code", "%repro check"), " shows them."))
    return _boxed(*parts)


def _list(severity: Severity, findings: list[Finding]) -> Markup:
    look = SEVERITY_LOOKS[severity]
    style = f"list-style-type:'{look.sign} ';--jupyter-repro-mark:{look.colour}"
    return el("ul", *map(finding_item, findings), style=style)


def render_loss(sides: Sides) -> Markup:
    """Return the question before the reference is replaced, which names what will be lost."""
    assert sides.recorded is not None
    number = sides.verdicts.overall.differences if sides.verdicts else 0
    differences = count(number, "difference")
    return _boxed(
        el("h4", "Replace the recorded reference?"),
        el(
            "p",
            f"This replaces the environment recorded on {_time(sides.recorded.created)} with this "
            f"kernel's environment. {differences} will no longer be shown.",
        ),
        el(
            "p",
            "Existing outputs are kept, but the notebook will no longer say which environment "
            "produced them. You can recover that only from an earlier version of the file.",
        ),
    )


def render_sentence(text: str) -> Markup:
    """Return a sentence in the style of the panel."""
    return _boxed(el("p", printable(text, 1_000))) if text else NOTHING


def find_packages(sides: Sides, text: str) -> list[PackageRow]:
    """Return the packages whose names contain a text, used ones first."""
    wanted = normalise(text.strip())
    found = [row for row in sides.packages if wanted in normalise(row.name)]
    return sorted(found, key=lambda row: not row.used)


def render_packages(sides: Sides, text: str) -> Markup:
    """Return the found packages, at most `MAX_PACKAGES_SHOWN`; `NOTHING` for an empty text."""
    if not text.strip():
        return NOTHING
    found = find_packages(sides, text)
    shown = count(len(found), "package")
    if not found:
        return _boxed(el("p", f"No package has “{printable(text, 80)}” in its name."))
    if len(found) > MAX_PACKAGES_SHOWN:
        shown = (
            f"The first {MAX_PACKAGES_SHOWN} of {shown}. Type more of the name to see the others."
        )
    return _boxed(el("p", shown), _package_table(found, both=sides.recorded is not None))


def render_changed_packages(sides: Sides) -> Markup:
    """Return the packages that differ, at most `MAX_PACKAGES_SHOWN`; `NOTHING` for none."""
    found = [row for row in sides.packages if row.differs]
    if not found:
        return NOTHING
    left = len(found) - MAX_PACKAGES_SHOWN
    return _boxed(
        el("h4", "Packages that differ"),
        _package_table(found, both=True),
        el("p", f"and {left} more") if left > 0 else NOTHING,
    )


def _package_table(packages: list[PackageRow], *, both: bool) -> Markup:
    head = _header("", "Package", *(["Recorded"] if both else []), "Here", "From")
    rows = (_package_row(one, both=both) for one in packages[:MAX_PACKAGES_SHOWN])
    return el("table", head, *rows, class_="packages")


def _package_row(package: PackageRow, *, both: bool) -> Markup:
    values = [package.recorded, package.current] if both else [package.current]
    mark = "≠" if package.differs else "?" if both and package.differs is None else ""
    name = [el("b", printable(package.name, 128)), " (used)" if package.used else ""]
    return el(
        "tr",
        el("td", mark),
        el("td", *name),
        *(el("td", "none" if value is None else printable(value, 128)) for value in values),
        el("td", printable(package.origin, 200)),
    )


def _boxed(*parts: Markup) -> Markup:
    return el("div", *parts, class_="jupyter-repro", style=CARD_STYLE)
