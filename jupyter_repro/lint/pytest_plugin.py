"""``pytest --repro``: run `jupyter repro lint` as a test on each notebook that pytest collects.

pytest imports this at every start, so this package is imported only when a notebook is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("jupyter_repro").addoption(
        "--repro",
        action="store_true",
        help="check each notebook for stale, impossible and private outputs, without running it",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect notebooks where the option is given."""
    if file_path.suffix != ".ipynb" or not parent.config.getoption("--repro"):
        return None
    return NotebookFile.from_parent(parent, path=file_path)


class NotebookFile(pytest.File):
    """A notebook."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the one test of it."""
        yield NotebookItem.from_parent(self, name="repro-lint")


class NotebookItem(pytest.Item):
    """Fails where `jupyter repro lint` would."""

    def runtest(self) -> None:
        """Lint.

        Raises
        ------
        ReproError
            If the notebook cannot be read.
        """
        from jupyter_repro.lint.finding import render, summary
        from jupyter_repro.lint.run import fails, ignored_kinds, lint
        from jupyter_repro.safety.files import read_bytes

        findings = lint(self.path, read_bytes(self.path), ignored_kinds(self.path.parent))
        if fails(findings):
            text = f"{summary(findings)}\n{render(findings)}"
            raise NotebookFails(text)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *_: Any) -> Any:  # noqa: ANN401
        """Return the findings, or one sentence, instead of a traceback."""
        from jupyter_repro.errors import ReproError
        from jupyter_repro.safety.runner_commands import without_commands

        if isinstance(excinfo.value, (NotebookFails, ReproError)):
            return "\n".join(map(without_commands, str(excinfo.value).splitlines()))
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return its name in reports."""
        return self.path, None, f"repro-lint: {self.path.name}"


class NotebookFails(Exception):  # noqa: N818 - as a test does
    """A notebook has findings; the message lists them."""
