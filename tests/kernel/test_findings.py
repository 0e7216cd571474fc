"""The ledger in a real kernel: what is found, what is not, and what is left as it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.live import ROOT, LiveKernel, live_kernel

pytestmark = pytest.mark.kernel

SEED = "%load_ext jupyter_repro\n%repro seed=42"

# What Lightning, transformers and their like do: see `seed_everything`, `Trainer.__init__`
LIBRARY = """\
import random
import numpy as np

def set_seed(seed):
    random.seed(seed)
    np.random.seed(seed)

class Trainer:
    def __init__(self, seed=42):
        set_seed(seed)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    (folder / "mine.py").write_text("import numpy as np\n\nnp.random.seed(0)\n")
    site = folder / "site-packages"
    site.mkdir()
    (site / "trainers.py").write_text(LIBRARY)
    (site / "rude.py").write_text(f"{LIBRARY}\nset_seed(1)\nfirst = random.random()\n")
    return folder


@pytest.fixture(scope="module")
def kernel(folder: Path) -> Iterator[LiveKernel]:
    with start(folder) as running:
        running.run(SEED, cell_id="seed")
        running.run("import random, numpy as np", cell_id="imports")
        yield running


def start(folder: Path) -> Any:
    path = os.pathsep.join([str(ROOT), str(folder / "site-packages")])
    return live_kernel(cwd=folder, env={**os.environ, "PYTHONPATH": path})


def evaluate(kernel: LiveKernel, expression: str) -> Any:
    code = f'__import__("json").dumps({expression})'
    answer = kernel.ask(code)
    assert answer["status"] == "ok", answer
    return json.loads(eval(answer["data"]["text/plain"]))


def all_findings(kernel: LiveKernel) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = evaluate(kernel, '__import__("jupyter_repro").findings()')
    return found


def found_in(kernel: LiveKernel, code: str, *, cell: str) -> list[dict[str, Any]]:
    """Run a cell and return its findings."""
    run = kernel.run(code, cell_id=cell)
    assert run.error is None, run.error
    assert run.stderr == ""
    return [found for found in all_findings(kernel) if found["cell"] == cell]


# --- seeded again -----------------------------------------------------------------------------


def test_a_module_of_the_users_that_seeds(kernel: LiveKernel, folder: Path) -> None:
    (found,) = found_in(kernel, "x = 1\nimport mine", cell="module")
    assert (found["kind"], found["severity"]) == ("seeded-again", "warning")
    assert (found["file"], found["line"]) == (str(folder / "mine.py"), 3)
    assert "NumPy: seeded again with 0 (called in line 2 of the cell)" in found["what"]


def test_a_library_that_seeds_is_one_finding_a_cell(kernel: LiveKernel, folder: Path) -> None:
    code = "from trainers import Trainer\n\nfor _ in range(3):\n    Trainer()"
    for cell in ("library", "again"):
        (found,) = found_in(kernel, code, cell=cell)
        assert (found["kind"], found["severity"]) == ("seeded-again", "warning")
        file = str(folder / "site-packages" / "trainers.py")
        assert (found["file"], found["line"], found["count"]) == (file, 5, 3)
        assert "set_seed() seeded Python and NumPy again with 42" in found["what"]
        assert "called in line 4 of the cell" in found["what"]


@pytest.mark.parametrize("code", ["trainers.set_seed(7)", "np.random.seed(7)"])
def test_a_seed_that_the_cell_asks_for_is_a_note(kernel: LiveKernel, code: str) -> None:
    (found,) = found_in(kernel, f"import trainers\n{code}", cell="asked")
    assert (found["severity"], "with 7" in found["what"]) == ("note", True)


def test_a_library_that_seeds_while_it_is_imported_changes_nothing(kernel: LiveKernel) -> None:
    kernel.run("np.random.seed(5); random.seed(5); before = random.getstate()", cell_id="before")
    assert found_in(kernel, "import rude", cell="rude") == []
    assert kernel.run("rude.first, random.getstate() == before").result == (
        "(0.13436424411240122, True)"
    )


