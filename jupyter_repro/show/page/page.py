"""Put a page together: for each notebook its verdict, its stack, what differs, and its results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.comparing.results.judge import Judged
from jupyter_repro.comparing.results.tolerance import describe
from jupyter_repro.comparing.why.causes import Cause
from jupyter_repro.model.report import Report
from jupyter_repro.model.results import Outcome, Result
from jupyter_repro.model.snapshot import RunFinding, Snapshot
from jupyter_repro.model.verdicts import OUTCOME_LOOKS, Look
from jupyter_repro.show.card import text_html
from jupyter_repro.show.finding_card import full_block
from jupyter_repro.show.findings_text import Labels
from jupyter_repro.show.page.charts import history_chart
from jupyter_repro.show.page.style import STYLE
from jupyter_repro.show.panel import Sides, render_differences, render_stack

_MAX_OUTPUT = 1_500


@dataclass(frozen=True, kw_only=True)
class CellRow:
    """One code cell in two runs.

    Parameters
    ----------
    number
        Counted from 1.
    status, why
        What is said of it.
    source, before, after
        Its first lines, and its outputs in the stored and in the new run, as text.
    pictures
        ``data:`` addresses of pictures of the difference, made by us.
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
    """All that the page shows of one notebook.

    Parameters
    ----------
    name
        Of its file.
    verdict
        Of the new run; None where there was none.
    summary
        The verdict in a sentence.
    score
        Share of the compared cells that hold, 0 to 1.
    recorded, current, report
        The environments, and how they compare.
    parting, causes
        Where the runs part, and why that may be.
    cells, judged, results
        What the cells show, and the named results.
    findings, labels
        What was seen in the run.
    error
        Why it could not be run.
    """

    name: str
    verdict: Outcome | None
    summary: str
    score: float | None = None
    recorded: Snapshot | None = None
    current: Snapshot | None = None
    report: Report | None = None
    parting: str = ""
    causes: Sequence[Cause] = ()
    cells: Sequence[CellRow] = ()
    judged: Sequence[Judged] = ()
    results: Mapping[str, Result] = field(default_factory=dict)
    findings: Sequence[RunFinding] = ()
    labels: Labels = field(default_factory=dict)
    error: str = ""


def render_page(notebooks: Sequence[NotebookPage], created: str, tool: str) -> str:
    """Return the page: HTML without scripts and without anything from outside.

    Parameters
    ----------
    created
        When it was made, as it is to be shown.
    tool
        Version of jupyter_repro.
    """
    title = "Reproducibility report"
    body = [
        f"<h1>{title}</h1>",
        f"<p class='when'>{text_html(created)} · jupyter_repro {text_html(tool)}</p>",
    ]
    if len(notebooks) > 1:
        body.append(_contents(notebooks))
    for place, notebook in enumerate(notebooks, 1):
        body += [f'<article id="notebook-{place}">', *_notebook(notebook), "</article>"]
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _contents(notebooks: Sequence[NotebookPage]) -> str:
    rows = "".join(
        f"<tr><td>{_status(one.verdict or 'not run')}</td>"
        f'<th scope="row"><a href="#notebook-{place}">{text_html(one.name)}</a></th>'
        f"<td>{_percent(one.score)}</td><td>{text_html(one.error or one.summary)}</td></tr>"
        for place, one in enumerate(notebooks, 1)
    )
    head = "<tr><th>Verdict</th><th>Notebook</th><th>Score</th><th></th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _notebook(one: NotebookPage) -> Iterator[str]:
    yield f"<h2>{text_html(one.name)}</h2>"
    verdict = one.verdict or ("not run" if one.error else None)
    if verdict is not None:
        score = f" · score {_percent(one.score)}" if one.score is not None else ""
        yield f'<p class="verdict">{_status(verdict)}{score}</p>'
    yield f"<p>{text_html(one.error or one.summary, 1_000)}</p>"
    if one.parting:
        yield f"<p><b>{text_html(one.parting)}</b></p>"
    if one.causes:
        yield "<h3>Likeliest causes</h3><ol>"
        for cause in one.causes:
            yield (
                f"<li>{text_html(cause.what)}<div>seen: {text_html(cause.evidence)}</div>"
                f"<div>confirm: <code>{text_html(cause.confirm)}</code></div></li>"
            )
        yield "</ol>"
    if one.judged:
        yield "<h3>Results</h3>"
        yield _results(one)
    if one.cells:
        yield "<h3>Cells</h3>"
        yield _cells(one.cells)
    here = one.current or one.recorded
    if here is not None:
        verdicts = of_environment(one.report) if one.report else None
        yield render_stack(Sides(one.recorded, here, verdicts))
    if one.report is not None:
        yield render_differences(one.report)
    if one.findings:
        yield full_block(list(one.findings), one.labels)


