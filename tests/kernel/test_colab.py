"""Every command in a kernel of exactly the versions that Colab publishes: IPython 7, ipywidgets 7.

`make .venv/colab.stamp` makes the environment.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.kernel.remote import CHECK_MIME_TYPE
from jupyter_repro.model.message import MIME_TYPE
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.kernel.live import ROOT, TIMEOUT, LiveKernel, Run, live_kernel
from tests.kernel.test_panel import VIEW, FrontEnd

PYTHON = Path(sys.prefix, "colab", "bin", "python")

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(not PYTHON.exists(), reason="no environment of Colab's versions here"),
]

PINS = (ROOT / "tests" / "fixtures" / "hosts" / "colab.txt").read_text()
PUBLISHED = dict(re.findall(r"^([^#\s=]+)==(\S+)$", PINS, re.MULTILINE))
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT)}

SEED = "%load_ext jupyter_repro\n%repro seed=42"
FIRST, FIRST_OF_7 = "0.6394267984578837", "0.32383276483316237"
DRAW = "import random; print(random.random())"


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[LiveKernel]:
    with live_kernel(python=PYTHON, cwd=tmp_path, env=ENVIRON) as running:
        yield running


def good(run: Run) -> Run:
    assert (run.error, run.stderr) == (None, "")
    for shown in (*run.displays, *run.updates):
        assert isinstance(shown["metadata"], dict)
    return run


def text_of(run: Run) -> str:
    (shown,) = good(run).displays
    text: str = shown["data"]["text/plain"]
    return text


def findings(kernel: LiveKernel) -> list[dict[str, Any]]:
    answer = kernel.ask('__import__("jupyter_repro.remote", fromlist=["_"]).check("{}")')
    found: list[dict[str, Any]] = answer["data"][CHECK_MIME_TYPE]["document"]["findings"]
    return found


def test_the_kernel_runs_what_colab_publishes(kernel: LiveKernel) -> None:
    code = (
        "import importlib.metadata as m, re\n"
        "{re.sub('[-_.]+', '-', d.name).lower(): d.version for d in m.distributions()}"
    )
    installed: dict[str, str] = eval(kernel.run(code).result or "{}")
    assert {"ipython", "ipykernel", "traitlets", "ipywidgets"} <= set(installed)
    others = {name: there for name, there in installed.items() if name in PUBLISHED}
    assert others == {name: PUBLISHED[name] for name in others}


def test_every_command(kernel: LiveKernel, tmp_path: Path) -> None:
    recorded = good(kernel.run(SEED)).displays[0]
    assert recorded["data"][MIME_TYPE]["snapshot"]
    assert good(kernel.run(DRAW)).stdout.strip() == FIRST
    assert "Environment matches." in text_of(kernel.run("%repro"))
    assert "Environment matches." in text_of(kernel.run("%repro check"))
    assert "recorded" in good(kernel.run("%repro expect half=0.5 rtol=1e-3")).stdout
    assert "identical" in good(kernel.run("%repro expect half=0.5")).stdout
    good(kernel.run("%repro checkpoint here"))
    before = good(kernel.run(DRAW)).stdout
    good(kernel.run("%repro restore here"))
    assert good(kernel.run(DRAW)).stdout == before
    good(kernel.run("%repro export environment.yml"))
    assert '"ipython==7.34.0"' in (tmp_path / "environment.yml").read_text()
    accepted = good(kernel.run("%repro accept")).displays[0]
    assert accepted["data"][MIME_TYPE]["accept"] is True
    assert "determinism=strict" in good(kernel.run("%repro help")).stdout
    assert "sets of strings" in text_of(kernel.run("%repro findings"))
    error = kernel.run("%repro seed=-1")
    assert (error.stderr + (error.error or "")).count("\n") <= 1
    assert "check" in kernel.complete("%repro ")
    assert "is off" in good(kernel.run("%repro off")).stdout
    good(kernel.run("%unload_ext jupyter_repro"))
    assert "repro" not in str(kernel.complete("%repr"))


def test_off_leaves_nothing(kernel: LiveKernel) -> None:
    state = (
        "import sys, os, json; json.dumps([[type(f).__name__ for f in sys.meta_path],"
        " sorted(os.environ.items()),"
        " {k: len(v) for k, v in get_ipython().events.callbacks.items()}])"
    )
    before = good(kernel.run(state)).result
    good(kernel.run(f"{SEED}\n%repro panel"))
    good(kernel.run("import numpy"))
    assert kernel.run(state).result != before
    good(kernel.run("%repro off"))
    assert kernel.run(state).result == before


def test_a_seed_for_one_cell(kernel: LiveKernel) -> None:
    good(kernel.run(SEED))
    run = good(kernel.run(f"%%repro seed=7\nimport asyncio\nawait asyncio.sleep(0)\n{DRAW}"))
    assert run.stdout.strip() == FIRST_OF_7
    assert good(kernel.run(DRAW)).stdout.strip() == FIRST
    failed = kernel.run("%%repro seed=7\n1 / 0")
    assert (failed.error or "").count("ZeroDivisionError") == 2  # its head and its last line
    assert "jupyter_repro" not in (failed.error or "")


def test_each_cell_has_numbers_of_its_own(kernel: LiveKernel) -> None:
    good(kernel.run(f"{SEED} mode=cell"))
    first, other, again = (good(kernel.run(code)).stdout for code in (DRAW, "1", DRAW))
    assert other == ""
    in_another_order = good(kernel.run(f"{DRAW}  # another cell")).stdout
    assert first != in_another_order
    good(kernel.run(f"{SEED} mode=cell"))
    assert good(kernel.run(DRAW)).stdout == first
    assert again != ""


def test_findings_name_the_cell_that_the_code_stands_in(kernel: LiveKernel) -> None:
    good(kernel.run("import numpy as np\ndef early():\n    return np.random.default_rng()"))
    good(kernel.run(f"{SEED} generators=report"))
    late = good(kernel.run("\ndef late():\n    return np.random.default_rng()\n"))
    good(kernel.run("early(); None"))
    good(kernel.run("late(); None\n"))
    called = good(kernel.run("np.random.default_rng(); None"))
    assert late.count is not None
    assert called.count is not None
    found = {
        (one["cell"], one["line"])
        for one in findings(kernel)
        if one["kind"] == "unseeded-generator"
    }
    # IPython takes blank lines at the top away
    assert found == {("In [1]", 3), (f"In [{late.count}]", 2), (f"In [{called.count}]", 1)}
    assert f"In [{called.count}]" in text_of(kernel.run("%repro findings"))


def test_cells_with_ids_are_named_by_them(kernel: LiveKernel) -> None:
    good(kernel.run(f"{SEED} generators=report", cell_id="first"))
    good(kernel.run("import numpy as np; np.random.default_rng(); None", cell_id="second"))
    assert "second" in {one.get("cell") for one in findings(kernel)}


def test_the_doctor(kernel: LiveKernel) -> None:
    good(kernel.run(SEED))
    assert "bitwise identical" in text_of(kernel.run(f"%%repro doctor\n{DRAW}"))
    good(kernel.run("import os\ndef entropy():\n    return os.urandom(4)"))
    assert "different" in text_of(kernel.run("%repro doctor entropy"))
    told = kernel.run("%repro doctor nobody")
    assert "This notebook has no function nobody" in told.stderr + (told.error or "")


def test_the_panel(kernel: LiveKernel) -> None:
    front = FrontEnd(kernel)
    good(front.run(SEED))
    (shown,) = good(front.run("%repro panel")).displays
    assert shown["data"][VIEW]["model_id"] in front.models
    assert "Environment matches" in front.text
    good(front.run("import numpy"))
    front.search("IPYkernel")
    assert "<b>ipykernel</b>" in front.text
    good(front.click("Check now"))
    good(front.run("import os; os.environ['OMP_NUM_THREADS'] = '3'"))
    front.click("Check now")
    assert front.is_shown("Accept as reference…")
    front.click("Accept as reference…")
    (update,) = front.click("Replace the reference").updates
    assert update["data"][MIME_TYPE]["accept"] is True
    good(front.run("%repro off"))
    assert front.models == {}


def question(name: str, **request: Any) -> str:
    """Return the expression that the front end asks, made of its own source."""
    source = (ROOT / "labextension/src/protocol/question.ts").read_text(encoding="utf-8")
    code = re.search(r"CODE = `(.*?)`;", source, re.DOTALL)
    assert code is not None
    names = json.dumps({"question": name, "request": json.dumps(request)})
    return f'(lambda names: (exec({json.dumps(code[1])}, names), names["answer"])[1])({names})'


def test_the_front_ends_question(kernel: LiveKernel) -> None:
    good(kernel.run(SEED))
    good(kernel.run(DRAW))
    answer = kernel.ask(question("check", document=None, attached=True, accept=False))
    assert answer["status"] == "ok", answer
    told = answer["data"][CHECK_MIME_TYPE]
    document = told["document"]
    assert document["reference"]["layers"]["determinism"]["seed"] == "42"
    assert "snapshot" not in good(kernel.run("%repro seed=42")).displays[0]["data"][MIME_TYPE]
    again = kernel.ask(question("check", document=document, attached=True, accept=False))
    assert again["data"][CHECK_MIME_TYPE]["unchanged"] is True


def test_what_the_kernel_loads(kernel: LiveKernel) -> None:
    good(kernel.run(SEED))
    good(kernel.run("import numpy"))
    heavy = ["threadpoolctl", "yaml", "ipywidgets", "nbformat", "pynvml", "rich"]
    run = kernel.run(f"import os, sys; [name for name in {heavy} if name in sys.modules]")
    assert run.result == "[]"
    assert kernel.run("os.environ.get('KMP_DUPLICATE_LIB_OK')").result is None
    layers = kernel.ask(question("check", document=None))["data"][CHECK_MIME_TYPE]["snapshot"]
    assert "openblas" in json.dumps(layers["layers"]["libraries"])


def jupyter_repro(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-m", "jupyter_repro", *arguments],
        env=ENVIRON,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )


def test_notebooks_are_run_and_checked_there(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell(SEED), code_cell(DRAW)))
    for command in ("run", "run", "check", "verify"):
        done = jupyter_repro(command, path, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    assert FIRST in path.read_text()


def test_kernels_are_installed_there(tmp_path: Path) -> None:
    install = ("kernel", "install", "paper", "--seed", "42", "--prefix", tmp_path, "--json")
    done = jupyter_repro(*install, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    spec = tmp_path / "share" / "jupyter" / "kernels" / "paper" / "kernel.json"
    assert "PYTHONHASHSEED" in json.loads(spec.read_text())["env"]


def test_what_goes_wrong_there_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    write_notebook(path, make_notebook(code_cell("import os; os._exit(3)")))
    done = jupyter_repro("run", path, cwd=tmp_path)
    assert "the kernel died in cell 1" in done.stdout + done.stderr
    assert "Debugging" not in done.stdout
    unknown = jupyter_repro("run", path, "--kernel", "none", cwd=tmp_path)
    said = [line for line in unknown.stderr.splitlines() if "0.0" not in line[:4]]
    assert len(said) == 1
    assert 'no kernel named "none"' in said[0]