def test_the_users_own_cell_is_a_note(kernel: LiveKernel) -> None:
    found = found_in(kernel, "random.seed(1)\n\nnp.random.seed([1, 2])", cell="own")
    assert [(one["kind"], one["severity"], one["line"]) for one in found] == [
        ("seeded-again", "note", 1),
        ("seeded-again", "note", 3),
    ]
    assert "again with 1;" in found[0]["what"]
    assert "with a different seed" in found[1]["what"]


def test_a_function_of_the_notebook_is_one_note(kernel: LiveKernel) -> None:
    kernel.run("def setup_seed(s):\n    random.seed(s)\n    np.random.seed(s)", cell_id="define")
    kernel.run("setup_seed(3)", cell_id="call")
    (found,) = (one for one in all_findings(kernel) if one["cell"] in {"define", "call"})
    assert (found["cell"], found["line"], found["severity"]) == ("define", 2, "note")
    assert "Python and NumPy" in found["what"]


@pytest.mark.parametrize(
    "code",
    [
        "np.random.RandomState(5).rand(), np.random.default_rng(5).random()",
        "list(map(np.random.RandomState, range(5)))",
        "state = np.random.get_state(); np.random.rand(); np.random.set_state(state)",
        "random.setstate(random.getstate()); random.Random(5).seed(6)",
        "import tempfile, uuid, secrets; tempfile.mkdtemp(), uuid.uuid4(), secrets.token_hex()",
        "import copy, pickle; pickle.loads(pickle.dumps(copy.deepcopy(random.Random(3))))",
        "%repro checkpoint here\n%repro restore here",
        "%%repro seed=7\nrandom.random()",
    ],
)
def test_what_is_no_finding(kernel: LiveKernel, code: str) -> None:
    assert found_in(kernel, code, cell="quiet") == []


def test_unseeded_beside_seeded_on_one_line(kernel: LiveKernel) -> None:
    code = "np.random.RandomState(5), np.random.RandomState(), np.random.RandomState(None)"
    (found,) = found_in(kernel, code, cell="mixed")
    assert (found["kind"], found["count"]) == ("unseeded-generator", 2)


def test_a_seed_from_the_time_of_day_is_not_told(kernel: LiveKernel) -> None:
    (found,) = found_in(kernel, "import time; random.seed(int(time.time()))", cell="time")
    assert "with a different seed" in found["what"]


def test_the_wrapped_functions_pass_for_the_originals(kernel: LiveKernel) -> None:
    code = """
import inspect, pickle
assert pickle.loads(pickle.dumps(np.random.seed)) is np.random.seed
assert pickle.loads(pickle.dumps(random.seed)) is random.seed
assert np.random.seed.__doc__.strip().startswith("seed(")
assert str(inspect.signature(random.seed)) == "(a=None, version=2)"
try:
    np.random.seed(-1)
except ValueError as error:
    pass
print(np.random.seed(3), np.random.rand(), random.seed("text", version=2), random.random())
"""
    assert kernel.run(code, cell_id="originals").stdout.split() == [
        *("None", "0.5507979025745755", "None", "0.8711565613554825"),
    ]


# --- cells ------------------------------------------------------------------------------------


def test_a_cell_that_is_mended_loses_its_finding(kernel: LiveKernel) -> None:
    for _ in range(3):
        (found,) = found_in(kernel, "np.random.default_rng()", cell="mended")
        assert found["count"] == 1
    assert found_in(kernel, "np.random.default_rng(1)", cell="mended") == []


def test_what_each_cell_has_drawn_from(kernel: LiveKernel) -> None:
    for cell, code in {
        "both": "random.random(); np.random.rand()",
        "one": "import statistics; random.gauss(0, 1)",
        "none": "np.random.default_rng(3).random()",
        "normal": "np.random.randn(); np.random.randn()",
        "failed": "random.random(); 1 / 0",
        "scope": "%%repro seed=7\nnp.random.rand()",
    }.items():
        kernel.run(code, cell_id=cell)
    drawn = evaluate(kernel, '__import__("jupyter_repro").draws()')
    assert {cell: drawn[cell] for cell in ("both", "one", "none", "normal")} == {
        "both": ["numpy", "python"],
        "one": ["python"],
        "none": [],
        "normal": ["numpy"],
    }
    assert drawn["failed"] == ["python"]
    assert "numpy" in drawn["scope"]


