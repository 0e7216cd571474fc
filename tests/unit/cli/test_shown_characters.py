"""No character that hides or steers gets from a notebook to a screen, a terminal or an export."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.cli import complain, terminal
from jupyter_repro.cli.reports.github import to_annotations
from jupyter_repro.cli.reports.junit import to_junit
from jupyter_repro.cli.reports.markdown import to_markdown
from jupyter_repro.cli.reports.verified import Result
from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.overall import of_environment
from jupyter_repro.comparing.environments.policy import RESEARCH
from jupyter_repro.comparing.outputs.verdict import CellVerdict
from jupyter_repro.formats.exporters.formats import FORMATS
from jupyter_repro.formats.exporters.request import CannotExportError
from jupyter_repro.model.findings import RunFinding
from jupyter_repro.model.report import Report
from jupyter_repro.model.snapshot import Snapshot, ThirdPartyLayer
from jupyter_repro.show import panel, report_text, text
from jupyter_repro.show.card import render_card
from jupyter_repro.show.findings_text import render_findings
from jupyter_repro.show.page.page import CellRow, NotebookPage, render_page
from tests.unit.support.exports import an_index, exported
from tests.unit.support.factories import make_snapshot, snapshot_with

STEERING = [
    one
    for one in map(chr, range(sys.maxunicode + 1))
    if unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and one != "\n"
]


def accepted(one: str) -> bool:
    """Say whether the model lets a notebook store it, as version 0.1.0 did."""
    try:
        msgspec.convert({"status": "error", "reason": one}, ThirdPartyLayer)
    except msgspec.ValidationError:
        return False
    return True


FORMAT = [one for one in STEERING if unicodedata.category(one) == "Cf" and accepted(one)]
EVIL = "x" + " ".join(FORMAT)


def leaves(plain: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(plain, str):
        yield path, plain
    elif isinstance(plain, dict):
        for key, value in plain.items():
            yield from leaves(value, (*path, key))
    elif isinstance(plain, list):
        for key, value in enumerate(plain):
            yield from leaves(value, (*path, key))


def poisoned(snapshot: Snapshot) -> Snapshot:
    """Return what a hostile notebook can hold at most: every text that may, ends in `EVIL`."""
    count = 0
    for path, value in leaves(msgspec.to_builtins(snapshot)):
        plain = msgspec.to_builtins(snapshot)
        inner = plain
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value + EVIL
        try:
            snapshot = msgspec.convert(plain, Snapshot)
        except msgspec.ValidationError:
            continue
        count += 1
    assert count > 20
    return snapshot


REFERENCE = poisoned(make_snapshot(None, {"slurm": ThirdPartyLayer(status="ok", facts={"a": "b"})}))
CURRENT = poisoned(
    snapshot_with(
        core={"python": "3.12.1"},
        gpu={"status": "error", "reason": "broken"},
        system={"kernel": "6.8"},
    )
)
VERDICTS = of_environment(compare(REFERENCE, CURRENT, RESEARCH))
SIDES = panel.Sides(REFERENCE, CURRENT, VERDICTS)
FINDING = RunFinding(kind="clock", what=EVIL, advice=EVIL, severity="warning", file=EVIL)
CELL = CellVerdict(cell=1, status="different", why=EVIL)
RESULT = Result(path=Path("a"), name=EVIL, code=1, verdict="different", cells=[CELL], notes=[EVIL])
PAGE = NotebookPage(
    name=EVIL,
    verdict="different",
    summary=EVIL,
    recorded=REFERENCE,
    current=CURRENT,
    report=VERDICTS.report,
    cells=[CellRow(number=1, status="different", why=EVIL, source=EVIL, before=EVIL, after=EVIL)],
    findings=[FINDING],
)
INDEX = an_index(rich="13.7.0", torch="2.3.1+cu121")

SCREENS: dict[str, Callable[[], str]] = {
    "stack as text": lambda: text.render_stack(CURRENT),
    "report as text": lambda: report_text.render_verdicts(VERDICTS),
    "report as Markdown": lambda: text.render_markdown(VERDICTS.report),
    "findings as text": lambda: render_findings([FINDING], {}),
    "card": lambda: render_card(CURRENT, VERDICTS, [EVIL]),
    "panel": lambda: "\n".join(
        [
            panel.render_top(SIDES, [EVIL]),
            panel.render_stack(SIDES),
            panel.render_differences(VERDICTS.report),
            panel.render_loss(SIDES),
            panel.render_packages(SIDES, "n"),
        ]
    ),
    "page": lambda: render_page([PAGE], EVIL, EVIL),
    "pull request": lambda: to_markdown([RESULT]),
    "GitHub": lambda: "\n".join(to_annotations([RESULT])),
    "JUnit": lambda: to_junit([RESULT]).decode(),
}


def assert_none_is_shown(shown: str) -> None:
    assert [f"U+{ord(one):04X}" for one in STEERING if one in unescape(shown)] == []


@pytest.mark.parametrize("screen", SCREENS)
def test_no_screen_shows_them(screen: str) -> None:
    assert_none_is_shown(SCREENS[screen]())


@pytest.mark.parametrize("name", FORMATS)
def test_no_export_holds_them(name: str) -> None:
    clean = make_snapshot().layers  # packages that every format can name
    # conda-lock insists on md5
    conda = {
        group: [line[:-32] for line in lines] if name == "conda-lock.yml" else lines
        for group, lines in clean.conda.packages.items()
    }
    layers = msgspec.structs.replace(
        CURRENT.layers,
        conda=msgspec.structs.replace(CURRENT.layers.conda, packages=conda),
        packages=clean.packages,
        core=clean.core,
        system=clean.system,
    )
    written = []
    for snapshot in (CURRENT, msgspec.structs.replace(CURRENT, layers=layers)):
        with suppress(CannotExportError):
            written.append(exported(snapshot, name, notebook="a.ipynb", files_of=INDEX).files)
    for file, content in (one for files in written for one in files.items()):
        assert_none_is_shown(file + content)
    assert written


@pytest.mark.parametrize("rich", [False, True], ids=["pipe", "terminal"])
def test_no_terminal_shows_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, rich: bool
) -> None:
    if rich:
        pytest.importorskip("rich")
    monkeypatch.setattr(terminal, "is_rich", lambda _: rich)
    monkeypatch.setenv("NO_COLOR", "1")
    report = VERDICTS.report
    worst = msgspec.structs.replace(
        report.findings[0], subject=EVIL, reference=EVIL, current=EVIL, why=EVIL, action=EVIL
    )
    hostile: Report = msgspec.structs.replace(report, findings=[worst])
    for show in (
        partial(terminal.show_title, EVIL),
        partial(terminal.show_stack, CURRENT),
        partial(terminal.show_verdicts, VERDICTS._replace(report=hostile)),
        partial(terminal.show_lines, [(EVIL, "bold")]),
    ):
        show()
        assert_none_is_shown(capsys.readouterr().out)
    complain(EVIL)
    assert_none_is_shown(capsys.readouterr().err)
