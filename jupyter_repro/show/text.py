"""Snapshots as plain text, and reports for a bug report.

There are no colours and no terminal codes. Every text is cleaned here, because the model accepts
characters that are not shown, and a snapshot that was made in this process was never validated.
"""

from __future__ import annotations

import re
from itertools import groupby

from jupyter_repro.model.report import Report
from jupyter_repro.model.snapshot import LAYER_TITLES, LAYER_TYPES, Snapshot, ThirdPartyLayer
from jupyter_repro.model.verdicts import VERDICT_LOOKS, several
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.words import count
from jupyter_repro.show.facts import leading_facts
from jupyter_repro.show.report_text import layers_without_verdict, value_text

_BESIDE = frozenset(name for name, layer in LAYER_TYPES.items() if layer.IS_BESIDE)


def render_stack(snapshot: Snapshot) -> str:
    """Return the stack layer by layer, from the notebook down to the GPU.

    Parameters
    ----------
    snapshot
        Recorded or present.

    Returns
    -------
    str
        Lines without a trailing newline, with the reason for each layer that is missing or failed.
    """
    return "\n".join(f"{title}{facts}".rstrip() for title, facts in stack_lines(snapshot))


def stack_lines(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return the lines of `render_stack`, each as the title of a layer and its facts."""
    facts = leading_facts(snapshot.layers, snapshot.imported)
    titles = {name: LAYER_TITLES[name] for name in facts} | {
        name: printable(name) for name in snapshot.third_party if name not in LAYER_TITLES
    }
    for name, layer in snapshot.third_party.items():
        facts.setdefault(name, [third_party_fact(layer)])
    width = max(map(len, titles.values()))
    stacked = [name for name in titles if name not in _BESIDE and name in LAYER_TITLES]
    beside = [name for name in titles if name not in stacked]
    lines = {name: (f"  {titles[name]:<{width}}  ", " · ".join(facts[name])) for name in titles}
    return [
        ("", f"Environment {printable(snapshot.digest)[:12]}"),
        *(lines[name] for name in stacked),
        ("", "Beside it"),
        *(lines[name] for name in beside),
    ]


def third_party_fact(layer: ThirdPartyLayer) -> str:
    """Return the summary of a third party's layer, whose facts we do not understand."""
    if layer.status == "ok":
        return count(len(layer.facts), "fact")
    words = "none" if layer.status == "unavailable" else "could not be read"
    return printable(f"{words}: {layer.reason or 'no reason given'}")


def render_markdown(report: Report) -> str:
    """Return the report for a bug report, safe to paste into an issue.

    Texts of a notebook stand in code spans, so that no markup, mention or address in them takes
    effect; see https://spec.commonmark.org/current/#code-spans
    """
    lines = [
        f"**jupyter_repro: {VERDICT_LOOKS[report.verdict].word}** (policy {_code(report.policy)})",
        "",
    ]
    digests = _code(report.reference_digest[:12]), _code(report.current_digest[:12])
    lines.append(f"Recorded environment {digests[0]}, this one {digests[1]}.")
    for severity, group in groupby(report.findings, key=lambda finding: finding.severity):
        lines += ["", f"### {several(severity)}", ""]
        lines += [
            f"- {_code(one.subject)}: {_code(value_text(one.reference))} → "
            f"{_code(value_text(one.current))} ({_code(one.kind)}"
            f"{'' if one.used else ', not used'})"
            for one in group
        ]
    if not report.findings:
        compared = report.verdict not in {"not checked", "not comparable"}
        lines += ["", "No differences." if compared else "Nothing was compared."]
    undecided = layers_without_verdict(report)
    if undecided:
        lines += ["", "### Not compared", ""]
        lines += [f"- {_code(title)}: {verdict}: {_code(why)}" for title, verdict, why in undecided]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    """Return a code span with exactly this text, even if it contains backquotes."""
    text = printable(text, 1_000) or " "
    runs = [len(run) for run in re.findall("`+", text)]
    fence = "`" * (max(runs, default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"
