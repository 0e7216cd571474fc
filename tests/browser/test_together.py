"""Several people in one notebook (jupyter-collaboration): one writes, nobody answers back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.browser.conftest import interpreter_of
from tests.browser.kernels import install_python
from tests.browser.lab import KEY, SEED_CELL, WIDGET, Lab, read_notebook, write_notebook
from tests.browser.server import Server, running_server

KERNEL = "suite"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("together") / "home"
    with running_server(home, python=interpreter_of("lab-rtc")) as running:
        install_python(running, KERNEL)
        yield running


def count_writes(lab: Lab) -> None:
    """Count from now on how often the notebook's record changes."""
    lab.page.evaluate(
        f"() => {{ window.writes = 0; {WIDGET}.content.model.metadataChanged.connect("
        f"(_, change) => {{ window.writes += change.key === '{KEY}' ? 1 : 0; }}); }}"
    )


def writes(lab: Lab) -> int:
    return int(lab.page.evaluate("() => window.writes"))


def saved(path: Path) -> object:
    """Return what the file has recorded; None also while it is being written."""
    with suppress(ValueError):
        return read_notebook(path)["metadata"].get(KEY)
    return None


def test_one_writes_and_the_other_sees_it(
    lab: Lab, open_tab: Callable[[], Lab], folder: Path
) -> None:
    path = write_notebook(folder / "a.ipynb", SEED_CELL, "1", language=KERNEL)
    second = open_tab()
    for tab in (lab, second):
        tab.open(f"{folder.name}/a.ipynb")
        assert tab.page.evaluate(f"() => {WIDGET}.content.model.collaborative") is True
        tab.expect_verdict("Nothing recorded")
        count_writes(tab)

    lab.run_all()
    recorded = lab.wait_for_metadata()
    assert second.wait_for_metadata() == recorded
    for tab in (lab, second):
        tab.expect_verdict("Matches")
    assert (writes(lab), writes(second)) == (1, 1)

    # The other one runs it again: nothing new, so nothing is written
    second.run_all()
    second.run_cell(1)
    second.expect_verdict("Matches")
    assert lab.metadata == second.metadata == recorded
    assert (writes(lab), writes(second)) == (1, 1)
    lab.save()
    # Here the server writes the file, some time after it was told
    lab.wait_for(lambda: saved(path) == recorded)
