"""Kernels that start with variables that cannot be set later, and the same for headless runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jupyter_repro.model.snapshot import Library, Snapshot
from jupyter_repro.packages.lines import Distribution
from jupyter_repro.run import start_variables
from jupyter_repro.run.runner import RunOptions, run_notebook
from jupyter_repro.run.start_variables import recorded_threads
from tests.fixtures.notebooks.samples import code_cell, make_notebook, make_snapshot, write_notebook
from tests.kernel.live import live_kernel
from tests.unit.support.command_line import ROOT, document, jupyter_repro

pytestmark = pytest.mark.kernel

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
ORDER = "print(list({f'word {number}' for number in range(30)}))"
KINDS = "import jupyter_repro; print({f['kind'] for f in jupyter_repro.findings()})"


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PYTHONHASHSEED", *THREADS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share" / "jupyter"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=":")


def install(tmp_path: Path, *arguments: str | Path) -> Any:
    return jupyter_repro("kernel", "install", "Paper", *arguments, "--prefix", tmp_path)


def test_two_kernels_have_one_order_of_sets(tmp_path: Path) -> None:
    done = install(tmp_path, "--seed", "5000000000")
    assert done.returncode == 0, done.stderr
    assert "PYTHONHASHSEED=705032704" in done.stdout
    assert f"Not set, because no thread count is set here: {', '.join(THREADS)}." in (done.stdout)
    orders = set()
    for _ in range(2):
        with live_kernel(name="paper") as kernel:
            shown = kernel.run("%load_ext jupyter_repro\n%repro seed=5000000000")
            assert "PYTHONHASHSEED was not" not in str(shown.displays)
            orders.add(kernel.run(ORDER).stdout)
            assert kernel.run(KINDS).stdout.strip() == "set()"
    assert len(orders) == 1
    with live_kernel() as kernel:  # and one without tells how to get there
        shown = kernel.run("%load_ext jupyter_repro\n%repro seed=42")
        assert "jupyter repro kernel install NAME --seed 42" in str(shown.displays)
        assert "hash-randomization" in kernel.run(KINDS).stdout


def test_threads_come_from_the_notebook_or_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MKL_NUM_THREADS", "3")
    here = json.loads(install(tmp_path, "--seed", "1", "--json").stdout)
    assert here["variables"] == {"PYTHONHASHSEED": "1", "MKL_NUM_THREADS": "3"}
    assert here["not_set"] == ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"]
    written = json.loads(Path(here["path"], "kernel.json").read_text())
    assert written["env"] == here["variables"]

    path = tmp_path / "paper.ipynb"
    recorded = with_threads({"OMP_NUM_THREADS": "5", "LD_PRELOAD": "evil.so"}, 7)
    write_notebook(path, make_notebook(jupyter_repro=document(reference=recorded)))
    done = install(tmp_path, "--seed", "1", "--json", "--from", path, "--replace")
    told = json.loads(done.stdout)
    assert told["variables"] == {
        "PYTHONHASHSEED": "1",
        "OMP_NUM_THREADS": "5",
        "OPENBLAS_NUM_THREADS": "7",
    }
    assert told["not_set"] == ["MKL_NUM_THREADS"]


def with_threads(variables: dict[str, str], openblas: int) -> Snapshot:
    snapshot = make_snapshot(seed=42)
    libraries = msgspec.structs.replace(
        snapshot.layers.libraries,
        variables=variables,
        loaded=[Library(name="openblas", threads=openblas), Library(name="libgomp", threads=9)],
    )
    layers = msgspec.structs.replace(snapshot.layers, libraries=libraries)
    return msgspec.structs.replace(snapshot, layers=layers)


@pytest.mark.parametrize("value", ["0", "-1", "4; rm", "4,2", "99999", "$HOME", ""])
def test_only_numbers_of_threads_are_taken(value: str) -> None:
    assert recorded_threads(with_threads({"MKL_NUM_THREADS": value}, 0)) == {"OMP_NUM_THREADS": "9"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a/b", "--seed", "1"), '"a/b" is not a valid name of a kernel'),
        (("x\x1b", "--seed", "1"), "is not a valid name of a kernel"),
        (("x", "--seed", "-1"), "seed must be an integer"),
        (("x",), "the following arguments are required: --seed"),
        (("x", "--seed", "1", "--from", "/no/such.ipynb"), "does not exist"),
        (("x", "--seed", "1", "--user", "--prefix", "/x"), "not allowed with"),
        (("python3", "--seed", "1"), "There is a kernel python3 already"),
        (("x", "--seed", "1", "--prefix", "/dev/null"), "The kernel x cannot be written"),
        ((), "the following arguments are required"),
    ],
)
def test_mistakes_are_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    done = jupyter_repro("kernel", "install", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


def test_among_the_users_own_kernels(tmp_path: Path) -> None:
    done = jupyter_repro("kernel", "install", "mine", "--seed", "3", "--user", "--json")
    told = json.loads(done.stdout)
    assert told["path"] == str(tmp_path / "data" / "kernels" / "mine")
    assert told["seed"] == "3"
    hidden = jupyter_repro("kernel", "install", "mine", "--seed", "3", "--sys-prefix")
    assert hidden.returncode == 2
    assert "There is a kernel mine already" in hidden.stderr


def test_a_name_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    assert install(tmp_path, "--seed", "1").returncode == 0
    file = tmp_path / "share" / "jupyter" / "kernels" / "paper" / "kernel.json"
    before = file.read_bytes()
    refused = install(tmp_path, "--seed", "2")
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    assert file.read_bytes() == before
    assert install(tmp_path, "--seed", "2", "--replace").returncode == 0
    assert json.loads(file.read_text())["env"]["PYTHONHASHSEED"] == "2"


SEEDS = "import os; print(os.environ.get('PYTHONHASHSEED'), os.environ.get('MKL_NUM_THREADS'))"


@pytest.mark.parametrize(
    ("first_cell", "seed", "recorded", "env", "expected"),
    [
        ("1", None, False, {}, "None None"),
        ("1", 7, False, {}, "7 None"),
        ("1", None, True, {}, "42 4"),
        ("1", 7, True, {"PYTHONHASHSEED": "5", "MKL_NUM_THREADS": "1"}, "5 1"),
        ("%load_ext jupyter_repro\n%repro seed = 2**9", None, False, {}, "None None"),
        ("%load_ext jupyter_repro\n%repro determinism=off seed=9", None, True, {}, "9 4"),
    ],
)
def test_a_headless_run_sets_them_where_the_seed_is_known(  # noqa: PLR0917 - a case
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first_cell: str,
    seed: int | None,
    recorded: bool,  # noqa: FBT001 - a parameter of a case
    env: dict[str, str],
    expected: str,
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "a.ipynb"
    snapshot = with_threads({"MKL_NUM_THREADS": "4"}, 2)
    stored = {"jupyter_repro": document(reference=snapshot)} if recorded else {}
    raw = write_notebook(path, make_notebook(code_cell(SEEDS), code_cell(first_cell), **stored))
    done = run_notebook(path, raw, RunOptions(seed=seed), lambda *_: None)
    cells = json.loads(done.data)["cells"]
    assert "".join(cells[0]["outputs"][0]["text"]).strip() == expected
    assert os.environ.get("PYTHONHASHSEED") == env.get("PYTHONHASHSEED")


@pytest.mark.parametrize(
    ("version", "needed"),
    [
        ("1.13.1", True),
        ("2.9.1", True),
        ("2.9.1+cpu", False),
        ("2.10.0", False),
        ("2", False),
        (None, False),
    ],
)
def test_cublas_is_set_where_pytorch_needs_it(
    monkeypatch: pytest.MonkeyPatch,
    version: str | None,
    needed: bool,  # noqa: FBT001
) -> None:
    installed = [Distribution(name="numpy", version="2.4.0")]
    if version is not None:
        installed.append(Distribution(name="torch", version=version))
    monkeypatch.setattr(start_variables, "scan", lambda _world: installed)
    expected = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"} if needed else {}
    assert start_variables.torch_here() == version
    assert start_variables.cublas_setting(version) == expected