def _results(one: NotebookPage) -> str:
    rows = []
    for judged in one.judged:
        result = one.results.get(judged.name)
        chart = history_chart(judged.name, result, judged.tolerance) if result else ""
        rows.append(
            f"<tr><td>{_status(judged.outcome)}</td>"
            f'<th scope="row">{text_html(judged.name)}</th>'
            f"<td>{text_html(judged.reference)}</td>"
            f"<td>{text_html(judged.current or 'not run')}</td>"
            f"<td>{text_html(describe(judged.tolerance))}{_noise(result)}</td>"
            f"<td>{chart}</td></tr>"
        )
        if judged.why:
            rows.append(
                f'<tr class="why"><td></td><td colspan="5">{text_html(judged.why, 1_000)}</td></tr>'
            )
    head = "".join(
        f"<th>{title}</th>"
        for title in ("Outcome", "Result", "Recorded", "Now", "Tolerance, noise", "History")
    )
    legend = (
        '<p class="legend"><span class="key tolerance"></span> tolerance '
        '<span class="key seeds"></span> values over other seeds '
        '<span class="key line"></span> recorded value</p>'
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return table + (legend if "<svg" in table else "")


def _noise(result: Result | None) -> str:
    noise = result.noise if result else None
    if noise is None:
        return ""
    lines = []
    if noise.same_seed is not None:
        lines.append(f"{noise.runs} runs: apart by {_number(noise.same_seed)}")
    if noise.other_seeds is not None:
        lines.append(f"{noise.seeds} other seeds: apart by {_number(noise.other_seeds)}")
    return "".join(f"<div>{text_html(line)}</div>" for line in lines)


def _number(text: str) -> str:
    try:
        return f"{float(text):.3g}"
    except ValueError:
        return text


def _cells(cells: Sequence[CellRow]) -> str:
    rows = []
    for cell in cells:
        differs = cell.status in {"different", "within tolerance", "not comparable"}
        pictures = "".join(
            f'<img alt="the difference of two pictures of cell {cell.number}" src="{address}">'
            for address in cell.pictures
            if address.startswith("data:image/png;base64,")
        )
        both = ""
        if differs and (cell.before or cell.after):
            both = (
                f'<div class="both"><pre>{_output(cell.before)}</pre>'
                f"<pre>{_output(cell.after)}</pre></div>"
            )
        rows.append(
            f"<tr><td>{cell.number}</td><td>{_status(cell.status)}</td>"
            f"<td><code>{text_html(cell.source, 120)}</code>"
            f"<div>{text_html(cell.why, 500)}</div>{both}{pictures}</td></tr>"
        )
    head = "<tr><th>Cell</th><th>Outcome</th><th>Source, and what differs: before, after</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _output(text: str) -> str:
    cut = text if len(text) <= _MAX_OUTPUT else text[: _MAX_OUTPUT - 1] + "…"
    return "\n".join(text_html(line, 300) for line in cut.splitlines())


def _status(status: str) -> str:
    look = _look(status)
    return (
        f'<span class="status {look.tone}"><span aria-hidden="true">{look.sign}</span> '
        f"{text_html(look.word)}</span>"
    )


def _look(status: str) -> Look:
    looks: Mapping[str, Look] = {**OUTCOME_LOOKS}
    return looks.get(status) or Look("", status, "unknown")


def _percent(score: float | None) -> str:
    return "" if score is None else f"{score:.0%}"
