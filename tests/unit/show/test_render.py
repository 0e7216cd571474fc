"""Snapshots and reports as text: what stands in it, and that nothing hostile gets through."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import PRODUCTION, RESEARCH
from jupyter_repro.model.report import LayerReport
from jupyter_repro.model.snapshot import (
    LAYER_TITLES,
    Framework,
    Layers,
    PackagesLayer,
    Snapshot,
    ThirdPartyLayer,
)
from jupyter_repro.show.facts import leading_facts
from jupyter_repro.show.report_text import render_report
from jupyter_repro.show.text import render_markdown, render_stack
from tests.unit.support.factories import make_layers, make_snapshot, packages_with, snapshot_with

HOSTILE = "evil\x1b[31m\n\u202e<script>alert(1)</script> `x` | @someone #1 https://evil.example"


def report_on(**fields: dict[str, Any]) -> Any:
    return compare(make_snapshot(), snapshot_with(**fields), RESEARCH)


def test_the_stack_from_the_notebook_down_to_the_gpu() -> None:
    text = render_stack(make_snapshot())
    titles = [line.split("  ")[1] for line in text.splitlines() if line.startswith("  ")]
    assert titles == list(LAYER_TITLES.values())
    assert text.splitlines()[0].startswith("Environment ")
    assert "2026" not in text  # a re-run changes nothing
    assert "torch 2.3.1+cu121 (cuda 12.1)" in text
    assert "CPython 3.11.7 · conda environment" in text
    assert "NVIDIA H200 (9.0) · driver 550.54.15 · CUDA up to 12.4" in text
    assert "seed 42, determinism warn" in text


def test_absence_and_failure_say_why() -> None:
    snapshot = snapshot_with(
        gpu={"status": "unavailable", "reason": "no GPU driver found"},
        conda={"status": "error", "reason": "PermissionError: conda-meta"},
    )
    text = render_stack(snapshot)
    assert "GPU and driver       none: no GPU driver found" in text
    assert "could not be read: PermissionError: conda-meta" in text


def test_a_third_partys_layer_is_beside_the_stack() -> None:
    layer = ThirdPartyLayer(status="ok", facts={"partition": "a", "nodes": 2})
    text = render_stack(make_snapshot(None, {"slurm": layer}))
    assert text.splitlines()[-1].split() == ["slurm", "2", "facts"]


def test_every_layer_has_facts_even_when_it_says_nothing() -> None:
    bare = {field.name: field.type(status="ok") for field in msgspec.structs.fields(Layers)}
    facts = leading_facts(Layers(**bare))
    assert list(facts) == list(LAYER_TITLES)
    assert [name for name, texts in facts.items() if not texts] == ["notebook"]


def test_a_framework_that_is_not_the_loaded_one_says_so() -> None:
    torch = Framework(name="torch", version="2.4.0+cpu", loaded="2.3.1+cpu")
    facts = leading_facts(make_layers(frameworks={"frameworks": [torch]}))
    assert facts["frameworks"] == ["torch 2.4.0+cpu, loaded 2.3.1+cpu"]


def test_the_report_is_grouped_worst_first_and_aligned() -> None:
    report = report_on(
        core={"python": "3.12.1"},
        determinism={"determinism": "off"},
        system={"kernel": "6.8"},
        libraries={"status": "error", "reason": "OSError: broken"},
    )
    lines = render_report(report).splitlines()
    assert lines[0].startswith("Differs: 1 error, 1 warning, 1 note; worst: Python 3.11.7 → 3.12.1")
    assert [line for line in lines if line and not line.startswith(" ")][2:] == [
        "Errors",
        "Warnings",
        "Notes",
        "Not compared",
    ]
    changes = [line for line in lines if "→" in line][1:]
    starts = {
        line.index(value) for line, value in zip(changes, ("3.11.7", "warn ", "5.15"), strict=True)
    }
    assert len(starts) == 1
    assert lines[-1] == (
        "  Numerical libraries: not checked: could not be read here: OSError: broken"
    )


def many_added(number: int = 50) -> Snapshot:
    many = [f"package{one}==1.0 [pip]" for one in range(number)]
    return snapshot_with(packages={"packages": [*packages_with(), *many]})


def test_notes_that_mean_the_same_are_one_group() -> None:
    report = compare(make_snapshot(), many_added(), RESEARCH)
    lines = render_report(report).splitlines()
    assert lines[3].startswith("Notes")
    assert lines[4].startswith("  50 times package-added: The reference does not have it;")
    assert lines[5].startswith("    package0 none → 1.0, package1 none → 1.0, ")
    assert lines[6].endswith(", …")
    assert max(map(len, lines[5:7])) <= 100
    shown = "\n".join(lines[4:]).count("→")
    assert lines[7:] == [f"  and {50 - shown} more notes"]
    every = render_report(report, everything=True)
    assert every.count("→") == len(every.splitlines()) - 4 == 50
    assert "more note" not in every


def test_errors_are_grouped_and_say_what_to_do() -> None:
    report = compare(make_snapshot(), many_added(), PRODUCTION)
    lines = render_report(report).splitlines()
    assert len(lines) < 12
    assert "If you meant this change, run %repro accept." in lines[-2]
    assert lines[-1].endswith(" more errors")
    assert render_report(report, everything=True).count("→") == 51  # and once in the summary


def test_three_of_a_kind_have_a_line_each() -> None:
    lines = render_report(compare(make_snapshot(), many_added(3), RESEARCH)).splitlines()
    assert [line.split()[0] for line in lines[4:]] == ["package0", "package1", "package2"]


def test_notes_of_many_kinds_end_after_a_screenful() -> None:
    report = compare(make_snapshot(), many_added(1), RESEARCH)
    (note,) = [one for one in report.findings if one.severity == "note"]
    notes = [
        msgspec.structs.replace(note, kind=f"kind-{kind}", subject=f"package{number}")
        for kind in range(30)
        for number in range(10)
    ]
    lines = render_report(msgspec.structs.replace(report, findings=notes)).splitlines()
    assert len(lines) < 20
    assert lines[-1].startswith("  and 2")


def test_no_difference_is_said() -> None:
    report = compare(make_snapshot(), make_snapshot(), RESEARCH)
    assert render_report(report).splitlines()[0] == "Matches: no differences."
    assert "No differences." in render_markdown(report)


def control_characters(text: str) -> set[str]:
    return {
        character
        for character in text
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or character in "\u202e\u2066"
    } - {"\n"}


@given(st.text(max_size=60))
def test_nothing_steers_a_terminal(text: str) -> None:
    # Built in this process, so no decoder has refused the text
    layers = make_layers(
        packages={"packages": [f"{text}==1.0 [pip]"]},
        notebook={"kernel_name": text},
        gpu={"driver": text},
        system={"os": text},
        determinism={"variables": {text: text}, "torch": {text: text}},
        libraries={"status": "error", "reason": text},
    )
    snapshot = make_snapshot(msgspec.structs.replace(layers, packages=PackagesLayer(status="ok")))
    current = msgspec.structs.replace(snapshot, layers=layers)
    report = compare(make_snapshot(), current, RESEARCH)
    for rendered in (render_stack(current), render_report(report), render_markdown(report)):
        assert control_characters(rendered) == set()


def test_a_report_made_in_this_process_is_cleaned_too() -> None:
    report = report_on(core={"python": "3.12.1"}, libraries={"status": "error", "reason": "x"})
    hostile = msgspec.structs.replace(
        report.findings[0],
        **dict.fromkeys(("subject", "reference", "current", "why", "action"), HOSTILE),
    )
    layers = {HOSTILE: LayerReport(verdict="not checked", reason=HOSTILE)}
    report = msgspec.structs.replace(
        report, findings=[hostile], layers=layers, summary=HOSTILE, policy=HOSTILE
    )
    for rendered in (render_report(report), render_markdown(report)):
        assert control_characters(rendered) == set()
    assert "\n<script>" not in render_markdown(report)


def outside_code_spans(markdown: str) -> str:
    """Return a line of Markdown without its code spans, by CommonMark's rule."""
    found, position = "", 0
    while position < len(markdown):
        run = re.compile("`+").match(markdown, position)
        if run is None:
            found += markdown[position]
            position += 1
            continue
        closing = re.compile(f"(?<!`){run.group()}(?!`)").search(markdown, run.end())
        if closing is None:
            found += run.group()
            position = run.end()
        else:
            position = closing.end()
    return found


@pytest.mark.parametrize("text", [HOSTILE, "`", "``", "a`b``c", " ` ", "`x", "x`", "\\`", "@a"])
def test_markup_in_a_name_stays_text(text: str) -> None:
    current = snapshot_with(packages={"packages": [*packages_with(), f"x{text}==1 [pip]"]})
    markdown = render_markdown(compare(make_snapshot(), current, RESEARCH))
    (line,) = [line for line in markdown.splitlines() if line.startswith("- ")]
    assert outside_code_spans(line) == "- :  →  (, not used)"


@given(st.text(alphabet="`x \\<@", max_size=12))
def test_any_markup_stays_text(text: str) -> None:
    current = snapshot_with(system={"os": f"{text}!"})
    markdown = render_markdown(compare(make_snapshot(), current, RESEARCH))
    (line,) = [line for line in markdown.splitlines() if line.startswith("- ")]
    assert outside_code_spans(line) == "- :  →  ()"
