"""The same cells in every kernel that runs IPython's shell, and in a terminal.

What is missing here is skipped: ``pip install xeus-python spyder-kernels ipyparallel`` brings it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from tests.kernel.live import ROOT, TIMEOUT, LiveKernel, live_kernel

pytestmark = pytest.mark.kernel

LAUNCHERS = {
    "ipykernel": "ipykernel_launcher",
    "xeus-python": "xpython_launcher",
    "spyder-kernels": "spyder_kernels.console",
}

LOAD = "%load_ext jupyter_repro\n%repro seed=42 determinism=off"
DRAW = "import random; random.random()"
FIRST, SECOND = "0.6394267984578837", "0.025010755222666936"
SCOPED = "0.32383276483316237"


@pytest.fixture(params=LAUNCHERS)
def kernel(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LiveKernel]:
    launcher = LAUNCHERS[request.param]
    if find_spec(launcher.partition(".")[0]) is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path / "kernel"
    folder.mkdir()
    argv = [sys.executable, "-m", launcher, "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": request.param, "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    KernelSpecManager().install_kernel_spec(str(folder), "tried", user=True)
    with live_kernel(name="tried") as running:
        yield running


def test_what_a_notebook_does(kernel: LiveKernel) -> None:
    begun = kernel.run(LOAD)
    assert begun.error is None
    assert any("Seed 42" in shown["data"]["text/plain"] for shown in begun.displays)
    assert all(isinstance(shown["metadata"], dict) for shown in begun.messages)
    assert kernel.run(DRAW).result == FIRST
    assert kernel.run(f"%%repro seed=7\n{DRAW}").result == SCOPED
    assert kernel.run(DRAW).result == SECOND
    examined = kernel.run("%%repro doctor\nx = random.random()\nx")
    assert examined.error is None
    assert any("bitwise identical" in shown["data"]["text/plain"] for shown in examined.displays)
    assert kernel.run("%repro expect x=x").error is None
    assert kernel.run("%repro findings").error is None
    cell = kernel.run("%repro seed=42 mode=cell determinism=off\nr = random.Random(5)")
    assert cell.error is None
    drawn = [kernel.run("r.random()", cell_id="draw").result for _ in range(2)]
    assert drawn[0] is not None
    off = kernel.run("%repro off")
    for run in (begun, examined, cell, off):
        assert "Error in callback" not in run.stdout + run.stderr


def test_the_question_of_a_front_end(kernel: LiveKernel) -> None:
    answer = kernel.ask('__import__("jupyter_repro.remote", fromlist=["_"]).check("{}")')
    assert answer["status"] == "ok"
    assert "application/vnd.jupyter-repro.check+json" in answer["data"]


def test_in_a_terminal(tmp_path: Path) -> None:
    lines = [*LOAD.split("\n"), "import random", "print('drawn', random.random())", "%repro off"]
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--colors=NoColor"],
        input="\n".join([*lines, "exit", ""]),
        cwd=ROOT,
        env={**os.environ, "IPYTHONDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT,
    )
    assert f"drawn {FIRST}" in done.stdout
    assert "Seed 42" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "Error in callback" not in done.stdout + done.stderr


def test_on_an_engine_of_ipyparallel(tmp_path: Path) -> None:
    if find_spec("ipyparallel") is None:
        pytest.skip("ipyparallel is not installed")
    code = f"""
import ipyparallel, sys
with ipyparallel.Cluster(n=1, profile_dir={str(tmp_path)!r}, log_level=40) as clients:
    view = clients[0]
    view.execute("%load_ext jupyter_repro", block=True)
    view.execute("%repro seed=42 determinism=off", block=True)
    view.execute("import random; x = random.random()", block=True)
    print("drawn", view["x"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT,
    )
    assert f"drawn {FIRST}" in done.stdout
