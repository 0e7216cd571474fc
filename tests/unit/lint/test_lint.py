"""What can be told of a notebook without running it, and above all what must not be told."""

from __future__ import annotations

import ast
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.cli import main
from jupyter_repro.errors import UnreadableError
from jupyter_repro.lint import facts
from jupyter_repro.lint.finding import LINT_KINDS, LintFinding
from jupyter_repro.lint.python_code import executed, parse, without_magics
from jupyter_repro.lint.run import MAX_FINDINGS, fails, lint
from jupyter_repro.model.report import SEVERITIES
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    message_output,
    text_output,
    write_notebook,
)
from tests.unit.support.command_line import ONE, jupyter_repro

CORPUS = Path(__file__).parents[2] / "notebooks" / "lint"

# File → kind, cell and line of each finding. One behaviour a file
EXPECTED: dict[str, list[tuple[str, int | None, int | None]]] = {
    "another_environment": [],  # that is for `check` to tell
    "another_language": [("not-recorded", None, None)],
    "count_gap": [("count-gap", 1, None)],
    "counts_taken_away": [("not-recorded", None, None)],
    "drawn_before_own_seed": [("drawn-before-seed", 1, 2), ("not-recorded", None, None)],
    "drawn_before_seed": [
        ("drawn-before-seed", 1, 3),
        ("drawn-before-seed", 2, 1),
        ("drawn-before-seed", 3, 1),
    ],
    "drawn_in_a_function": [],
    "edited": [("edited", 2, None), ("edited", 3, None)],
    "edited_end_of_line": [],
    "error_output": [("error-output", 2, None)],
    "expected_error": [],
    "generator_of_its_own": [],
    "healthy": [],
    "impossible_version": [("impossible-version", None, None)],
    "magics": [],
    "magics_before_the_seed": [("drawn-before-seed", 1, 4)],
    "mixed_environments": [("mixed-environments", None, None)],
    "never_run": [],
    "never_seeded": [("not-recorded", None, None), ("never-seeded", 1, 3)],
    "no_count": [("no-count", 2, None)],
    "not_recorded": [("not-recorded", None, None)],
    "old_stamp": [],
    "out_of_order": [("out-of-order", 3, None), ("count-gap", 2, None)],
    "printed_by_the_latest": [("mixed-environments", None, None)],
    "printed_version": [("printed-version", 2, 2), ("printed-version", 3, 2)],
    "printed_version_edited": [("edited", 2, None)],
    "printed_version_uncertain": [],
    "seeded_by_a_function": [("not-recorded", None, None)],
    "seeded_by_the_runner": [],
    "seeded_cell": [],
    "skipped": [("skipped", 2, None)],
    "skipped_by_tag": [],
    "two_kernels": [("out-of-order", 3, None)],
    "unknown_environment": [("unknown-environment", None, None)],
    "unreadable_record": [("unreadable-record", None, None)],
    "unstamped": [("unstamped", 2, None)],
}


def look(*cells: dict[str, Any], **metadata: Any) -> list[LintFinding]:
    return lint(Path("a.ipynb"), json.dumps(make_notebook(*cells, **metadata)).encode())


def kinds(*cells: dict[str, Any]) -> list[str]:
    return [found.kind for found in look(*cells) if found.kind != "not-recorded"]


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_corpus(path: Path) -> None:
    found = lint(path, path.read_bytes())
    assert [(one.kind, one.cell, one.line) for one in found] == EXPECTED[path.stem]
    for one in found:
        assert one.severity == LINT_KINDS[one.kind].severity
        assert (one.id is None) == (one.cell is None)


def test_the_corpus_shows_every_kind() -> None:
    shown = {kind for findings in EXPECTED.values() for kind, _, _ in findings}
    assert shown == {*LINT_KINDS} - {"secret", "home-folder"}  # nobody should commit these


@pytest.mark.parametrize("folder", ["tests/notebooks/run", "examples"])
def test_notebooks_that_people_wrote_raise_no_alarm(folder: str) -> None:
    for path in (Path(__file__).parents[3] / folder).glob("*.ipynb"):
        assert lint(path, path.read_bytes()) == []


TOKEN = "ghp_" + "a1B2" * 9


