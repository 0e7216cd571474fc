"""Each library gives the same numbers in two processes, whenever it is imported.

What is large is skipped where it is missing: ``pip install -e '.[bench-rng]'`` brings it.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fresh_process import run_python

# What a library warns of at its own import is its own business
QUIET = "import warnings; warnings.simplefilter('ignore')\n"
ENV = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "PYTHON": "1", "DEV": "PYTHON"}

DRAWS = {
    "scipy Sobol": ("scipy.stats", "", "scipy.stats.qmc.Sobol(2).random(2).tolist()"),
    "scipy svds": (
        "scipy.sparse.linalg",
        "import numpy as np",
        "scipy.sparse.linalg.svds(np.arange(36.0).reshape(6, 6) ** 2, k=2)[0].tolist()",
    ),
    "numba": (
        "numba",
        (
            "import numpy as np, random\n"
            "@numba.njit\n"
            "def draw(): return np.random.rand(), random.random(), np.random.randn()"
        ),
        "draw(), draw()",
    ),
    "numba prange": (
        "numba",
        (
            "import numpy as np\n"
            "@numba.njit(parallel=True)\n"
            "def draw(n):\n"
            "    out = np.empty(n)\n"
            "    for i in numba.prange(n): out[i] = np.random.rand()\n"
            "    return out"
        ),
        "draw(64).tolist(), draw(64).tolist()",
    ),
    "polars": ("polars", "", "polars.DataFrame({'a': range(100)}).sample(5)['a'].to_list()"),
    "gymnasium": (
        "gymnasium",
        "env = gymnasium.make('CartPole-v1')",
        (
            "env.reset()[0].tolist(), env.action_space.sample().item(),"
            " gymnasium.spaces.Discrete(1000).sample().item()"
        ),
    ),
    "dask legacy": ("dask.array", "", "dask.array.random.random(5).compute().tolist()"),
    "dask default_rng": (
        "dask.array",
        "",
        "dask.array.random.default_rng().random(5).compute().tolist()",
    ),
    "dask bag": (
        "dask.bag",
        "",
        "dask.bag.from_sequence(range(100), 4).random_sample(0.1).compute(scheduler='synchronous')",
    ),
    "tensorflow": ("tensorflow", "", "tensorflow.random.uniform([2]).numpy().tolist()"),
    "tensorflow generators": (
        "tensorflow",
        "g = tensorflow.random.Generator.from_non_deterministic_state()",
        (
            "g.uniform([2]).numpy().tolist(),"
            " tensorflow.random.get_global_generator().uniform([2]).numpy().tolist()"
        ),
    ),
    "tf.data": (
        "tensorflow",
        "data = tensorflow.data.Dataset.range(20)",
        "[int(x) for x in data.shuffle(20)]",
    ),
    "keras": ("keras", "", "keras.ops.convert_to_numpy(keras.random.uniform((2,))).tolist()"),
    "keras fit": (
        "keras",
        (
            "import numpy as np\n"
            "model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dropout(0.5),"
            " keras.layers.Dense(1)])\n"
            "model.compile('sgd', 'mse')\n"
            "x = np.random.rand(64, 3)"
        ),
        "model.fit(x, x.sum(1), epochs=2, verbose=0).history['loss']",
    ),
    "paddle": ("paddle", "", "paddle.rand([3]).tolist()"),
    "mlx": ("mlx.core", "import mlx.core as mx", "mx.random.uniform(shape=(3,)).tolist()"),
    "sqlite": (
        "sqlite3",
        "c = sqlite3.connect(':memory:')",
        "c.execute('select random(), hex(randomblob(4))').fetchall()",
    ),
    "duckdb": (
        "duckdb",
        (
            "c = duckdb.connect()\n"
            "c.execute('create table t as select * from range(1000)').fetchall()"
        ),
        (
            "c.execute('select random()').fetchall(), duckdb.sql('select random()').fetchall(),"
            " c.cursor().execute('select random()').fetchall(),"
            " c.execute('select * from t using sample 3').fetchall()"
        ),
    ),
    "pyarrow": ("pyarrow.compute", "", "pyarrow.compute.random(3).to_pylist()"),
    "stim": (
        "stim",
        "c = stim.Circuit('H 0\\n' * 1 + 'M 0\\nDETECTOR rec[-1]\\nX_ERROR(0.5) 0\\nM 0')",
        (
            "c.compile_sampler().sample(64).tolist(),"
            " [stim.TableauSimulator().measure(0) for _ in range(2)],"
            " stim.FlipSimulator(batch_size=8).batch_size"
        ),
    ),
    "leidenalg": (
        "leidenalg",
        "import igraph\ng = igraph.Graph.Erdos_Renyi(200, 0.05)",
        "leidenalg.find_partition(g, leidenalg.ModularityVertexPartition).membership",
    ),
    "cma": (
        "cma",
        "s = cma.CMAEvolutionStrategy([1, 1], 0.5, {'verbose': -9})",
        "[x.tolist() for x in s.ask()]",
    ),
    "SimpleITK": (
        "SimpleITK",
        "im = SimpleITK.Image([8, 8], SimpleITK.sitkFloat32)",
        (
            "SimpleITK.GetArrayFromImage(SimpleITK.AdditiveGaussianNoise(im)).tolist(),"
            " SimpleITK.GetArrayFromImage("
            "SimpleITK.SpeckleNoiseImageFilter().Execute(im + 1)).tolist()"
        ),
    ),
    "Qiskit Aer": (
        "qiskit_aer",
        (
            "from qiskit import QuantumCircuit, transpile\nfrom qiskit_aer import AerSimulator\n"
            "q = QuantumCircuit(2, 2); q.h(0); q.cx(0, 1); q.measure([0, 1], [0, 1])"
        ),
        "AerSimulator().run(q, shots=500).result().get_counts()",
    ),
    "Qiskit transpile": (
        "qiskit",
        (
            "from qiskit import QuantumCircuit, transpile\n"
            "from qiskit.transpiler import CouplingMap\n"
            "q = QuantumCircuit(8)\n"
            "[q.cx(i, j) for i in range(8) for j in range(8) if i != j]"
        ),
        (
            "[(i.operation.name, [q.find_bit(b).index for b in i.qubits]) for i in transpile("
            "q, coupling_map=CouplingMap.from_line(8), optimization_level=3).data]"
        ),
    ),
    "tinygrad": ("tinygrad", "from tinygrad import Tensor", "Tensor.rand(3).numpy().tolist()"),
}


def available(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def draw(name: str, *, seed: str, import_first: bool) -> str:
    module, prepare, expression = DRAWS[name]
    lines = [f"import {module}", f"seed_all({seed})"]
    lines = lines if import_first else lines[::-1]
    seeding = "from jupyter_repro.seeding.api import current_controller, seed_all, unseed"
    code = [QUIET, seeding, *lines, prepare, "import json", f"print(json.dumps([{expression}]))"]
    code.append("failures = current_controller()._libraries.hook.failures")
    code.append("assert not failures, current_controller().notes()")
    return run_python("\n".join(code), env=ENV).splitlines()[-1]


@pytest.mark.parametrize("name", DRAWS)
def test_the_numbers_are_those_of_the_seed(name: str) -> None:
    if not available(DRAWS[name][0]):
        pytest.skip(f"{DRAWS[name][0]} is not installed")
    first = draw(name, seed="42", import_first=False)
    assert draw(name, seed="42", import_first=True) == first
    assert draw(name, seed="2**64 - 1", import_first=False) != first


@pytest.mark.parametrize("name", ["numba", "dask legacy"])
def test_the_state_comes_back(name: str) -> None:
    module, prepare, expression = DRAWS[name]
    if not available(module):
        pytest.skip(f"{module} is not installed")
    code = f"""
{QUIET}
import {module}, json
from jupyter_repro.seeding.seeders.registry import builtin_seeder
from jupyter_repro.seeding.api import current_controller, get_rng_state, seed_all, set_rng_state
seed_all(42)
{prepare}
draw_all = lambda: json.dumps([{expression.replace(", np.random.randn()", "")}])
draw_all()
name = {name.partition(" ")[0]!r}
seeder, library = current_controller()._libraries.loaded()[name]
state, mark = get_rng_state(), seeder.fingerprint(library)
first = draw_all()
assert seeder.fingerprint(library) != mark
set_rng_state(state)
assert seeder.fingerprint(library) == mark
print(first == draw_all(), get_rng_state()[name].keys() == state[name].keys())
"""
    assert run_python(code, env=ENV) == "True True"


def test_numbas_numbers_are_those_of_its_own_seeding() -> None:
    pytest.importorskip("numba")
    code = """
