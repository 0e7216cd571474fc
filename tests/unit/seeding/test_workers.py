"""Seeds that tasks carry, processes that are only told, and ranks."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from jupyter_repro.seeding.interceptions import LIBRARIES
from tests.fresh_process import run_python

pytest.importorskip("numpy")

TASKS = """
import random
import jupyter_repro

def task(seed):
    generator = jupyter_repro.rng(seed)
    jupyter_repro.seed_all(seed, determinism="off")
    return generator.random(), random.random(), random.Random().random()

def plain(_):
    return random.random()
"""
START = """
import json, multiprocessing, os, random, warnings
from concurrent import futures
from jupyter_repro import ReproError, findings, rng, seed_all, task_seeds, unseed
from tasks import task, plain
warnings.simplefilter("ignore", ResourceWarning)  # of pools that nobody closes
def found():
    return [f for f in findings() if f["kind"] == "unseeded-worker"]
def spawn(method="spawn"):
    return multiprocessing.get_context(method)
"""

POOLS = {
    "ProcessPoolExecutor": "list(futures.ProcessPoolExecutor(2).map(CALL))",
    "spawned": "list(futures.ProcessPoolExecutor(2, mp_context=spawn()).map(CALL))",
    "Pool": "spawn('fork').Pool(2).map(CALL)",
    "loky": "(j := __import__('joblib')).Parallel(2)([j.delayed(TASK)(seed) for seed in seeds])",
}


def run(tmp_path: Path, code: str, env: dict[str, str] | None = None) -> str:
    (tmp_path / "tasks.py").write_text(TASKS)
    path = f"{tmp_path}:{Path(__file__).parents[3]}"
    return run_python(f"{START}\n{code}", env={"PYTHONPATH": path, **(env or {})})


def run_pool(tmp_path: Path, pool: str, function: str) -> str:
    if pool == "loky":
        pytest.importorskip("joblib")
    call = POOLS[pool].replace("CALL", "TASK, seeds").replace("TASK", function)
    code = f"""
seed_all(42, determinism="off"); seeds = task_seeds(6)
result = {call}
print(json.dumps([result, found()]))
"""
    return run(tmp_path, code)


@pytest.mark.parametrize("pool", POOLS)
def test_a_task_that_carries_its_seed_repeats_anywhere(tmp_path: Path, pool: str) -> None:
    result, found = json.loads(run_pool(tmp_path, pool, "task"))
    alone = "seed_all(42, determinism='off'); print(json.dumps([*map(task, task_seeds(6))]))"
    assert result == json.loads(run(tmp_path, alone))
    assert len({numbers[0] for numbers in result}) == 6
    (one,) = found  # told once, where the user's code has started the processes
    assert one["file"] == "<string>"
    assert one["count"] == 2
    assert one["what"].startswith("The tasks of each process of this pool differ")
    assert "task_seeds" in one["advice"]


PROCESSES = {
    "fork": ("spawn('fork').Process(target=plain, args=(1,)).start()", 0),
    "spawn": ("spawn().Process(target=plain, args=(1,)).start()", 1),
    "forkserver": ("spawn('forkserver').Process(target=plain, args=(1,)).start()", 1),
    "manager": ("spawn().Manager().shutdown()", 0),
    "threads": ("list(futures.ThreadPoolExecutor(2).map(plain, range(3)))", 0),
    "subprocess": ("__import__('subprocess').run(['true'])", 0),
}


@pytest.mark.parametrize(("code", "count"), PROCESSES.values(), ids=PROCESSES)
def test_which_processes_are_told(tmp_path: Path, code: str, count: int) -> None:
    program = f"seed_all(42, determinism='off')\n{code}\nprint(len(found()))"
    assert run(tmp_path, program) == str(count)


def test_off_gives_the_start_of_processes_back(tmp_path: Path) -> None:
    code = """
start = multiprocessing.Process.start
seed_all(42, determinism="off"); assert multiprocessing.Process.start is not start
unseed(); print(multiprocessing.Process.start is start)
"""
    assert run(tmp_path, code) == "True"


def test_seeds_of_tasks(tmp_path: Path) -> None:
    code = """
import numpy as np
for wrong in (lambda: task_seeds(3), lambda: rng("a")):
    try: wrong()
    except ReproError as error: assert "needs a seed first" in str(error), error
seed_all(42, determinism="off")
for wrong in (lambda: task_seeds(-1), lambda: task_seeds("3"), lambda: task_seeds(10**9),
              lambda: rng(-1), lambda: rng(None), lambda: rng(1.5)):
    try: wrong()
    except ReproError as error: pass
    else: raise AssertionError
