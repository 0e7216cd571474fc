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
    ThirdPartyLayer,
)
from jupyter_repro.show.text import leading_facts, render_markdown, render_report, render_stack
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


def test_many_notes_are_counted_and_errors_never_left_out() -> None:
    many = [f"package{number}==1.0 [pip]" for number in range(50)]
    current = snapshot_with(packages={"packages": [*packages_with(), *many]})
    notes = render_report(compare(make_snapshot(), current, RESEARCH))
    assert notes.count("→") == 20
    assert notes.splitlines()[-1] == "  and 30 more notes"
    assert render_report(compare(make_snapshot(), current, RESEARCH), notes=None).count("→") == 50
    assert render_report(compare(make_snapshot(), current, PRODUCTION)).count("→") == 51  # worst


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
