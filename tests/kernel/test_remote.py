"""What a front end asks a kernel, without the user's code noticing."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from jupyter_repro.kernel.remote import CHECK_MIME_TYPE
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.model.report import Check, Packages
from jupyter_repro.notebook.cell_keys import source_digest
from tests.kernel.live import LiveKernel, live_kernel
from tests.traps import BROKEN, EVIL, ODD, lay_entry_points

pytestmark = pytest.mark.kernel

REMOTE = '__import__("jupyter_repro.remote", fromlist=["_"])'


@pytest.fixture(scope="module")
def kernel() -> Iterator[LiveKernel]:
    with live_kernel() as running:
        yield running


def check(kernel: LiveKernel, **request: Any) -> dict[str, Any]:
    answer = kernel.ask(f"{REMOTE}.check({json.dumps(request)!r})")
    assert answer["status"] == "ok", answer
    told: dict[str, Any] = answer["data"][CHECK_MIME_TYPE]
    return told


def test_a_fresh_kernel_answers_without_being_touched(kernel: LiveKernel) -> None:
    count = kernel.run("names = sorted(globals())").count
    told = check(kernel, document=None)
    assert (told["recorded"], told["document"], told["report"]) == (False, None, None)
    assert told["snapshot"]["layers"]["core"]["status"] == "ok"
    assert told["facts"]["core"][0].startswith("CPython")
    after = kernel.run("[n for n in globals() if n not in names and not n.startswith('_')]")
    assert after.result == "['names']"
    assert count is not None
    assert after.count == count + 1


def test_a_recorded_notebook_is_compared_and_left_as_it_is(kernel: LiveKernel) -> None:
    with live_kernel() as author:
        author.run("%load_ext jupyter_repro")
        author.run("%repro seed=42", cell_id="first")
        told = check(author, document=None, attached=True)
        assert (told["recorded"], told["cell_id"]) == (True, "first")
        document = told["document"]
        assert document["reference"]["layers"]["determinism"]["seed"] == "42"
        # Who asked as attached writes the metadata: the outputs need not carry it as well
        (shown,) = author.run("%repro seed=42").displays
        assert "snapshot" not in shown["data"][MIME_TYPE]
        again = check(author, document=document)
        assert (again["unchanged"], again["document"]) == (True, None)
        edited = {**document, "reference": {**document["reference"], "digest": "0" * 64}}
        assert check(author, document=edited)["document"] == document
    reader = check(kernel, document=document)
    assert (reader["unchanged"], reader["document"]) == (True, None)
    assert reader["report"]["verdict"] == "match"
    assert reader["report"]["layers"]["determinism"]["verdict"] == "not checked"
    assert reader["reference_facts"]["core"] == reader["facts"]["core"]


def test_what_changed_after_the_recording_is_written_once() -> None:
    with live_kernel() as author:
        author.run("%load_ext jupyter_repro\n%repro seed=42")
        author.run("import os; os.environ['OMP_NUM_THREADS'] = '3'")
        document = check(author, document=None)["document"]
        assert document["latest"]["digest"] != document["reference"]["digest"]
        document["latest"]["created"] = "2020-01-01T00:00:00Z"
        again = check(author, document=document)
        assert (again["unchanged"], again["document"]) == (True, None)


def test_metadata_that_cannot_be_read_is_one_sentence(kernel: LiveKernel) -> None:
    for document in ({"schema_version": 99}, [1], "x", {"schema_version": 1}):
        told = check(kernel, document=document)
        assert told["problem"]
        assert "\n" not in told["problem"]
        assert told["document"] is None


def test_accepting_makes_the_kernel_the_reference(kernel: LiveKernel) -> None:
    told = check(kernel, document=None, accept=True)
    assert told["document"]["reference"]["digest"] == told["snapshot"]["digest"]


def test_the_environment_comes_as_text_for_the_clipboard(kernel: LiveKernel) -> None:
    count = kernel.run("1").count
    answer = kernel.ask(f'{REMOTE}.environment("{{}}")')
    assert answer["status"] == "ok", answer
    assert set(answer["data"]) == {"text/plain"}
    document = yaml.safe_load(answer["data"]["text/plain"])
    version = ".".join(map(str, sys.version_info[:3]))
    assert any(
        isinstance(entry, str) and entry.startswith(f"python={version}")
        for entry in document["dependencies"]
    )
    assert f'"pytest=={pytest.__version__}"' in answer["data"]["text/plain"]
    # This checkout is an editable installation: nobody must get another package of its name
    assert '"jupyter-repro' not in answer["data"]["text/plain"]
    assert "# jupyter-repro==" in answer["data"]["text/plain"]
    after = kernel.run("import sys; 'packaging' in sys.modules, 'yaml' in sys.modules")
    assert after.count == (count or 0) + 1
    assert after.result == "(True, False)"


def test_a_late_question_still_gets_the_first_environment(tmp_path: Path) -> None:
    """With "Run all" a front end asks after the last cell, when packages may have come."""
    site = tmp_path / "site"
    (site / "early-1.0.dist-info").mkdir(parents=True)
    with live_kernel() as kernel:
        kernel.run(f"import sys; sys.path.append({str(site)!r})")
        kernel.run("%load_ext jupyter_repro")
        kernel.run("%repro seed=42")
        kernel.run(f"import os; os.mkdir({str(site / 'late-1.0.dist-info')!r})")
        document = check(kernel, document=None)["document"]
    reference, latest = (
        " ".join(document[name]["layers"]["packages"]["packages"])
        for name in ("reference", "latest")
    )
    assert "early==1.0" in reference
    assert "late==1.0" not in reference
    assert "late==1.0" in latest


def test_the_stamps_of_the_cells_that_ran() -> None:
    with live_kernel() as kernel:
        kernel.run("import random, numpy.random", cell_id="before")
        kernel.run("%load_ext jupyter_repro\n%repro seed=42", cell_id="seed")
        kernel.run("random.random()", cell_id="draw")
        kernel.run("1 / 0", cell_id="fails")
        kernel.run("%%repro seed=7\nnumpy.random.rand()", cell_id="scope")
        kernel.run("pass", cell_id="after")
        kernel.run("1", cell_id="of-another-notebook")
        cells = ["before", "seed", "draw", "fails", "scope", "after"]
        told = check(kernel, document=None, cells=cells)
        env = told["snapshot"]["digest"][:12]
        kernel.run("random.seed(1)", cell_id="draw")
        again = check(kernel, document=None, cells=["draw"])["stamps"]
    stamps = told["stamps"]
    assert [*stamps] == cells[1:]
    assert {stamp["env"] for stamp in stamps.values()} == {env}
    assert stamps["draw"]["source"] == source_digest("random.random()")
    rng = {cell: stamps[cell]["rng"] for cell in stamps}
    assert {*rng["seed"]} == {"python", "numpy"}
    assert rng["seed"]["python"] != rng["draw"]["python"]
    assert rng["seed"]["numpy"] == rng["draw"]["numpy"]
    assert rng["fails"] == rng["draw"] == rng["after"] != rng["scope"]
    assert again["draw"]["source"] == source_digest("random.seed(1)")
    assert again["draw"]["rng"]["python"] != rng["draw"]["python"]


def test_another_notebook_on_the_kernel_changes_no_reference() -> None:
    with live_kernel() as kernel:
        kernel.run("%load_ext jupyter_repro")
        kernel.run("%repro seed=42")
        document = check(kernel, document=None)["document"]
        document["reference"]["layers"]["packages"]["packages"].append("vanished==1 [pip]")
        check(kernel, document=document)
        with kernel.another_client() as other:
            check(other, document=None)  # a notebook that has recorded nothing
        (shown,) = kernel.run("%repro check").displays
    assert "vanished" in shown["data"]["text/plain"]


def test_a_second_notebook_on_the_kernel_records_its_own_seed() -> None:
    with live_kernel() as kernel:
        kernel.run("%load_ext jupyter_repro")
        kernel.run("%repro seed=42", cell_id="of-the-first")
        check(kernel, document=None)
        kernel.run("%repro seed=7", cell_id="of-the-second")
        told = check(kernel, document=None)
    assert told["cell_id"] == "of-the-second"
    assert told["document"]["reference"]["layers"]["determinism"]["seed"] == "7"


def test_results_come_with_their_outcome_and_belong_to_their_notebook() -> None:
    with live_kernel() as kernel:
        kernel.run("%load_ext jupyter_repro\n%repro seed=42", cell_id="a")
        kernel.run("%repro expect loss=0.5 rtol=1e-3", cell_id="b")
        document = check(kernel, document=None, cells=["a", "b"])["document"]
        assert document["results"]["loss"]["parts"] == [{"type": "float", "value": "0.5"}]
        again = kernel.run("%repro expect loss=0.51 rtol=1e-3", cell_id="b")
        assert ": different. " in again.stdout
        told = check(kernel, document=document, cells=["a", "b"])
        (result,) = told["results"]
        assert result == {
            "name": "loss",
            "outcome": "different",
            "reference": "0.5",
            "current": "0.51",
            "why": "loss is 0.51, not 0.5 (apart by 0.01, relative 0.02).",
            "tolerance": "rtol=0.001",
            "cell": "b",
            "fails": True,
            "values": [0.5, 0.51],
            "band": [0.4995, 0.5005],
        }
        assert told["document"]["results"]["loss"]["latest"] == [{"type": "float", "value": "0.51"}]
        assert check(kernel, document=told["document"], cells=["a", "b"])["unchanged"]
        other = check(kernel, document=None, cells=["x"])
        assert other["results"] == []
        assert "results" not in other["document"]
        kernel.run("%repro accept", cell_id="c")
        told = check(kernel, document=told["document"], cells=["a", "b", "c"])
        assert told["results"][0]["outcome"] == "identical"


QUESTION = Path(__file__).resolve().parents[2] / "labextension" / "src" / "protocol" / "question.ts"


def asked_by_the_panel(kernel: LiveKernel, **request: Any) -> dict[str, Any]:
    """Ask with the very text that the panel sends."""
    found = re.search(r"export const CODE = `(.*?)`;", QUESTION.read_text(), re.DOTALL)
    assert found is not None
    names = json.dumps({"question": "check", "request": json.dumps(request)})
    asked = f'(lambda names: (exec({json.dumps(found[1])}, names), names["answer"])[1])({names})'
    started = time.monotonic()
    answer = kernel.ask(asked)
    assert answer["status"] == "ok", answer
    assert time.monotonic() - started < 20
    told: dict[str, Any] = answer["data"][CHECK_MIME_TYPE]
    msgspec.json.decode(msgspec.json.encode(told), type=Check)
    return told


def test_opened_beside_a_trap(kernel: LiveKernel, tmp_path: Path) -> None:
    """The panel hears how the environment compares, by a built-in policy, and why by that one."""
    document = None
    with live_kernel() as author:
        author.run("%load_ext jupyter_repro")
        author.run("%repro seed=42")
        document = check(author, document=None)["document"]
    folder = tmp_path / "sent"
    folder.mkdir()
    (folder / ".git").mkdir()
    path = folder / "pyproject.toml"
    with live_kernel(cwd=folder) as opened:
        # What is asked first takes longer
        assert asked_by_the_panel(opened, document=document).get("notes", []) == []
        for trap, lay in {**ODD, **BROKEN}.items():
            lay(path)
            told = asked_by_the_panel(opened, document=document)
            assert (told["report"]["verdict"], told["report"]["policy"]) == ("match", "research")
            (note,) = told["notes"]
            assert note.startswith("pyproject.toml "), trap
            assert note.endswith("move it away. Until then the policy is research.")
            strict = asked_by_the_panel(opened, document={**document, "policy": "production"})
            assert strict["report"]["policy"] == "production"
            assert asked_by_the_panel(opened, document=None)["notes"] == [note]
            shutil.rmtree(path) if trap == "folder" else path.unlink()
        path.write_text("[tool.jupyter_repro]\npolicy = 'production'\n")
        told = asked_by_the_panel(opened, document=document)
        assert (told["notes"], told["report"]["policy"]) == ([], "production")


def test_a_cell_seeds_and_records_beside_a_trap(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    os.mkfifo(tmp_path / "pyproject.toml")
    with live_kernel(cwd=tmp_path) as kernel:
        kernel.run("%load_ext jupyter_repro")
        for _ in range(2):  # the second one is compared with the first
            run = kernel.run("%repro seed=42")
            assert run.error is None
            (shown,) = run.displays
            text = shown["data"]["text/plain"]
            assert "! pyproject.toml cannot be read (it is not a regular file)" in text
            assert MIME_TYPE in shown["data"]
        # Asked for a comparison, it says what is wrong instead
        asked = kernel.run("%repro check")
        assert "pyproject.toml cannot be read" in (asked.error or asked.stderr)


@pytest.mark.parametrize("question", ["asked", "seeded"])
def test_entry_points_beside_the_notebook_are_not_looked_at(question: str, tmp_path: Path) -> None:
    folder, site, sprung = tmp_path / "sent", tmp_path / "site", tmp_path / "sprung"
    folder.mkdir()
    site.mkdir()
    (site / "installed_somewhere.py").write_text(EVIL)
    lay_entry_points(folder, "installed_somewhere")
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, "SPRUNG": str(sprung)}
    with live_kernel(cwd=folder, env=env) as kernel:
        assert "evil" in (kernel.run("import sys; sys.path.insert(0, ''); 'evil'").result or "")
        if question == "asked":
            told = asked_by_the_panel(kernel, document=None)
            assert told["snapshot"].get("third_party", {}) == {}
        else:
            kernel.run("%load_ext jupyter_repro")
            assert kernel.run("%repro seed=42").error is None
            kernel.run("%repro export requirements.txt")
        assert not sprung.exists()
        kernel.run("import installed_somewhere")
        assert sprung.exists()


def test_a_kernel_that_has_run_nothing_has_no_results() -> None:
    with live_kernel() as author:
        author.run("%load_ext jupyter_repro\n%repro seed=42", cell_id="a")
        author.run("%repro expect loss=0.4213 accuracy=0.9 rtol=1e-3", cell_id="b")
        told = check(author, document=None, cells=["a", "b"])
        document = told["document"]
        assert told["overall"]["verdict"] == "match"
        assert "; 2 of 2 results hold" in told["overall"]["summary"]
        author.run("%repro seed=42", cell_id="a")  # a new run, which has given nothing yet
        told = check(author, document=document, cells=["a", "b"])
        assert {one["outcome"] for one in told["results"]} == {"not run"}
    with live_kernel() as reader:
        told = check(reader, document=document, cells=["a", "b"])
        assert [(one["name"], one["outcome"], one["current"]) for one in told["results"]] == [
            ("accuracy", "not run", ""),
            ("loss", "not run", ""),
        ]
        assert "When it was last recorded it was identical: 0.9" in told["results"][0]["why"]
        assert told["report"]["verdict"] == "match"
        assert told["overall"]["verdict"] == "not run"
        assert told["overall"]["summary"].startswith(
            "Environment matches; 2 of 2 results were not run; not checked: "
        )
        reader.run("%load_ext jupyter_repro")
        # What a cell gave counts although nothing is recorded without a seed
        reader.run("%repro expect loss=0.45 rtol=1e-3", cell_id="b")
        told = check(reader, document=document, cells=["a", "b"])
        assert [(one["name"], one["outcome"]) for one in told["results"]] == [
            ("loss", "different"),
            ("accuracy", "not run"),
        ]
        assert (told["recorded"], told["overall"]["verdict"]) == (False, "mismatch")
        assert told["overall"]["differences"] == 1
        assert "1 of 2 results differs: loss 0.45, recorded 0.4213" in told["overall"]["summary"]


def test_the_card_and_the_check_tell_of_a_result_outside_its_tolerance() -> None:
    with live_kernel() as kernel:
        kernel.run("%load_ext jupyter_repro\n%repro seed=42", cell_id="a")
        first = kernel.run("%repro expect loss=0.4213 rtol=1e-3", cell_id="b")
        (shown,) = first.updates
        assert "Results" not in shown["data"]["text/html"]
        (shown,) = kernel.run("%repro expect loss=0.45 rtol=1e-3", cell_id="b").updates
        sentence = "1 of 1 result differs: loss 0.45, recorded 0.4213"
        for kind in ("text/plain", "text/html"):
            assert sentence in shown["data"][kind]
            assert "loss is 0.45, not 0.4213" in shown["data"][kind]
        for command in ("%repro check", "%repro"):
            (shown,) = kernel.run(command).displays
            for kind in ("text/plain", "text/html"):
                assert sentence in shown["data"][kind]
                assert "Environment matches." not in shown["data"][kind]
        (again,) = kernel.run("%repro expect loss=0.4213 rtol=1e-3", cell_id="b").updates
        # A run that holds leaves the file as the first one made it
        assert again["data"]["text/html"] == first.updates[0]["data"]["text/html"]


def test_the_rows_of_the_packages_are_asked_by_themselves(kernel: LiveKernel) -> None:
    snapshot = check(kernel, document=None)["snapshot"]
    lines = snapshot["layers"]["packages"]["packages"]
    gone = [*lines, "long-gone==1.0 [pip]"]
    layers = {
        **snapshot["layers"],
        "packages": {**snapshot["layers"]["packages"], "packages": gone},
    }
    document = {"schema_version": 1, "reference": {**snapshot, "layers": layers}}
    for sent, expected in ((None, {None}), (document, {True, False})):
        answer = kernel.ask(f"{REMOTE}.packages({json.dumps({'document': sent})!r})")
        assert answer["status"] == "ok", answer
        rows = msgspec.json.decode(answer["data"]["text/plain"], type=Packages).rows
        assert {row.differs for row in rows if row.layers == ["packages"]} == expected
    (row,) = [row for row in rows if row.differs]
    assert (row.name, row.recorded, row.current) == ("long-gone", "1.0", None)
