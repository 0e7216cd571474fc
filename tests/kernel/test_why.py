"""Causes that are put into a notebook or its kernel are found: the cell first, then the cause."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.kernel.live import ROOT

pytestmark = [pytest.mark.kernel, pytest.mark.torch]

SEED = "%load_ext jupyter_repro\n%repro seed=42"
# On several threads PyTorch adds up in the order in which these come; with one it repeats
SUM = """\
import torch
index = torch.randint(0, 7, (200_000,))
total = torch.zeros(7).index_put_((index,), torch.randn(200_000), accumulate=True)"""
THREADS = """\
import torch
a = torch.randn(1_000_003)
total = a.sum()"""


def repro(*words: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jupyter_repro", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def record(folder: Path, *sources: str, **environ: str) -> Path:
    path = folder / "a.ipynb"
    write_notebook(path, make_notebook(*map(code_cell, sources)))
    done = repro("run", "a.ipynb", folder=folder, **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return path


def verify(folder: Path, *words: str, **environ: str) -> dict[str, Any]:
    done = repro("verify", "a.ipynb", "--json", *words, folder=folder, **environ)
    assert done.stdout, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def edit(path: Path, old: str, new: str) -> None:
    notebook = json.loads(path.read_bytes())
    sources = ["".join(cell["source"]) for cell in notebook["cells"]]
    assert any(old in source for source in sources)
    for cell, source in zip(notebook["cells"], sources, strict=True):
        cell["source"] = source.replace(old, new)
    path.write_text(json.dumps(notebook))


def test_results_are_judged_and_a_run_that_holds_has_no_cause(tmp_path: Path) -> None:
    path = record(tmp_path, SEED, "import random\nx = random.random()", "%repro expect x=x\nx")
    before = path.read_bytes()
    told = verify(tmp_path)
    assert told["verdict"] == "identical", told
    assert told["score"] == 1.0
    assert told["results"] == [{"name": "x", "outcome": "identical", "why": ""}]
    assert told["causes"] == []
    assert path.read_bytes() == before


def test_the_line_that_seeds_was_removed(tmp_path: Path) -> None:
    path = record(tmp_path, SEED, "import random\nx = random.random()", "%repro expect x=x\nx")
    edit(path, "\n%repro seed=42", "")
    told = verify(tmp_path)
    assert told["verdict"] == "different"
    assert told["parting"] == {"cell": 1, "by": "source"}
    assert told["causes"][0]["kind"] == "seed"
    assert told["causes"][0]["confirm"] == "jupyter repro verify a.ipynb --with seed=42"
    confirmed = verify(tmp_path, "--with", "seed=42")
    assert confirmed["verdict"] == "identical", confirmed


def test_a_cell_was_edited(tmp_path: Path) -> None:
    path = record(tmp_path, SEED, "x = 1.5", "y = 2", "%repro expect product=x * y")
    edit(path, "x = 1.5", "x = 1.25")
    told = verify(tmp_path)
    assert told["parting"] == {"cell": 2, "by": "source"}
    assert told["causes"][0]["kind"] == "source"
    assert told["causes"][0]["what"] == "Cell 2 was edited after the recorded run."
    assert told["results"][0]["why"].startswith("product is 2.5, not 3.0")


def test_another_draw_moves_the_streams_before_a_result_shows_it(tmp_path: Path) -> None:
    (tmp_path / "lab.py").write_text("def warm_up(random):\n    pass\n")
    record(
        tmp_path,
        SEED,
        "import random, lab\nlab.warm_up(random)",
        "y = 1",
        "%repro expect x=random.random()",
    )
    (tmp_path / "lab.py").write_text("def warm_up(random):\n    random.random()\n")
    told = verify(tmp_path)
    assert told["parting"] == {"cell": 2, "by": "generators"}
    assert told["results"][0]["outcome"] == "different"


def test_another_number_of_threads(tmp_path: Path) -> None:
    code = f"{THREADS}\n%repro expect total=total ulp=0"
    record(tmp_path, SEED, code, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    two = {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}
    told = verify(tmp_path, "--strict", **two)
    assert told["verdict"] == "different", told
    assert told["parting"] == {"cell": 2, "by": "results"}
    assert told["causes"][0]["kind"] in {"threads", "library-variable"}, told["causes"]
    assert told["causes"][0]["confirm"] == "jupyter repro verify a.ipynb --with threads=1"
    confirmed = verify(tmp_path, "--strict", "--with", "threads=1", **two)
    assert confirmed["verdict"] == "identical", confirmed


def test_determinism_was_switched_off(tmp_path: Path) -> None:
    path = record(tmp_path, SEED, SUM, "%repro expect total=total")
    edit(path, "seed=42", "seed=42 determinism=off")
    told = verify(tmp_path, "--strict", OMP_NUM_THREADS="2")
    if told["verdict"] == "identical":
        pytest.skip("this machine adds up in the same order without determinism, too")
    assert told["causes"][0]["kind"] == "determinism-level", told["causes"]
    assert told["causes"][0]["confirm"].endswith("--with determinism=strict")


def test_a_page_on_all_of_it(tmp_path: Path) -> None:
    path = record(tmp_path, SEED, "x = 1.5", "%repro expect x=x\nprint(x)")
    edit(path, "x = 1.5", "x = 1.25")
    done = repro("report", "a.ipynb", "-o", "report.html", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("report.html: a.ipynb Different, 0 of 1 compared cell")
    page = (tmp_path / "report.html").read_text()
    for words in (
        "Cell 2 was edited after the recorded run.",
        "x is 1.25, not 1.5",
        "<pre>1.5</pre>",
        "<pre>1.25</pre>",
    ):
        assert words in page, words
    assert "<script" not in page
    recorded = repro("report", "a.ipynb", "-o", "r.html", "--recorded", folder=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    assert "it was not run for this report" in (tmp_path / "r.html").read_text()
    edit(path, "x = 1.25", "x = 1.5")
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": "x"'))
    unreadable = repro("report", "a.ipynb", "-o", "r.html", "--recorded", folder=tmp_path)
    assert unreadable.returncode == 2, "what cannot be read is not fine"
    assert unreadable.stderr.startswith("jupyter repro: a.ipynb: ")
    assert unreadable.stdout == "r.html: a.ipynb not run\n"


def test_what_with_takes(tmp_path: Path) -> None:
    record(tmp_path, SEED)
    for change in ("threads=0", "threads=many", "seed=-1", "determinism=lax", "x=1"):
        done = repro("verify", "a.ipynb", "--with", change, folder=tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith("jupyter repro: "), done.stderr
        assert "Traceback" not in done.stderr
