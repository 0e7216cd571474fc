"""The page of `jupyter repro report`: all in one file, and nothing of a stranger's runs in it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import RESEARCH
from jupyter_repro.comparing.results.judge import judge_results
from jupyter_repro.comparing.results.merge import merge_results
from jupyter_repro.comparing.results.values import parts_of
from jupyter_repro.comparing.why.causes import Cause
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.results import EXACT, Moment, Noise, Result, RunResult, Tolerance
from jupyter_repro.show.page.charts import history_chart
from jupyter_repro.show.page.page import CellRow, NotebookPage, render_page
from tests.unit.support.factories import A100, conda_with, make_snapshot, snapshot_with

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\u202e' \"javascript:alert(3)"


class Elements(HTMLParser):
    """Collect the elements of a page, and check that they are closed in order."""

    VOID = frozenset(("meta", "img", "br", "rect", "line", "circle", "polyline"))

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(page)
    assert parser.open == []
    return parser.found


def results(*values: float, **noise: Any) -> dict[str, Result]:
    merged: dict[str, Result] = {}
    for day, value in enumerate(values, 1):
        run = RunResult(parts=parts_of("x", value), created=f"2026-01-0{day}T00:00:00Z")
        merged = merge_results(merged, {"loss": run}, "a" * 12)
    if noise:
        (result,) = merged.values()
        merged["loss"] = Result(
            parts=result.parts, latest=result.latest, history=result.history, noise=Noise(**noise)
        )
    return merged


def notebook(text: str, **options: Any) -> NotebookPage:
    before, after = make_snapshot(), snapshot_with(gpu={"devices": [A100]})
    recorded = results(0.5, 0.51, runs=3, seeds=2, same_seed="0.001", low="0.4", high="0.6")
    return NotebookPage(
        name=text,
        verdict="different",
        summary=text,
        score=0.5,
        recorded=before,
        current=after,
        report=compare(before, after, RESEARCH),
        parting=text,
        causes=[Cause(text, text, text, text)],
        cells=[
            CellRow(number=1, status="identical", why="", source=text, before="1", after="1"),
            CellRow(number=2, status="different", why=text, source=text, before=text, after=text),
            CellRow(
                number=3, status=text, why=text, source="", before="", after="", pictures=[text]
            ),
        ],
        judged=judge_results(recorded, Tolerance(rtol=1e-5)),
        results=recorded,
        findings=[RunFinding(kind="autocast", severity="note", what=text[:100], advice="-")],
        **options,
    )


def test_nothing_of_a_notebook_becomes_markup() -> None:
    page = render_page([notebook(EVIL), notebook("fine")], EVIL, EVIL)
    found = elements(page)
    assert {tag for tag, _ in found}.isdisjoint(
        {"script", "iframe", "object", "link", "img", "form"}
    )
    for tag, attributes in found:
        assert not any(name.startswith("on") for name in attributes), tag
        assert (attributes.get("href") or "#").startswith("#")
        assert "src" not in attributes
    assert "\u202e" not in page
    assert "default-src 'none'" in page


def test_it_marks_the_packages_that_differ_as_the_verdict_names_them() -> None:
    before = make_snapshot()
    line = "numpy-1.26.4-py311h64a7726_0.conda#" + "e" * 64
    after = snapshot_with(conda={"packages": conda_with(numpy=line)})
    report = compare(before, after, RESEARCH)
    one = NotebookPage(
        name="a.ipynb", verdict=None, summary="", recorded=before, current=after, report=report
    )
    page = render_page([one], "", "")
    elements(page)
    table = page.partition("Packages that differ")[2]
    assert table.count("≠") == 1
    assert "<b>numpy</b>" in table
    assert "sha256:eeee" in table
    assert "Packages that differ" not in render_page([notebook("same packages")], "", "")


def test_it_says_all_that_is_known() -> None:
    page = render_page([notebook("paper.ipynb")], "2026-11-25 12:00 UTC", "0.1.0")
    for words in (
        "Likeliest causes",
        "score 50%",
        "loss is 0.51, not 0.5 (apart by 0.01, relative 0.02)",
        "3 runs: apart by 0.001",
        "loss: reference 0.5, 2 values, last 0.51; tolerance from 0.499995 to 0.500005; over the",
        "over the seeds from 0.4 to 0.6",
        "NVIDIA A100",
        "Seen in this run",
        "seen: paper.ipynb",
    ):
        assert words in page, words


def test_a_notebook_that_could_not_be_run_is_not_fine() -> None:
    page = render_page(
        [NotebookPage(name="a.ipynb", verdict=None, summary="", error="It is no notebook.")], "", ""
    )
    elements(page)
    assert "not run" in page
    assert "It is no notebook." in page


def test_charts_are_of_single_finite_numbers() -> None:
    (one,) = results(0.5).values()
    assert "<svg" in history_chart("x", one, EXACT)
    for value in ([1.0, 2.0], "a", float("nan"), None):
        assert history_chart("x", Result(parts=parts_of("x", value)), EXACT) == ""
    hostile = Result(
        parts=parts_of("x", 1.0),
        history=[Moment(created="2026-01-01T00:00:00Z", env="a" * 12, value=EVIL[:10])],
        noise=Noise(low="nan", high="x"),
    )
    elements(history_chart(EVIL, hostile, Tolerance(atol=1e300)))