import numba, numpy as np, random
from jupyter_repro.seeding.api import seed_all
@numba.njit
def draw(): return np.random.rand(), random.random()
@numba.njit
def seed(number):
    np.random.seed(number)
    random.seed(number)
seed_all(42)
ours = draw()
assert ours[0] == np.random.rand()
seed(42)
assert ours == draw()
seed_all(2**40)
assert draw()[0] == np.random.rand()
"""
    run_python(QUIET + code)


def test_numbas_threads_are_seeded_again_and_the_main_threads_stream_stays() -> None:
    pytest.importorskip("numba")
    code = f"""
{QUIET}
import numba, numpy as np
import numba.np.ufunc.parallel as parallel
from jupyter_repro.seeding.api import seed_all, unseed
{DRAWS["numba prange"][1]}
@numba.njit
def one(): return np.random.rand()
original = parallel._launch_threads
seed_all(42)
first = one()
threads = draw(64).tolist()  # starts them
seed_all(42)
assert one() == first
assert draw(64).tolist()[40:] == threads[40:]
assert len({{*threads}}) == 64
unseed()
assert parallel._launch_threads is original
"""
    run_python(code)


def test_libraries_with_nothing_to_seed_are_told() -> None:
    if not available("gymnasium"):
        pytest.skip("gymnasium is not installed")
    code = f"""
{QUIET}
from jupyter_repro.seeding.api import current_controller, seed_all
seed_all(42)
print(current_controller().remarks())
import gymnasium
print(current_controller().remarks())
"""
    before, after = run_python(code).splitlines()
    assert before == "[]"
    assert "Gymnasium" in after


def test_lightnings_variable_is_set_at_its_import_and_taken_back(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    for name in ("lightning", "pytorch_lightning"):
        (folder / f"{name}.py").write_text("")
    code = f"""
