"""Policies: the built-in ones, a project's own table, and which of them is in force."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from jupyter_repro.comparing.environments.policy import PRODUCTION, RESEARCH, load_policy
from jupyter_repro.errors import UsageError
from jupyter_repro.model.results import EXACT, Tolerance


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(dedent(text), encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a folder above which nothing is looked for."""
    (tmp_path / ".git").mkdir()
    return tmp_path


OWN = """
    [tool.jupyter_repro]
    policy = "production"

    [tool.jupyter_repro.severity]
    version-patch = "warning"
    build = {used = "note", unused = "ignore"}
    hash = {unused = "note"}
"""


@pytest.mark.parametrize(
    ("kind", "used", "research", "production"),
    [
        ("gpu-architecture", True, "error", "error"),
        ("package-missing", True, "error", "error"),
        ("package-missing", False, "note", "error"),
        ("version-minor", True, "error", "error"),
        ("version-patch", True, "warning", "error"),
        ("version-patch", False, "note", "error"),
        ("build", True, "note", "error"),
        ("build", False, "note", "error"),
        ("hash", True, "warning", "error"),
        ("cpu-gpu-build", True, "error", "error"),
        ("python-minor", True, "error", "error"),
        ("seed", True, "error", "error"),
        ("driver-branch", True, "warning", "error"),
        ("driver-version", True, "note", "warning"),
        ("precision", True, "warning", "error"),
        ("kernel", True, "note", "note"),
        ("git-commit", True, "note", "warning"),
    ],
)
def test_what_the_built_in_policies_say(
    kind: str, *, used: bool, research: str, production: str
) -> None:
    assert RESEARCH.severity(kind, used=used) == research
    assert PRODUCTION.severity(kind, used=used) == production


def test_production_is_nowhere_milder_than_research() -> None:
    order = ("ignore", "note", "warning", "error")
    for kind, weights in RESEARCH.table.items():
        for mild, strict in zip(weights, PRODUCTION.table[kind], strict=True):
            assert order.index(strict) >= order.index(mild), kind


def test_which_policy_is_in_force(project: Path) -> None:
    assert load_policy(None, project) is RESEARCH
    assert load_policy(None, project, recorded="production") is PRODUCTION
    write(project, '[tool.jupyter_repro]\npolicy = "research"')
    assert load_policy(None, project, recorded="production") is RESEARCH
    assert load_policy("production", project, recorded="research") is PRODUCTION


def test_a_projects_own_table(project: Path) -> None:
    policy = load_policy(None, write(project, OWN))
    assert policy.name == "production + pyproject.toml"
    assert policy.severity("version-patch", used=False) == "warning"
    assert policy.severity("build", used=True) == "note"
    assert policy.severity("build", used=False) is None
    assert policy.severity("hash", used=True) == "error"
    assert policy.severity("hash", used=False) == "note"
    assert policy.severity("version-minor", used=False) == "error"


def test_a_name_means_the_built_in_policy_as_it_stands(project: Path) -> None:
    assert load_policy("production", write(project, OWN)) is PRODUCTION


def test_severities_alone_lie_over_the_recorded_policy(project: Path) -> None:
    write(project, '[tool.jupyter_repro.severity]\nkernel = "error"')
    policy = load_policy(None, project, recorded="production")
    assert policy.severity("kernel", used=True) == "error"
    assert policy.severity("build", used=False) == "error"


def test_the_nearest_file_with_a_table_counts(project: Path) -> None:
    write(project, '[tool.jupyter_repro]\npolicy = "production"')
    inner = write(project / "a" / "b", "[project]\nname = 'jupyter_repro_user'")
    assert load_policy(None, inner / "notebooks") is PRODUCTION
    write(project / "a", '[tool.jupyter_repro]\npolicy = "research"')
    assert load_policy(None, inner) is RESEARCH


