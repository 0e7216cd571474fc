"""``pytest --repro``, in pytest runs of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CORPUS = Path(__file__).parents[2] / "notebooks" / "lint"


@pytest.fixture
def folder(pytester: pytest.Pytester) -> Path:
    for name in ("healthy", "edited", "never_seeded"):
        shutil.copy(CORPUS / f"{name}.ipynb", pytester.path)
    (pytester.path / "test_other.py").write_text("def test_it(): pass")
    return pytester.path


def test_notebooks_are_tests(pytester: pytest.Pytester, folder: Path) -> None:
    (folder / "broken.ipynb").write_text("{")
    done = pytester.runpytest_subprocess("--repro", "-W", "error")
    done.assert_outcomes(passed=3, failed=2)  # notes do not fail
    done.stdout.fnmatch_lines(
        [
            "*cut off*",
            "2 errors",
            "*cell 2: It was edited after it ran*",
            "FAILED edited.ipynb::repro-lint - 2 errors",
        ]
    )
    assert "Traceback" not in done.stdout.str()
    assert "site-packages" not in done.stdout.str()


def test_the_project_may_ignore(pytester: pytest.Pytester, folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.jupyter_repro.lint]\nignore = ["edited"]')
    pytester.runpytest_subprocess("--repro").assert_outcomes(passed=4)


def test_one_can_be_chosen(pytester: pytest.Pytester, folder: Path) -> None:
    done = pytester.runpytest_subprocess("--repro", "edited.ipynb::repro-lint")
    done.assert_outcomes(failed=1)


@pytest.mark.usefixtures("folder")
def test_without_the_option_nothing_happens(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys

        def pytest_unconfigure():
            ours = [name for name in sys.modules if name.startswith("jupyter_repro")]
            print("imported:", sorted(ours), "msgspec" in sys.modules)
        """
    )
    done = pytester.runpytest_subprocess("-s")
    done.assert_outcomes(passed=1)
    ours = [
        "jupyter_repro",
        "jupyter_repro._version",
        "jupyter_repro.lint",
        "jupyter_repro.lint.pytest_plugin",
    ]
    assert f"imported: {ours} False" in done.outlines