first, second = task_seeds(100_000), task_seeds(np.int64(3))
assert len(set(first)) == 100_000 and all(0 <= seed < 2**32 for seed in first)
assert not set(second) & set(first[:3]) and type(second[0]) is int
assert rng(7).random() == np.random.default_rng(7).random()
assert rng("a").random() == rng("a").random() != rng("b").random()
before = random.getstate(); task_seeds(3); rng("a"); assert random.getstate() == before
names = rng("a").random()
seed_all(43, determinism="off"); assert rng("a").random() != names
seed_all(42, determinism="off", generators="report"); assert task_seeds(100_000) == first
assert findings() == [] or {f["kind"] for f in findings()} == {"hash-randomization"}
print(first[:3], second, names)
"""
    assert run(tmp_path, code) == run(tmp_path, code)


DRAW = """
import numpy as np
def draw():
    return [random.random(), np.random.rand(), np.random.default_rng().random(), task_seeds(1)]
"""


@pytest.mark.parametrize("variable", ["RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID"])
def test_ranks(tmp_path: Path, variable: str) -> None:
    code = f"""{DRAW}
from jupyter_repro.seeding.api import current_controller
alone = os.environ.get("{variable}") is None
seed_all(42, "off"); same = draw()
state = seed_all(42, "off", ranks="distinct"); distinct = draw()
told = any("ranks=distinct changes nothing" in note for note in current_controller().notes())
print(json.dumps([same, distinct, state.rank, told]))
"""
    alone, *ranks = (
        json.loads(run(tmp_path, code, {} if rank is None else {variable: rank}))
        for rank in (None, "0", "1", "2", "1")
    )
    same = alone[0]
    assert alone[1:] == [same, None, True]
    assert ranks[0] == [same, same, 0, False]
    assert ranks[1] == ranks[3]
    assert [rank[0] for rank in ranks] == [same] * 4
    assert [rank[2] for rank in ranks] == [0, 1, 2, 1]
    for numbers in zip(*(rank[1] for rank in ranks[:3]), strict=True):
        assert len({str(number) for number in numbers}) == 3
    assert ranks[1][1][0] != ranks[1][1][1]  # and Python's are not NumPy's


def test_torchrun_goes_before_slurm_and_nonsense_is_none(tmp_path: Path) -> None:
    code = "print(seed_all(42, 'off', ranks='distinct').rank)"
    env = {"RANK": "3", "SLURM_PROCID": "0"}
    assert run(tmp_path, code, env) == "3"
    assert run(tmp_path, code, {"RANK": "x", "SLURM_PROCID": "1"}) == "1"
    assert run(tmp_path, code, {"RANK": "-1"}) == "None"


@pytest.mark.parametrize("kind", ["loky", "ProcessPoolExecutor"])
def test_a_cell_that_uses_the_same_processes_again_keeps_its_finding(kind: str) -> None:
    if kind == "loky":
        pytest.importorskip("joblib")
    uses = {
        "loky": "len(joblib.Parallel(2)(joblib.delayed(abs)(i) for i in range(4)))",
        "ProcessPoolExecutor": "len([*pool.map(abs, range(4))])",
    }
    code = f"""
import json
from IPython.core.interactiveshell import InteractiveShell
from jupyter_repro import findings
shell = InteractiveShell.instance()
def run(source, cell):
    result = shell.run_cell(source, store_history=True, cell_id=cell)
    assert result.success, result
    return [f["cell"] for f in findings() if f["kind"] == "unseeded-worker"]
run("%load_ext jupyter_repro", "load")
run("%repro seed=42 determinism=off", "seed")
if "{kind}" == "loky":
    run("import joblib", "make")
else:
    run("import multiprocessing as m\\nfrom concurrent.futures import ProcessPoolExecutor as P\\n"
        "pool = P(1, mp_context=m.get_context('fork'))", "make")
found = [run("{uses[kind]}", "use") for _ in range(2)]
found.append(run("1", "use"))
print(json.dumps(found))
"""
    found = json.loads(run_python(code).splitlines()[-1])
    assert found == [["use"], ["use"], []]


def test_each_module_of_a_library_names_what_it_waits_for() -> None:
    for waits_for, name in LIBRARIES.items():
        ours = import_module(f"jupyter_repro.seeding.generators.{name}")
        assert waits_for in getattr(ours, "MODULES", (getattr(ours, "MODULE", None),))