def test_the_search_ends_at_the_repository_and_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, '[tool.jupyter_repro]\npolicy = "production"')
    repository, home = tmp_path / "repository", tmp_path / "home"
    (repository / ".git").mkdir(parents=True)
    (home / "notebooks").mkdir(parents=True)
    assert load_policy(None, repository) is RESEARCH
    assert load_policy(None, home / "notebooks") is PRODUCTION
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    assert load_policy(None, home / "notebooks") is RESEARCH


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[tool.jupyter_repro]\npolicy = "producton"',
            "../pyproject.toml: policy: there is no policy 'producton'. Did you mean 'production'?",
        ),
        (
            '[tool.jupyter_repro.severity]\nversion-pach = "error"',
            "../pyproject.toml: there is no kind of difference 'version-pach'. Did you mean",
        ),
        (
            '[tool.jupyter_repro.severity]\nbuild = "warn"',
            "../pyproject.toml: build: there is no severity 'warn'. Did you mean 'warning'?",
        ),
        (
            "[tool.jupyter_repro.severity]\nbuild = 3",
            "../pyproject.toml: build: there is no severity 3. Choose one of error, warning, note,",
        ),
        (
            '[tool.jupyter_repro.severity]\nbuild = {usd = "note"}',
            "../pyproject.toml: build: there is no key 'usd'. Did you mean 'used'?",
        ),
        (
            '[tool.jupyter_repro]\npolcy = "research"',
            "../pyproject.toml: there is no key 'polcy'. Did you mean 'policy'?",
        ),
        (
            '[tool.jupyter_repro]\nseverity = "error"',
            "../pyproject.toml: [tool.jupyter_repro.severity] is not a table of kinds.",
        ),
        ('[tool]\njupyter_repro = "research"', "../pyproject.toml holds a `tool.jupyter_repro`"),
        ("[tool.jupyter_repro\n", "../pyproject.toml is not valid TOML"),
        ('tool = 1\nx = "jupyter_repro"', "../pyproject.toml holds a `tool` that is not a table"),
    ],
)
def test_a_mistake_in_the_file_is_one_sentence(project: Path, text: str, sentence: str) -> None:
    write(project, text)
    with pytest.raises(UsageError) as caught:
        load_policy(None, project / "notebooks")
    assert str(caught.value).replace(os.sep, "/").startswith(sentence)
    assert str(project) not in str(caught.value)


def test_an_unknown_name(project: Path) -> None:
    with pytest.raises(UsageError, match="no policy 'reserch'\\. Did you mean 'research'"):
        load_policy("reserch", project)
    with pytest.raises(UsageError, match="the notebook's policy: there is no policy 'strict'"):
        load_policy(None, project, recorded="strict")


def test_no_toml_parser_is_imported_without_need(project: Path) -> None:
    write(project, "[project]\nname = 'other'")
    code = (
        "import sys; from pathlib import Path;"
        "from jupyter_repro.comparing.environments.policy import load_policy;"
        f"load_policy(None, Path({str(project)!r})); print('tomllib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_table_in_the_documentation_is_one(project: Path) -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "policies.md"
    table = page.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    write(project, table)
    policy = load_policy(None, project)
    assert policy.severity("version-patch", used=True) == "error"
    assert policy.severity("version-patch", used=False) == "note"
    assert policy.severity("driver-version", used=True) is None


def test_a_project_says_how_near_results_have_to_be(tmp_path: Path) -> None:
    write(tmp_path, "[tool.jupyter_repro.tolerance]\natol = 1e-6")
    assert load_policy(None, tmp_path).tolerance == Tolerance(atol=1e-6)
    assert load_policy(None, tmp_path).name == "research + pyproject.toml"
    assert load_policy("research", tmp_path).tolerance == Tolerance(rtol=1e-5)
    assert load_policy("production", tmp_path).tolerance == EXACT


@pytest.mark.parametrize(
    "text", ["rtol = 1", "rtol = -0.1", "atol = '1'", "ulp = 0.5", "ulp = -1", "atol = nan"]
)
def test_a_tolerance_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, f"[tool.jupyter_repro.tolerance]\n{text}")
    with pytest.raises(UsageError, match=r"tolerance\] is not right"):
        load_policy(None, tmp_path)