@pytest.mark.parametrize(
    ("output", "expected", "said"),
    [
        (text_output(f"token: {TOKEN}"), ["secret"], "after 'token:'"),
        ({"output_type": "error", "ename": TOKEN, "evalue": "", "traceback": []}, None, "***"),
        (text_output("glpat-" + "a1B2" * 5), ["secret"], None),
        (text_output("sk-" + "a1B2" * 9), ["secret"], None),
        (text_output("glove-twitter-27B-100d.txt.gz global-attention-transformer-v2"), [], None),
        (text_output("sk-learn-pipeline-model-number-2"), [], None),
        (text_output("/home/alice/data/a.csv"), ["home-folder"], "/home/***."),
        (text_output("'C:\\\\Users\\\\Alice B\\\\a.csv'"), ["home-folder"], "Users\\\\***"),
        (text_output("file:///Users/alice/a.csv"), ["home-folder"], "/Users/***"),
        (text_output("/home/jovyan/a.csv /home/user/a"), [], None),
        (text_output("https://a.org/home/alice/a.html"), [], None),
        ({"output_type": "display_data", "data": {"text/html": "<a href='/home/a/b'>"}}, [], None),
        ({"output_type": "display_data", "data": {"image/png": f" {TOKEN} /home/a/b"}}, [], None),
        ({"output_type": "display_data", "data": {"image/svg+xml": TOKEN}}, ["secret"], None),
    ],
)
def test_what_is_private(
    output: dict[str, Any], expected: list[str] | None, said: str | None
) -> None:
    found = look(code_cell("x", output, count=1))
    told = [one.kind for one in found if one.kind != "not-recorded"]
    assert told == (["secret", "error-output"] if expected is None else expected)
    assert TOKEN not in str(found)
    assert "alice" not in str(found).lower()
    if said is not None:
        assert any(said in one.what for one in found)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import numpy as np\nnp.random.rand()", ["never-seeded"]),
        ("import numpy.random\nnumpy.random.rand()", ["never-seeded"]),
        ("from numpy.random import rand as draw\ndraw()", ["never-seeded"]),
        ("import random\nif True:\n    [random.choice('ab') for _ in 'ab']", ["never-seeded"]),
        ("import random\nclass A:\n    x = random.random()", ["never-seeded"]),
        ("import random\nrandom.Random()", ["never-seeded"]),
        ("import random\nrandom.seed()\nrandom.random()", []),  # it says that it wants no seed
        ("import random\nrandom.Random(1).random()", []),
        ("import random\nrandom = 1\nrandom.random()", []),
        ("from . import random\nrandom.random()", []),
        ("random.random()", []),
        ("import random\nrandom.SystemRandom().random()", []),
        ("import random\nrandom.random()\nrandom.seed(1)", ["drawn-before-seed"]),
        ("import random\nrandom.seed(1)\nrandom.random()", []),
        ("import random, numpy as np\nnp.random.seed(1)\nrandom.random()", []),
        ("import random\nseed_everything(1)\nrandom.random()", []),
        ("import random\n%repro seed=1\nrandom.random()\nrandom.seed(1)", []),
        ("import numpy as np\n(" + "-" * 50_000 + "np.random.rand())", []),  # too deep to be parsed
        ("import random; random.random()\n\x00", []),
    ],
)
def test_what_draws_before_a_seed(source: str, expected: list[str]) -> None:
    assert kinds(code_cell(source, count=1)) == expected


def test_messages_are_sentences_that_tell_where() -> None:
    path = CORPUS / "drawn_before_seed.ipynb"
    found = lint(path, path.read_bytes())[0]
    assert found.what == "numpy.random.normal() draws from NumPy above %repro seeds in cell 3."
    path = CORPUS / "printed_version.ipynb"
    told = [one.what for one in lint(path, path.read_bytes())]
    assert told == [
        "Its output shows numpy 1.24.1, but 1.26.4 is recorded.",
        "Its output shows Python 3.9.2, but 3.11.7 is recorded.",
    ]


def test_what_still_lies_in_the_output_is_a_record() -> None:
    assert look(code_cell("%repro seed=1", message_output(ONE), count=1)) == []


def test_hostile_names_are_shown_on_one_line() -> None:
    error = {"output_type": "error", "ename": "\x1b[31m\n" * 500, "evalue": 5, "traceback": {}}
    (found,) = [one for one in look(code_cell("x", error, count=1)) if one.kind == "error-output"]
    assert found.what.isprintable()
    assert len(found.what) < 300


def test_there_is_an_end_to_it() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    assert len(look(*(code_cell("x", error, count=1) for _ in range(2_000)))) == MAX_FINDINGS


