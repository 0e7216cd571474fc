"""`jupyter repro calibrate` with real kernels: noise of the machine apart from that of the seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_repro.model.results import Result, Tolerance
from jupyter_repro.notebook.lift import read_document
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.kernel.live import ROOT

pytestmark = pytest.mark.kernel

CELLS = (
    code_cell("%load_ext jupyter_repro\n%repro seed=42"),
    code_cell("import random, time\nx = random.random()\nnoisy = x + time.time_ns() % 1000 * 1e-9"),
    code_cell("%repro expect x=x noisy=noisy word='same'"),
)


def repro(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jupyter_repro", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def results_of(path: Path) -> dict[str, Result]:
    document = read_document(path)
    assert document is not None
    return document.results


def test_noise_of_the_machine_and_of_the_seed(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(*CELLS))
    refused = repro("calibrate", "a.ipynb", folder=tmp_path)
    assert refused.returncode == 2
    assert "a.ipynb has recorded no results: add `%repro expect" in refused.stderr

    assert repro("run", "a.ipynb", folder=tmp_path).returncode == 0
    outputs = path.read_text().partition('"metadata"')[0]
    done = repro("calibrate", "a.ipynb", "--runs", "3", "--seeds", "2", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert "x = 0.6394267984578837\n  same seed, 3 runs: identical" in said
    assert "2 other seeds: apart by at most" in said
    assert "proposed: %repro expect noisy=… atol=" in said
    assert "proposed: %repro expect x=" not in said

    results = results_of(path)
    noise = results["noisy"].noise
    assert noise is not None
    assert noise.tolerance is not None
    assert 0 < noise.tolerance.atol < 1e-5
    assert results["x"].noise is not None
    assert float(results["x"].noise.low or "nan") < float(results["x"].noise.high or "nan")
    assert results["word"].noise is not None
    assert path.read_text().partition('"metadata"')[0] == outputs, "only the record is written"

    again = repro("run", "a.ipynb", folder=tmp_path)
    assert again.returncode == 0
    assert ": different" not in path.read_text().partition('"metadata"')[0]
    assert results_of(path)["noisy"].noise == noise, "a run keeps what was calibrated"
    assert results_of(path)["noisy"].tolerance is None
    assert isinstance(noise.tolerance, Tolerance)


def test_a_run_that_fails_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(*CELLS))
    assert repro("run", "a.ipynb", folder=tmp_path).returncode == 0
    text = path.read_text().replace("import random, time", "import random, time; 1 / 0")
    path.write_text(text)
    done = repro("calibrate", "a.ipynb", "--runs", "2", folder=tmp_path)
    assert done.returncode == 2
    assert "cell 2 failed: ZeroDivisionError: division by zero; nothing was written." in done.stderr
    assert path.read_text() == text
