from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.model.document import CellStamp, Document
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.notebook.lift import lift, lift_file, read_document
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    make_snapshot,
    message_output,
    text_output,
    write_notebook,
)

ONE = make_snapshot(packages=("numpy==1.0 [pip]",))
OTHER = make_snapshot(packages=("numpy==2.0 [pip]",))


def plain_document(**fields: Any) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(Document(schema_version=1, **fields))
    return document


def envs(notebook: dict[str, Any]) -> list[str | None]:
    return [cell["metadata"].get("jupyter_repro", {}).get("env") for cell in notebook["cells"]]


def test_a_snapshot_moves_into_the_metadata() -> None:
    notebook = make_notebook(
        code_cell("1", text_output("before"), count=1),
        code_cell("%repro seed=1", message_output(ONE), count=2),
        code_cell("2", text_output("after"), count=3),
        code_cell("x = 1", count=4),
        {"cell_type": "markdown", "metadata": {}, "source": "x"},
    )
    lifted = lift(notebook)
    assert lifted.moved == 1
    assert notebook["metadata"]["jupyter_repro"] == plain_document(reference=ONE)
    message = notebook["cells"][1]["outputs"][0]["data"][MIME_TYPE]
    assert message["digest"] == ONE.digest
    assert "snapshot" not in message
    env = ONE.digest[:12]
    assert envs(notebook) == [None, env, env, None, None]
    assert lift(notebook).moved == 0


def test_what_a_message_tells_of_a_run_is_stamped_by_its_number() -> None:
    told = CellStamp(source="0" * 12, rng={"numpy": "0" * 8}, env=OTHER.digest[:12])
    message = message_output(ONE, stamps={"In [2]": told, "In [9]": told})
    notebook = make_notebook(
        code_cell("%repro seed=1", message, count=1),
        code_cell("1", text_output("x"), count=2),
        code_cell("2", text_output("x"), count=3, jupyter_repro={"source": "1" * 12, "mine": 1}),
    )
    lift(notebook)
    env = ONE.digest[:12]
    stamps = [cell["metadata"]["jupyter_repro"] for cell in notebook["cells"]]
    assert stamps == [
        {"env": env},
        {"env": env, "source": "0" * 12, "rng": {"numpy": "0" * 8}},
        {"env": env, "mine": 1},  # run again since, nobody knows with which source
    ]
    assert "stamps" not in notebook["cells"][0]["outputs"][0]["data"][MIME_TYPE]


def test_a_later_message_changes_the_stamp_from_its_cell_on() -> None:
    notebook = make_notebook(
        code_cell("%repro seed=1", message_output(ONE), count=1),
        code_cell("1", text_output("x"), count=2),
        code_cell("%repro seed=1", message_output(OTHER), count=3),
        code_cell("2", text_output("x"), count=4),
    )
    lifted = lift(notebook)
    assert lifted.document is not None
    assert (lifted.document.reference, lifted.document.latest) == (ONE, OTHER)
    assert envs(notebook) == [ONE.digest[:12]] * 2 + [OTHER.digest[:12]] * 2


@pytest.mark.parametrize(("count", "message_count"), [(1, 2), (2, 2), (None, 2), (2, None)])
def test_a_cell_that_may_have_run_earlier_gets_no_stamp(
    count: int | None, message_count: int | None
) -> None:
    notebook = make_notebook(
        code_cell("%repro seed=1", message_output(ONE), count=message_count),
        code_cell("1", text_output("x"), count=count),
    )
    lift(notebook)
    assert envs(notebook)[1] is None


def test_an_older_stamp_stays_until_the_user_accepts() -> None:
    old = {"env": OTHER.digest[:12]}
    for accept, expected in ((False, OTHER), (True, ONE)):
        notebook = make_notebook(
            code_cell("%repro accept", message_output(ONE, accept=accept), count=1),
            code_cell("1", text_output("x"), count=2, jupyter_repro=dict(old)),
        )
        lift(notebook)
        assert envs(notebook)[1] == expected.digest[:12]