@pytest.mark.parametrize(
    ("name", "python", "fine", "wrong"),
    [
        ("torch", "3.12.1", ("2.2.0", "2.9.1+cu126"), ("2.1.2", "1.13.1+cpu")),
        ("torch", "3.9.2", ("1.7.1", "2.8.0"), ("1.6.0", "2.9.0")),
        ("numpy", "3.10.0", ("1.21.0", "2.2.6"), ("2.3.0",)),
        ("numpy", "3.30.0", ("0.1", "99.0"), ()),
    ],
)
def test_versions_that_were_never_published(
    name: str, python: str, fine: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    def told(version: str, origin: str = "[pip]") -> bool:
        plain = json.loads((CORPUS / "impossible_version.ipynb").read_bytes())
        layers = plain["metadata"]["jupyter_repro"]["reference"]["layers"]
        layers["packages"]["packages"] = [f"{name}=={version} {origin}"]
        layers["core"]["python"] = python
        found = lint(Path("a"), json.dumps(plain).encode())
        return any(one.kind == "impossible-version" for one in found)

    assert [version for version in (*fine, *wrong) if told(version)] == [*wrong]
    for version in wrong:  # whoever builds it themselves may have it
        assert not told(version, "[conda]")
        assert not told(version, "[pip, https://a.org/a.whl]")


def test_the_table_of_facts_is_in_order() -> None:
    for table in (*facts.OLDEST_WHEEL.values(), *facts.NEWEST.values()):
        assert [*table] == sorted(table)
        assert [*table.values()] == sorted(table.values())


@given(st.text(alphabet="%!?x=()'\"\n \\#a.", max_size=60))
def test_lines_keep_their_numbers(source: str) -> None:
    plain = without_magics(source)
    assert plain is None or plain.count("\n") == source.count("\n")
    tree = parse(source)
    assert tree is None or all(isinstance(node, ast.AST) for node in executed(tree))


@pytest.mark.parametrize(
    "line",
    ["%pip install x", "!ls {a} | wc", "x?", "??x.y", "%timeit f(1)", "y = !ls", "a, b = %magic 1"],
)
def test_a_line_of_ipython_hides_no_other_line(line: str) -> None:
    tree = parse(f"if True:\n    {line}\nz = 1")
    assert tree is not None
    assert tree.body[-1].lineno == 3


def test_a_line_that_only_looks_like_ipython_is_python() -> None:
    tree = parse("x = (5\n% 2)\ny = 'why?'")
    assert tree is not None
    assert len(tree.body) == 2


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
Members = st.sampled_from(
    ["cell_type", "source", "outputs", "metadata", "execution_count", "id", "data", "text"]
)


@given(
    st.lists(st.dictionaries(Members, Json | st.just("code")), max_size=3),
    st.dictionaries(st.sampled_from(["jupyter_repro", "kernelspec", "language_info"]), Json),
)
def test_any_notebook_is_looked_at_or_refused(cells: list[Any], metadata: dict[str, Any]) -> None:
    plain = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    found = []
    with suppress(UnreadableError):
        found = lint(Path("a.ipynb"), json.dumps(plain).encode())
    assert all(one.what.isprintable() for one in found)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    healthy, edited = CORPUS / "healthy.ipynb", CORPUS / "edited.ipynb"
    assert main(["lint", str(healthy)]) == 0
    assert capsys.readouterr().out == f"{healthy}: nothing found\n"
    assert main(["lint", str(healthy), str(edited)]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[1] == f"{edited}: 2 errors"
    assert printed[2].startswith("  error    cell 2: It was edited after it ran")
    assert main(["lint", "--json", "--ignore", "edited", str(edited)]) == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
    assert main(["lint", "--json", str(edited)]) == 1
    told = json.loads(capsys.readouterr().out)["findings"][0]
    assert (told["kind"], told["cell"], told["id"]) == ("edited", 2, "cell-2")
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{")
    assert main(["lint", str(broken), str(healthy)]) == 2


@pytest.mark.parametrize("fail_on", SEVERITIES)
def test_what_fails(fail_on: str) -> None:
    path = CORPUS / "drawn_before_own_seed.ipynb"
    code = main(["lint", "--fail-on", fail_on, str(path)])
    assert code == (0 if fail_on == "error" else 1)
    assert not fails([], "note")


def test_a_project_says_what_it_does_not_want_to_hear(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell("1", text_output("/home/alice/a"), count=1)))
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.jupyter_repro.lint]\nignore = ["home-folder"]')
    assert main(["lint", str(path)]) == 0
    out = capsys.readouterr().out
    assert "[home-folder]" not in out
    assert "; ignored: home-folder\n" in out  # so "nothing found" is not "fine"
    for wrong, said in (
        ('ignore = ["home-folders"]', "'home-folder'"),
        ('ignore = "home-folder"', "list"),
        ("ignored = []", "'ignore'"),
    ):
        project.write_text(f"[tool.jupyter_repro.lint]\n{wrong}")
        assert main(["lint", str(path)]) == 2
        assert said in capsys.readouterr().err
    project.write_text("[tool.jupyter_repro]\nlint = 5")
    assert main(["lint", str(path)]) == 2
    assert "table" in capsys.readouterr().err
    project.unlink()
    assert main(["lint", "--ignore", "secrets", str(path)]) == 2
    assert "Did you mean 'secret'?" in capsys.readouterr().err


def test_check_is_not_troubled_by_the_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.jupyter_repro.lint]\nignore = ["edited"]')
    path = tmp_path / "a.ipynb"
    path.write_bytes((CORPUS / "healthy.ipynb").read_bytes())
    done = jupyter_repro("check", path)
    assert "pyproject" not in done.stderr