import json, os, sys
sys.path.insert(0, {str(folder)!r})
from jupyter_repro.seeding.api import seed_all, unseed
told = [os.environ.get("PL_GLOBAL_SEED")]
seed_all(42); told.append(os.environ.get("PL_GLOBAL_SEED"))
import lightning, pytorch_lightning
told.append(os.environ["PL_GLOBAL_SEED"])
seed_all(43); told.append(os.environ["PL_GLOBAL_SEED"])
seed_all(2**32); told.append(os.environ.get("PL_GLOBAL_SEED"))
seed_all(43); unseed(); told.append(os.environ.get("PL_GLOBAL_SEED"))
os.environ["PL_GLOBAL_SEED"] = "7"
seed_all(42); told.append(os.environ["PL_GLOBAL_SEED"])
unseed(); told.append(os.environ["PL_GLOBAL_SEED"])
print(json.dumps(told))
"""
    assert json.loads(run_python(code)) == [None, None, "42", "43", None, None, "7", "7"]


def test_cupys_variable_comes_before_its_first_gpu(tmp_path: Path) -> None:
    """CuPy itself needs a GPU: a module of its form takes its place."""
    folder = tmp_path / "site-packages" / "cupy" / "random"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text(
        "from contextlib import contextmanager\nfrom types import SimpleNamespace\n"
        "used = []\n@contextmanager\ndef Device(number):\n    used.append(number)\n    yield\n"
        "cuda = SimpleNamespace(Device=Device)\nfrom cupy import random\n"
    )
    (folder / "__init__.py").write_text("from cupy.random import _generator\n")
    (folder / "_generator.py").write_text("_random_states = {}\n")
    code = f"""