def test_two_environments_in_one_cell_give_no_stamp() -> None:
    notebook = make_notebook(code_cell("x", message_output(ONE), message_output(OTHER), count=1))
    lift(notebook)
    assert envs(notebook) == [None]


def test_accepting_makes_the_reference() -> None:
    notebook = make_notebook(
        code_cell("%repro accept", message_output(OTHER, accept=True), count=1),
        jupyter_repro=plain_document(reference=ONE, latest=OTHER),
    )
    lift(notebook)
    assert notebook["metadata"]["jupyter_repro"] == plain_document(reference=OTHER)


def test_an_unreadable_message_is_told_and_left(tmp_path: Path) -> None:
    broken = message_output(ONE)
    broken["data"][MIME_TYPE]["snapshot"] = "AAAA"
    path = tmp_path / "a.ipynb"
    before = write_notebook(path, make_notebook(code_cell("1"), code_cell("%repro", broken)))
    lifted = lift_file(path)
    assert lifted.moved == 0
    assert lifted.problems[0].startswith("cell 2: ")
    assert path.read_bytes() == before
    with pytest.raises(UnreadableError, match="cell 2"):
        read_document(path)


def test_a_document_is_found_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell("1")))
    assert read_document(path) is None
    write_notebook(path, make_notebook(code_cell("1", message_output(ONE))))
    assert read_document(path) == Document(schema_version=1, reference=ONE)
    lift_file(path)
    assert read_document(path) == Document(schema_version=1, reference=ONE)


@pytest.mark.parametrize("bad", [5, [], {"schema_version": 1}, {"schema_version": 999}])
def test_unreadable_metadata_are_not_written_over(bad: object, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    notebook = make_notebook(code_cell("1", message_output(ONE)), jupyter_repro=bad)
    before = write_notebook(path, notebook)
    with pytest.raises(UnreadableError) as caught:
        lift_file(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


FORMS: dict[str, dict[str, Any]] = {
    "as Jupyter writes it": {"indent": 1, "ensure_ascii": False},
    "two spaces": {"indent": 2, "ensure_ascii": False},
    "tabs": {"indent": "\t"},
    "escapes": {"indent": 1, "ensure_ascii": True},
    "one line": {},
    "compact": {"separators": (",", ":")},
}


@pytest.mark.parametrize("tail", ["", "\n"])
@pytest.mark.parametrize("form", FORMS)
def test_the_form_of_the_file_stays(form: str, tail: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = code_cell("print('é')", text_output("é 1e-05"), count=2, x=[1.0, 1e-300, float("nan")])
    notebook = make_notebook(cells, code_cell("%repro", message_output(ONE), count=1))
    notebook = {"nbformat_minor": 5, **notebook}
    path.write_bytes((json.dumps(notebook, **FORMS[form]) + tail).encode())
    assert lift_file(path).moved == 1
    lift(notebook)
    assert path.read_bytes() == (json.dumps(notebook, **FORMS[form]) + tail).encode()


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    notebook = make_notebook(code_cell("%repro", message_output(ONE), count=1))
    path.write_bytes(json.dumps(notebook, indent=1).replace("\n", "\r\n").encode())
    lift_file(path)
    data = path.read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n") > 10


def test_nothing_to_move_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    before = write_notebook(path, make_notebook(code_cell("%repro", message_output(ONE), count=1)))
    lift_file(path)
    once, time = path.read_bytes(), path.stat().st_mtime_ns
    assert once != before
    assert lift_file(path).moved == 0
    assert path.read_bytes() == once
    assert path.stat().st_mtime_ns == time


def test_a_write_protected_notebook_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    before = write_notebook(path, make_notebook(code_cell("%repro", message_output(ONE))))
    path.chmod(0o444)
    with pytest.raises(ReproError, match="write-protected"):
        lift_file(path)
    assert path.read_bytes() == before
