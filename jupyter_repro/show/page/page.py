"""Build the page: for each notebook its verdict, stack, differences and results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.comparing.environments.policy import RESEARCH, Policy
from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.comparing.results.tolerance import describe
from jupyter_repro.comparing.why.causes import Cause
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.report import Report
from jupyter_repro.model.results import Outcome, Result
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.model.verdicts import OUTCOME_LOOKS, Look
from jupyter_repro.safety.text import printable
from jupyter_repro.show.card import full_block, sign
from jupyter_repro.show.findings_text import Labels
from jupyter_repro.show.html import (
    DOCTYPE,
    LINE_BREAK,
    NOTHING,
    Markup,
    el,
    join,
    style_sheet,
)
from jupyter_repro.show.page.charts import history_chart
from jupyter_repro.show.page.style import STYLE
from jupyter_repro.show.panel import (
    Sides,
    render_changed_packages,
    render_differences,
    render_stack,
)

_TITLE = "Reproducibility report"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_MAX_OUTPUT = 1_500


@dataclass(frozen=True, kw_only=True)
class CellRow:
    """One code cell in two runs.

    Parameters
    ----------
    number
        Counted from 1.
    status, why
        The outcome and its reason.
    source, before, after
        Its first lines, and its outputs in the stored and in the new run, as text.
    pictures
        ``data:`` addresses of pictures that show the difference.
    """

    number: int
    status: str
    why: str
    source: str
    before: str
    after: str
    pictures: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class NotebookPage:
    """What the page shows of one notebook.

    Parameters
    ----------
    name
        Of its file.
    verdict
        Of the new run; None if there was none.
    summary
        The verdict in a sentence.
    score
        Share of the compared cells that are identical or within tolerance, 0 to 1.
    recorded, current, report, policy
        The two environments, and how they compare by a policy.
    parting, causes
        Where the runs diverge, and likely causes.
    others
        The same for cells below that differ by themselves.
    cells, judged, results
        The cells and the named results.
    findings, labels
        Findings of the run, and the names of cells in them.
    error
        Why it could not run.
    """

    name: str
    verdict: Outcome | None
    summary: str
    score: float | None = None
    recorded: Snapshot | None = None
    current: Snapshot | None = None
    report: Report | None = None
    policy: Policy = RESEARCH
    parting: str = ""
    causes: Sequence[Cause] = ()
    others: Sequence[tuple[str, Sequence[Cause]]] = ()
    cells: Sequence[CellRow] = ()
    judged: Sequence[Judged] = ()
    results: Mapping[str, Result] = field(default_factory=dict)
    findings: Sequence[RunFinding] = ()
    labels: Labels = field(default_factory=dict)
    error: str = ""


def render_page(notebooks: Sequence[NotebookPage], created: str, tool: str) -> Markup:
    """Return the page: HTML without scripts and without anything from outside.

    Parameters
    ----------
    notebooks
        In the order in which they are shown.
    created
        Time of the report, ready to be shown.
    tool
        Version of jupyter_repro.
    """
    body = [
        el("h1", _TITLE),
        el("p", f"{printable(created)} · jupyter_repro {printable(tool)}", class_="when"),
    ]
    if len(notebooks) > 1:
        body.append(_contents(notebooks))
    body += [
        el("article", join(_notebook(notebook), LINE_BREAK), id=f"notebook-{place}")
        for place, notebook in enumerate(notebooks, 1)
    ]
    head = [
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", _TITLE),
        style_sheet(STYLE),
    ]
    main = el("main", LINE_BREAK, join(body, LINE_BREAK), LINE_BREAK)
    parts = [
        el("head", LINE_BREAK, join(head, LINE_BREAK)),
        el("body", LINE_BREAK, main, LINE_BREAK),
    ]
    return join([DOCTYPE, el("html", join(parts, LINE_BREAK), lang="en"), LINE_BREAK])


def _contents(notebooks: Sequence[NotebookPage]) -> Markup:
    rows = (
        el(
            "tr",
            el("td", _status(one.verdict or "not run")),
            el("th", el("a", printable(one.name), href=f"#notebook-{place}"), scope="row"),
            el("td", _percent(one.score)),
            el("td", printable(one.error or one.summary)),
        )
        for place, one in enumerate(notebooks, 1)
    )
    return _table(("Verdict", "Notebook", "Score", ""), rows)


def _table(columns: Iterable[str], rows: Iterable[Markup]) -> Markup:
    head = el("thead", el("tr", *(el("th", column) for column in columns)))
    return el("table", head, el("tbody", *rows))


def _notebook(one: NotebookPage) -> Iterator[Markup]:
    yield el("h2", printable(one.name))
    verdict = one.verdict or ("not run" if one.error else None)
    if verdict is not None:
        score = f" · score {_percent(one.score)}" if one.score is not None else ""
        yield el("p", _status(verdict), score, class_="verdict")
    yield el("p", printable(one.error or one.summary, 1_000))
    if one.parting:
        yield el("p", el("b", printable(one.parting)))
    if one.causes:
        yield el("h3", "Likeliest causes")
        yield el("ol", *map(_cause, one.causes))
    for parting, causes in one.others:
        yield el("p", el("b", printable(parting)))
        yield el("ol", *map(_cause, causes))
    if one.judged:
        yield el("h3", "Results")
        yield _results(one)
    if one.cells:
        yield el("h3", "Cells")
        yield _cells(one.cells)
    here = one.current or one.recorded
    if here is not None:
        verdicts = of_environment(one.report) if one.report else None
        sides = Sides(one.recorded, here, verdicts, one.policy)
        yield render_stack(sides)
        if one.report is not None:
            yield render_differences(one.report)
            yield render_changed_packages(sides)
    if one.findings:
        yield full_block(list(one.findings), one.labels)


def _cause(cause: Cause) -> Markup:
    return el(
        "li",
        printable(cause.what),
        el("div", "seen: ", printable(cause.evidence)),
        el("div", "confirm: ", el("code", printable(cause.confirm))),
    )


def _results(one: NotebookPage) -> Markup:
    rows, charts = [], []
    for judged in one.judged:
        result = one.results.get(judged.name)
        chart = history_chart(judged.name, result, judged.tolerance) if result else NOTHING
        charts.append(chart)
        rows.append(
            el(
                "tr",
                el("td", _status(judged.outcome)),
                el("th", printable(judged.name), scope="row"),
                el("td", printable(judged.reference)),
                el("td", printable(judged.current or "not run")),
                el("td", printable(describe(judged.tolerance)), *_noise(result)),
                el("td", chart),
            )
        )
        if judged.why:
            why = el("td", printable(judged.why, 1_000), colspan=5)
            rows.append(el("tr", el("td"), why, class_="why"))
    columns = ("Outcome", "Result", "Recorded", "Now", "Tolerance, noise", "History")
    return join([_table(columns, rows), _legend() if any(charts) else NOTHING])


def _legend() -> Markup:
    return el(
        "p",
        *(el("span", class_="key tolerance"), " tolerance "),
        *(el("span", class_="key seeds"), " values over other seeds "),
        *(el("span", class_="key line"), " recorded value"),
        class_="legend",
    )


def _noise(result: Result | None) -> Iterator[Markup]:
    noise = result.noise if result else None
    if noise is None:
        return
    if noise.same_seed is not None:
        text = f"{noise.runs} runs: apart by {_number(noise.same_seed)}"
        yield el("div", printable(text))
    if noise.other_seeds is not None:
        text = f"{noise.seeds} other seeds: apart by {_number(noise.other_seeds)}"
        yield el("div", printable(text))


def _number(text: str) -> str:
    try:
        return f"{float(text):.3g}"
    except ValueError:
        return text


def _cells(cells: Sequence[CellRow]) -> Markup:
    columns = ("Cell", "Outcome", "Source, and what differs: before, after")
    return _table(columns, map(_cell, cells))


def _cell(cell: CellRow) -> Markup:
    pictures = (
        el("img", alt=f"the difference of two pictures of cell {cell.number}", src=address)
        for address in cell.pictures
        if address.startswith("data:image/png;base64,")
    )
    both = NOTHING
    differs = cell.status in {"different", "within tolerance", "not comparable"}
    if differs and (cell.before or cell.after):
        both = el("div", _output(cell.before), _output(cell.after), class_="both")
    return el(
        "tr",
        el("td", str(cell.number)),
        el("td", _status(cell.status)),
        el(
            "td",
            el("code", printable(cell.source, 120)),
            el("div", printable(cell.why, 500)),
            both,
            *pictures,
        ),
    )


def _output(text: str) -> Markup:
    cut = text if len(text) <= _MAX_OUTPUT else text[: _MAX_OUTPUT - 1] + "…"
    return el("pre", join((printable(line, 300) for line in cut.splitlines()), LINE_BREAK))


def _status(status: str) -> Markup:
    look = OUTCOME_LOOKS.get(status) or Look("", printable(status), "unknown")
    return el("span", sign(look), " ", look.word, class_=f"status {look.tone}")


def _percent(score: float | None) -> str:
    return "" if score is None else f"{score:.0%}"
