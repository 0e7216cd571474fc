"""Notebooks run in real kernels: what is recorded, and what happens when something goes wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyter_repro.errors import ReproError, UnreadableError, UsageError
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.notebook.cell_keys import source_digest
from jupyter_repro.notebook.lift import read_document
from jupyter_repro.run.runner import Run, RunOptions, run_notebook
from jupyter_repro.run.verify import VerifyOptions, verify_notebook
from tests.fixtures.notebooks.samples import (
    code_cell,
    make_notebook,
    make_snapshot,
    message_output,
    text_output,
    write_notebook,
)

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]
REPRO = "%load_ext jupyter_repro\n%repro seed=42"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=":")


def run(path: Path, **options: Any) -> Run:
    done = run_notebook(path, path.read_bytes(), RunOptions(**options), lambda *_: None)
    path.write_bytes(done.data)
    return done


def ignore(_number: int, _cells: int) -> None:
    """Take the progress of a run."""


def cells_of(path: Path) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = json.loads(path.read_bytes())["cells"]
    return cells


def env_of(cell: dict[str, Any]) -> str | None:
    env: str | None = cell["metadata"].get("jupyter_repro", {}).get("env")
    return env


def test_a_run_records_and_a_second_one_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = (
        {"cell_type": "markdown", "metadata": {}, "source": "# x"},
        code_cell("import random", text_output("stale"), count=77),
        code_cell("%load_ext jupyter_repro\n%repro seed=42"),
        code_cell("print(1); print(2)\nrandom.random()"),
        code_cell("  "),
        code_cell("1 / 0", text_output("kept"), tags=["skip-execution"], count=5),
    )
    write_notebook(path, make_notebook(*cells))
    first = run(path)
    assert first.failure is None
    assert first.executed == 3
    assert first.before is None
    assert [(each.cell, each.outcome) for each in first.outcomes] == [
        (2, "gone"),
        (4, "new"),
        (6, "identical"),
    ]
    written = cells_of(path)
    env = first.snapshot.digest[:12]
    assert [env_of(cell) for cell in written] == [None, env, env, env, None, None]
    assert [cell.get("execution_count") for cell in written] == [None, 1, 2, 3, None, 5]
    message = written[2]["outputs"][0]["data"][MIME_TYPE]
    assert message["digest"] == first.snapshot.digest
    assert "snapshot" not in message
    assert written[3]["outputs"][0]["text"] == ["1\n", "2\n"]
    assert written[3]["outputs"][1]["data"]["text/plain"] == ["0.6394267984578837"]
    assert written[5]["outputs"][0]["text"] == ["kept"]

    document = read_document(path)
    assert document is not None
    assert document.reference.layers.determinism.seed == "42"
    node = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    assert nbformat.writes(node) + "\n" == path.read_text(encoding="utf-8")

    before = path.read_bytes()
    second = run(path)
    assert {each.outcome for each in second.outcomes} == {"identical"}
    assert document == read_document(path)
    assert path.read_bytes() == before


def test_the_stamps_tell_in_which_cell_two_runs_part(tmp_path: Path) -> None:
    sources = ("import random", "a = random.random()", "b = random.gauss(0, 1)", "a + b")
    runs = []
    for edit in ("a = random.random()", "a = random.randrange(3)"):
        path = tmp_path / "a.ipynb"
        cells = (code_cell(edit if source.startswith("a =") else source) for source in sources)
        write_notebook(path, make_notebook(*cells))
        run(path, seed=1)
        runs.append([cell["metadata"]["jupyter_repro"] for cell in cells_of(path)])
    pairs = [*zip(*runs, strict=True)]
    assert [one["rng"] == two["rng"] for one, two in pairs] == [True, False, False, False]
    assert [one["source"] == two["source"] for one, two in pairs] == [True, False, True, True]
    assert [one["env"] == two["env"] for one, two in pairs] == [True] * 4
    assert runs[0][0]["source"] == source_digest("import random")


def test_code_that_runs_other_cells_leaves_the_fingerprint_out(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    twice = "get_ipython().run_cell('1', store_history=True)"
    write_notebook(path, make_notebook(code_cell(twice), code_cell("2"), code_cell("3")))
    run(path, seed=1)
    for cell in cells_of(path):
        assert cell["metadata"]["jupyter_repro"]["source"] == source_digest("".join(cell["source"]))


def test_git_stays_quiet(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    source = "import sys\nfor i in range(50): print(i, flush=True)\nprint('x', file=sys.stderr)"
    write_notebook(path, make_notebook(code_cell(source), code_cell("{3, 1}")))
    run(path, seed=1)
    before = path.read_bytes()
    run(path, seed=1)
    assert path.read_bytes() == before


def test_the_seed_of_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell("import random\nrandom.random()")))
    done = run(path, seed=42, determinism="strict")
    assert cells_of(path)[0]["outputs"][0]["data"]["text/plain"] == ["0.6394267984578837"]
    determinism = done.document.reference.layers.determinism
    assert (determinism.seed, determinism.determinism) == ("42", "strict")
    assert done.document.reference.layers.notebook.status == "ok"


def test_each_cell_is_sent_under_its_id(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    show = "get_ipython().parent_header['metadata'].get('cellId')"
    notebook = make_notebook(code_cell(show), code_cell(show))
    write_notebook(path, notebook)
    run(path)
    shown = [cell["outputs"][0]["data"]["text/plain"] for cell in cells_of(path)]
    assert shown == [["'cell-1'"], ["'cell-2'"]]

    for cell in notebook["cells"]:
        del cell["id"]
    write_notebook(path, {**notebook, "nbformat_minor": 4})
    run(path)
    assert [cell["outputs"] for cell in cells_of(path)] == [[], []]
    assert all("id" not in cell for cell in cells_of(path))


def test_another_environment_does_not_replace_the_reference(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    elsewhere = make_snapshot()
    output = message_output(elsewhere)
    # Not lifted yet: the run clears the output, but not what it carries
    write_notebook(path, make_notebook(code_cell("1", output), code_cell("2")))
    done = run(path)
    assert done.document.reference == elsewhere
    assert done.document.latest == done.snapshot
    assert run(path, accept=True).document.latest is None
    document = read_document(path)
    assert document is not None
    assert document.reference.digest == done.snapshot.digest


def test_accepting_in_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = code_cell("1", message_output(make_snapshot())), code_cell(f"{REPRO}\n%repro accept")
    write_notebook(path, make_notebook(*cells))
    done = run(path)
    assert done.document.reference.digest == done.snapshot.digest
    assert done.document.latest is None


def test_the_kernel_knows_the_reference(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    elsewhere = make_snapshot()
    ask = (
        "from jupyter_repro.kernel.session import current_session\n"
        "print(current_session().find_reference().digest)"
    )
    write_notebook(path, make_notebook(code_cell("1", message_output(elsewhere)), code_cell(ask)))
    run(path)
    assert cells_of(path)[1]["outputs"][0]["text"] == [f"{elsewhere.digest}\n"]


def test_a_failing_cell_ends_the_run(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = (
        code_cell("1"),
        code_cell("raise ValueError('\\x1b[31mno\\nmore')"),
        code_cell("2", text_output("stale"), jupyter_repro={"env": "a" * 12}),
    )
    write_notebook(path, make_notebook(*cells))
    done = run(path)
    assert done.failure == "cell 2 failed: ValueError:  [31mno more"
    assert done.executed == 2
    written = cells_of(path)
    assert written[1]["outputs"][0]["ename"] == "ValueError"
    assert written[2]["outputs"] == []
    assert [bool(env_of(cell)) for cell in written] == [True, True, False]
    assert read_document(path) is not None


def test_errors_that_are_expected(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = code_cell("1 / 0", tags=["raises-exception"]), code_cell("1 / 0"), code_cell("3")
    write_notebook(path, make_notebook(*cells))
    assert run(path).failure == "cell 2 failed: ZeroDivisionError: division by zero"
    done = run(path, allow_errors=True)
    assert done.failure is None
    assert done.executed == 3


def test_a_notebook_that_ends_itself_has_not_failed(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = code_cell("print(1)"), code_cell("import sys; sys.exit(0)")
    write_notebook(path, make_notebook(*cells))
    done = run(path)
    assert (done.failure, done.executed, done.notes) == (None, 2, ())
    assert "SystemExit" in {one.get("ename") for one in cells_of(path)[1]["outputs"]}
    assert verify_notebook(path, path.read_bytes(), VerifyOptions(), ignore).verdict == "identical"

    write_notebook(path, make_notebook(code_cell("raise SystemExit"), code_cell("print(3)")))
    done = run(path)
    assert (done.failure, done.executed) == (None, 1)
    assert "cell 1 ended the notebook (SystemExit); the cells below were not run." in done.notes
    verified = verify_notebook(path, path.read_bytes(), VerifyOptions(), ignore)
    assert [cell.status for cell in verified.cells] == ["identical", "no output"]

    write_notebook(path, make_notebook(code_cell("import sys; sys.exit(3)"), code_cell("3")))
    assert run(path).failure == "cell 1 failed: SystemExit: 3"


def test_a_dying_kernel(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = code_cell("print('kept')"), code_cell("import os; os._exit(1)"), code_cell("3")
    write_notebook(path, make_notebook(*cells))
    done = run(path)
    assert done.failure == "the kernel died in cell 2"
    assert any("environment was not recorded again" in note for note in done.notes)
    assert cells_of(path)[0]["outputs"][0]["text"] == ["kept\n"]
    assert read_document(path) is not None


def test_a_cell_that_takes_too_long(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    cells = code_cell("print('kept', flush=True)\nwhile True: pass"), code_cell("2")
    write_notebook(path, make_notebook(*cells))
    done = run(path, timeout=2)
    assert done.failure == "cell 1 took longer than 2 s"
    assert cells_of(path)[0]["outputs"][0]["text"] == ["kept\n"]
    assert not done.notes
    assert read_document(path) is not None


def test_the_environment_changes_on_the_way(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    install = (
        "import sys, pathlib\n"
        "folder = pathlib.Path('site/new-1.0.dist-info'); folder.mkdir(parents=True)\n"
        "(folder / 'METADATA').write_text('Metadata-Version: 2.1\\nName: new\\nVersion: 1.0\\n')\n"
        "(folder / 'INSTALLER').write_text('pip')\n"
        "sys.path.append(str(pathlib.Path('site').absolute()))"
    )
    uninstall = "import shutil; shutil.rmtree('site')"
    write_notebook(path, make_notebook(code_cell("1"), code_cell(install), code_cell("3")))
    done = run(path)
    assert any("new==1.0" in line for line in done.snapshot.layers.packages.packages)
    assert [env_of(cell) for cell in cells_of(path)] == [None] * 3
    assert any("changed while" in note for note in done.notes)

    # With %repro in it the kernel tells after which cell it happened
    cells = code_cell(f"{uninstall}\n{REPRO}"), code_cell(install), code_cell("3")
    write_notebook(path, make_notebook(*cells))
    done = run(path)
    envs = [env_of(cell) for cell in cells_of(path)]
    assert envs[0] not in {None, envs[1]}
    assert envs[1:] == [done.snapshot.digest[:12]] * 2
    assert done.document.reference.digest == done.snapshot.digest
    assert done.document.latest is None


def fake_kernel(folder: Path, monkeypatch: pytest.MonkeyPatch, **spec: Any) -> None:
    place = folder / "kernels" / "fake"
    place.mkdir(parents=True)
    plain = {"argv": ["python"], "display_name": "Fake", "language": "python", **spec}
    (place / "kernel.json").write_text(json.dumps(plain))
    monkeypatch.setenv("JUPYTER_PATH", str(folder))


def test_kernels_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    marker = tmp_path / "ran"
    write_notebook(path, make_notebook(code_cell(f"open({str(marker)!r}, 'w')")))
    with pytest.raises(UsageError, match=r'no kernel named "none" here \(there are: .*python3'):
        run(path, kernel="none")
    fake_kernel(tmp_path, monkeypatch, language="R")
    with pytest.raises(UsageError, match="runs R"):
        run(path, kernel="fake")
    assert not marker.exists()


def test_a_kernel_that_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    before = write_notebook(path, make_notebook(code_cell("1")))
    fake_kernel(tmp_path, monkeypatch, argv=["/none/python", "-m", "x", "{connection_file}"])
    with pytest.raises(ReproError, match='"fake" did not start'):
        run(path, kernel="fake")
    assert path.read_bytes() == before


def test_a_kernel_without_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    marker = tmp_path / "ran"
    write_notebook(path, make_notebook(code_cell(f"open({str(marker)!r}, 'w')")))
    hidden = "import sys; sys.modules['jupyter_repro'] = None\n"
    hidden += "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
    argv = [sys.executable, "-c", hidden, "-f", "{connection_file}"]
    fake_kernel(tmp_path, monkeypatch, argv=argv)
    with pytest.raises(ReproError) as caught:
        run(path, kernel="fake")
    assert f"`{sys.executable} -m pip install jupyter_repro`" in str(caught.value)
    assert not marker.exists()


def test_metadata_of_a_newer_version_are_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    before = write_notebook(
        path, make_notebook(code_cell("1"), jupyter_repro={"schema_version": 99})
    )
    with pytest.raises(UnreadableError):
        run(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [{"source": None}, {"metadata": None}, {"metadata": {"tags": 5}}, {"outputs": None}],
)
def test_cells_that_are_none(change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    before = write_notebook(path, make_notebook({**code_cell("1"), **change}))
    with pytest.raises(UnreadableError, match="is not a"):
        run(path)
    assert path.read_bytes() == before


def test_findings_are_recorded_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    (tmp_path / "mine.py").write_text("import numpy as np\n\nnp.random.seed(0)\n")
    cells = (
        code_cell(REPRO),
        code_cell("import numpy as np\n\nnp.random.default_rng();"),
        code_cell("import random; random.seed(1)\nimport mine"),
    )
    write_notebook(path, make_notebook(*cells))
    first = run(path)
    assert first.failure is None
    ids = [cell["id"] for cell in cells_of(path)]
    document = read_document(path)
    assert document is not None
    told = [(one.kind, one.cell, one.file, one.line) for one in document.findings]
    expected = [
        ("seeded-again", ids[2], "mine.py", 3),
        ("seeded-again", ids[2], None, 1),
        ("unseeded-generator", ids[1], None, 3),
    ]
    assert [one for one in told if one[0] != "hash-randomization"] == expected
    written = path.read_bytes()
    assert written.count(b'"seeded-again"') == 2  # not in the message as well
    assert b"ipykernel_" not in written

    run(path)
    assert path.read_bytes() == written

    # What is mended is gone
    text = path.read_text(encoding="utf-8").replace("default_rng();", "default_rng(1);")
    path.write_text(text, encoding="utf-8")
    done = run(path)
    assert "unseeded-generator" not in {one.kind for one in done.document.findings}


def test_findings_of_a_client_without_ids_find_their_cells(tmp_path: Path) -> None:
    from nbclient import NotebookClient

    from jupyter_repro.notebook.lift import lift_file

    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell(REPRO), code_cell("x = 1\nimport numpy as np")))
    node = nbformat.read(path, as_version=4)
    node.cells.append(nbformat.v4.new_code_cell("# a\nnp.random.default_rng()"))
    NotebookClient(node, resources={"metadata": {"path": str(tmp_path)}}).execute()
    nbformat.write(node, path)
    before = read_document(path)
    assert lift_file(path).moved == 1
    document = read_document(path)
    assert document == before
    assert document is not None
    (found,) = (one for one in document.findings if one.kind == "unseeded-generator")
    assert (found.cell, found.file, found.line) == (node.cells[2]["id"], None, 2)
    assert '"findings": [' in path.read_text(encoding="utf-8")
    lifted = path.read_bytes()
    assert lift_file(path).moved == 0
    assert path.read_bytes() == lifted