import os, sys
sys.path.insert(0, {str(tmp_path / "site-packages")!r})
from jupyter_repro.seeding.api import current_controller, seed_all, unseed
seed_all(42)
import cupy
assert (os.environ["CUPY_SEED"], cupy.used) == ("42", [])
class State:
    def seed(self, number): self.number = number
cupy.random._generator._random_states.update({{0: State(), 3: State()}})
seed_all(43)
print([state.number for state in cupy.random._generator._random_states.values()], cupy.used)
unseed()
assert "CUPY_SEED" not in os.environ and not current_controller().notes()
"""
    assert run_python(code) == "[43, 43] [0, 3]"


RACES = {
    "optuna": (
        "optuna",
        (
            "optuna.logging.set_verbosity(optuna.logging.ERROR)\n"
            "study = optuna.create_study()\n"
            "study.optimize(lambda t: t.suggest_float('x', 0, 1), n_trials=2, n_jobs={})"
        ),
        "n_jobs=1",
    ),
    "gensim": (
        "gensim.models",
        (
            "gensim.models.{1}([['a', 'b', 'c']] * 9, min_count=1, vector_size=4, workers={0},"
            " epochs=1)"
        ),
        "workers=1",
    ),
}


@pytest.mark.parametrize("model", ["Word2Vec", "FastText"])
@pytest.mark.parametrize("name", RACES)
def test_threads_that_race_are_a_finding(name: str, model: str) -> None:
    module, expression, advice = RACES[name]
    if not available(module):
        pytest.skip(f"{module} is not installed")
    code = f"""{QUIET}
import json, {module}
from jupyter_repro.seeding.api import findings, seed_all
seed_all(42)
def found(): return [f["advice"] for f in findings() if f["kind"] == "unseeded-worker"]
exec('''{expression.format(1, model)}''')
one = found()
exec('''{expression.format(2, model)}''')
print(json.dumps([one, found()]))
"""
    one, (two,) = json.loads(run_python(code, env=ENV).splitlines()[-1])
    assert one == []
    assert advice in two


def test_what_takes_no_seed_is_a_finding() -> None:
    if not available("stim"):
        pytest.skip("stim is not installed")
    code = f"""{QUIET}
import json, stim
from jupyter_repro.seeding.api import findings, seed_all
seed_all(42)
stim.Tableau.random(2)
print(json.dumps([f["what"] for f in findings() if f["kind"] == "unseeded-generator"]))
"""
    assert "takes no seed" in run_python(code).splitlines()[-1]


def test_sqlite_is_told_where_it_draws_and_given_back() -> None:
    code = """
import json, sqlite3
from jupyter_repro.seeding.api import findings, seed_all, unseed
connect = sqlite3.connect
seed_all(42)
def found(): return [f["severity"] for f in findings() if f["kind"] == "unseeded-generator"]
c = sqlite3.connect(":memory:")
c.execute("select 1, abs(-1)").fetchall()
none = found()
numbers = [c.execute("select random() from (values (1), (2))").fetchall() for _ in range(2)]
assert len({row[0] for rows in numbers for row in rows}) == 4
assert all(-2**63 <= row[0] < 2**63 for rows in numbers for row in rows)
assert len(c.execute("select randomblob(9)").fetchone()[0]) == 9
derived = found()
seed_all(42, generators="report")
sqlite3.dbapi2.connect(":memory:").execute("select random()").fetchall()
reported = found()
unseed()
assert sqlite3.connect is sqlite3.dbapi2.connect is connect
print(json.dumps([none, derived, reported]))
"""
    none, derived, reported = json.loads(run_python(code).splitlines()[-1])
    assert (none, set(derived), reported) == ([], {"note"}, ["warning"])