def test_threads_that_are_set_too_late(kernel: LiveKernel) -> None:
    code = "import os\nos.environ['OMP_NUM_THREADS'] = '1'"
    (found,) = found_in(kernel, code, cell="threads")
    assert (found["kind"], found["severity"], found["line"]) == ("threads-changed", "note", 2)
    assert found_in(kernel, code, cell="threads") == [found]  # it lasts
    assert found_in(kernel, code, cell="threads again") == []


# --- what is shown and sent -------------------------------------------------------------------


def test_the_command_lists_all_and_the_status_some(folder: Path) -> None:
    with start(folder) as kernel:
        kernel.run(SEED, cell_id="seed")
        kernel.run("import numpy as np, random", cell_id="imports")
        (shown,) = kernel.run("%repro findings").displays
        assert "order of sets" in shown["data"]["text/plain"]
        run = kernel.run("\n".join(["np.random.default_rng()"] * 7), cell_id="many")
        assert len(run.updates) == 1
        assert run.updates[0]["data"]["text/plain"].count("made without a seed") == 5
        assert kernel.run("\n".join(["np.random.default_rng()"] * 7), cell_id="many").updates == []
        kernel.run("import mine", cell_id="module")
        status = kernel.run("%repro").displays[0]["data"]
        assert "! In [6], mine.py, line 3: NumPy: seeded again" in status["text/plain"]
        assert "and 3 more: %repro findings" in status["text/plain"]
        assert "<b>In [6], mine.py, line 3</b>" in status["text/html"]
        (shown,) = kernel.run("%repro findings").displays
        (row,) = [
            line for line in shown["data"]["text/plain"].splitlines() if "made without" in line
        ]
        assert "In [5], line 5 and 2 more: " in row
        assert shown["data"]["text/html"].count("<li>") == 9
        assert "/" not in shown["data"]["text/plain"]


def test_what_a_document_keeps(kernel: LiveKernel) -> None:
    code = "np.random.default_rng()\nimport trainers; trainers.Trainer()"
    for _ in range(2):
        kernel.run(code, cell_id="kept")
    sent = {
        "document": None,
        "cells": ["kept", "not-run"],
    }
    told = check(kernel, sent)
    kept = [found for found in told["document"]["findings"] if found.get("cell") == "kept"]
    assert [(one["kind"], one.get("file"), one["line"]) for one in kept] == [
        ("seeded-again", "trainers.py", 5),
        ("unseeded-generator", None, 1),
    ]
    assert all("count" not in found for found in kept)
    # The order of sets is no finding of a document: its record says so
    assert {found.get("cell") for found in told["document"]["findings"]} == {"kept"}
    assert "findings" not in told  # the document has them; no front end reads another list

    # Of cells that this kernel has not run, what is recorded stays; of deleted ones, it goes
    other = {**kept[0], "cell": "not-run"}
    gone = {**kept[0], "cell": "deleted"}
    document = told["document"]
    document["findings"] += [other, gone]
    again = check(kernel, {**sent, "document": document})["document"]["findings"]
    assert other in again
    assert gone not in again
    assert check(kernel, {**sent, "document": {**document, "findings": again}})["unchanged"]


def check(kernel: LiveKernel, request: dict[str, Any]) -> dict[str, Any]:
    remote = '__import__("jupyter_repro.remote", fromlist=["_"])'
    answer = kernel.ask(f"{remote}.check({json.dumps(request)!r})")
    assert answer["status"] == "ok", answer
    told: dict[str, Any] = answer["data"]["application/vnd.jupyter-repro.check+json"]
    return told


# --- drawn before anything was seeded ---------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "libraries"),
    [
        (["import numpy as np, random"], []),
        (["import numpy as np; np.random.seed(3)"], []),
        (["import numpy as np; np.random.rand()"], ["NumPy"]),
        (["import numpy as np; np.random.seed(3); np.random.randn()"], ["NumPy"]),
        (["%load_ext jupyter_repro", "import random; random.random()"], ["Python"]),
        (["import random; random.random()"], []),  # IPython may have drawn as well
        (["import numpy as np; np.random.default_rng().random()"], []),
    ],
)
def test_draws_before_the_first_seed(folder: Path, before: list[str], libraries: list[str]) -> None:
    with start(folder) as kernel:
        for code in before:
            kernel.run(code)
        kernel.run(SEED.partition("\n")[0])
        kernel.run("%repro seed=42", cell_id="seed")
        found = [one for one in all_findings(kernel) if one["kind"] == "drawn-before-seed"]
        assert [one["severity"] for one in found] == ["warning"] * len(libraries)
        assert [one["what"].split()[4] for one in found] == libraries
        # From now on what is drawn follows from the seed
        kernel.run("import numpy as np, random; np.random.rand(), random.random()")
        kernel.run("%repro seed=42")
        assert all(one["kind"] != "drawn-before-seed" for one in all_findings(kernel))


# --- undoing ----------------------------------------------------------------------------------


def test_off_takes_everything_away(folder: Path) -> None:
    state = (
        "import random, warnings, numpy as np; "
        "[id(f) for f in (random.seed, np.random.seed, warnings._showwarnmsg)], "
        "len(warnings.filters), random.seed.__self__ is random._inst"
    )
    with start(folder) as kernel:
        before = kernel.run(state).result
        assert before is not None
        kernel.run(SEED)
        assert kernel.run(state.partition("],")[0] + "]").result not in before
        kernel.run("from numpy.random import seed as early")
        assert "\n" not in kernel.run("%repro off").stdout.strip()
        after = kernel.run(state).result
        assert after is not None
        # The bound method is made anew, the others are the same objects
        assert after.split(",")[1:] == before.split(",")[1:]
        assert kernel.run("early(5); np.random.rand()").result is not None
        assert all_findings(kernel) == []


def test_a_function_that_the_user_put_in_its_place_stays(folder: Path) -> None:
    with start(folder) as kernel:
        kernel.run(SEED)
        kernel.run("import numpy as np\ndef mine(seed): print('mine', seed)\nnp.random.seed = mine")
        assert kernel.run("np.random.seed(3)").stdout == "mine 3\n"
        said = kernel.run("%repro off").stdout
        assert "numpy.random.seed was not reset: it was changed after %repro." in said
        assert kernel.run("np.random.seed is mine").result == "True"


def test_a_function_that_the_user_replaced_before_is_called(folder: Path) -> None:
    with start(folder) as kernel:
        kernel.run(
            "import numpy as np\noriginal = np.random.seed\n"
            "def mine(seed): print('mine', seed); original(seed)\nnp.random.seed = mine"
        )
        kernel.run(SEED)
        assert kernel.run("np.random.seed(3)").stdout == "mine 3\n"
        kernel.run("%repro off")
        assert kernel.run("np.random.seed is mine").result == "True"


# --- a plain notebook -------------------------------------------------------------------------

PLAIN = [
    SEED,
    "import random, numpy as np, pandas as pd",
    """
df = pd.DataFrame({"a": np.random.rand(200), "b": np.random.randn(200)})
df.sample(5); random.shuffle([1, 2, 3])
""",
    """
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.cluster import KMeans
X, y = df.values, (df.a > 0.5).astype(int)
a, b, c, d = train_test_split(X, y)
RandomForestClassifier(10).fit(a, c).score(b, d); KMeans(3).fit(X)
print(cross_val_score(RandomForestClassifier(10, n_jobs=2), X, y))
""",
]


def test_a_plain_notebook_has_nothing_to_tell(folder: Path) -> None:
    with live_kernel(cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}) as kernel:
        for number, code in enumerate(PLAIN):
            run = kernel.run(code, cell_id=f"cell-{number}")
            assert (run.error, run.stderr) == (None, "")
        assert {one["kind"] for one in all_findings(kernel)} <= {"hash-randomization"}
        assert "numpy" in evaluate(kernel, '__import__("jupyter_repro").draws()')["cell-3"]
