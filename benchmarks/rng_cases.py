"""The cases of `rng_coverage`: per library a name and code that leaves its result in ``out``."""

from __future__ import annotations

_HASH = (
    "the order is decided before Python starts; `jupyter repro kernel install` writes a kernel "
    "that fixes it."
)
_SECRET = "never seeded, on purpose: it must stay unpredictable."
_PROCESS = (
    "a separate process without the seed; you get a finding, and a seed of "
    "`task_seeds` that the task carries repeats."
)

WHY = {
    "list({'a0', …, 'a29'})": _HASH,
    "hash(object())": "an address in memory.",
    "secrets.token_hex()": _SECRET,
    "uuid.uuid4()": _SECRET,
    "os.urandom(8)": _SECRET,
    "random.SystemRandom()": _SECRET,
    "tempfile.mktemp()": _SECRET,
    "multiprocessing, spawned child": _PROCESS,
    "joblib, loky: np.random in the task": _PROCESS,
    "DataFrame.unique() order": (
        "it depends on the threads; `maintain_order=True` or sorting fixes it."
    ),
    "jax.random.key(time.time_ns())": "the clock.",
    "jax key from os.urandom": _SECRET,
    "torch.seed()": "it asks the system for entropy, on purpose.",
    "torch.Generator().seed()": "it asks the system for entropy, in compiled code.",
    "Tableau.random()": "it takes no seed; you get a finding.",
    "optimize(n_jobs=4)": "the order of threads; you get a finding, and `n_jobs=1` repeats.",
    "Word2Vec(workers=4)": "the order of threads; you get a finding, and `workers=1` repeats.",
    "tf.data: shuffle, parallel map of random ops": (
        "the map's threads share one stream; `tf.config.experimental.enable_op_determinism()`."
    ),
}

_TRAIN = """
import torch
model = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Dropout(),
                            torch.nn.Linear(16, 1))
data = torch.utils.data.TensorDataset(torch.randn(64, 4), torch.randn(64, 1))
"""
_ROWS = """
import random, numpy as np, torch
class Rows(torch.utils.data.Dataset):
    def __len__(self): return 8
    def __getitem__(self, i): return {row}
out = [x for _ in range(2) for b in
       torch.utils.data.DataLoader(Rows(), batch_size=2, collate_fn=list, {options}) for x in b]
"""
_XY = "from sklearn.datasets import make_blobs; X, y = make_blobs(300, random_state=0)\n"

CASES: dict[str, list[tuple[str, str]]] = {
    "python": [
        ("random.random()", "import random; out = random.random()"),
        ("random.Random()", "import random; out = random.Random().random()"),
        ("random.SystemRandom()", "import random; out = random.SystemRandom().random()"),
        ("list({'a0', …, 'a29'})", "out = list({f'a{i}' for i in range(30)})"),
        ("hash(object())", "out = hash(object())"),
        ("secrets.token_hex()", "import secrets; out = secrets.token_hex()"),
        ("uuid.uuid4()", "import uuid; out = uuid.uuid4()"),
        ("os.urandom(8)", "import os; out = os.urandom(8)"),
        ("tempfile.mktemp()", "import tempfile; out = tempfile.mktemp()"),
        (
            "multiprocessing, forked children",
            "import multiprocessing as m, random\nq = m.get_context('fork').Queue()\nout = []\n"
            "for _ in range(3):\n"
            "    p = m.get_context('fork').Process(target=lambda: q.put(random.random()))\n"
            "    p.start(); out.append(q.get()); p.join()\n",
        ),
        (
            "multiprocessing, spawned child",
            "import multiprocessing as m\nwith m.get_context('spawn').Pool(1) as p:\n"
            "    out = p.apply(eval, (\"__import__('random').random()\",))",
        ),
        (
            "sqlite3: random()",
            "import sqlite3\nout = sqlite3.connect(':memory:').execute('select random()').fetchall()",
        ),
    ],
    "numpy": [
        ("np.random.rand()", "import numpy as np; out = np.random.rand()"),
        ("np.random.RandomState()", "import numpy as np; out = np.random.RandomState().rand()"),
        ("np.random.default_rng()", "import numpy as np; out = np.random.default_rng().random()"),
        ("np.random.SeedSequence()", "import numpy as np; out = np.random.SeedSequence().entropy"),
        (
            "np.random.Generator(PCG64())",
            "import numpy as np; out = np.random.Generator(np.random.PCG64()).random()",
        ),
    ],
    "scipy": [
        ("stats.norm.rvs()", "from scipy import stats; out = stats.norm.rvs()"),
        ("stats.Normal().sample()", "from scipy import stats; out = stats.Normal().sample()"),
        ("stats.qmc.Sobol", "from scipy.stats import qmc; out = qmc.Sobol(2).random(2).tolist()"),
        (
            "stats.qmc.LatinHypercube",
            "from scipy.stats import qmc; out = qmc.LatinHypercube(2).random(2).tolist()",
        ),
        (
            "stats.bootstrap",
            "import numpy as np; from scipy import stats\n"
            "out = stats.bootstrap((np.arange(9.),), np.mean, n_resamples=99).standard_error",
        ),
        (
            "optimize.differential_evolution",
            "from scipy import optimize as o\n"
            "out = o.differential_evolution(lambda x: x[0]**2, [(-1, 2)], maxiter=2).x.tolist()",
        ),
        (
            "sparse.random_array",
            "from scipy import sparse; out = sparse.random_array((9, 9)).sum()",
        ),
        (
            "sparse.linalg.eigsh",
            "import numpy as np; from scipy.sparse import diags, linalg\n"
            "out = linalg.eigsh(diags(np.arange(50.)), k=2)[1].tolist()",
        ),
    ],
    "pandas": [
        ("DataFrame.sample()", "import pandas as pd; out = pd.Series(range(99)).sample(3).tolist()")
    ],
    "scikit-learn": [
        (
            "train_test_split",
            "from sklearn.model_selection import train_test_split as t; out = t(list(range(50)))",
        ),
        (
            "RandomForestClassifier(n_jobs=2)",
            _XY + "from sklearn.ensemble import RandomForestClassifier as C\n"
            "out = C(9, n_jobs=2).fit(X, y).feature_importances_.tolist()",
        ),
        (
            "KMeans",
            _XY + "from sklearn.cluster import KMeans\n"
            "out = KMeans(5, n_init=1, init='random').fit(X).cluster_centers_.tolist()",
        ),
        (
            "MLPClassifier",
            _XY + "from sklearn.neural_network import MLPClassifier as M\n"
            "out = M((4,), max_iter=3).fit(X, y).loss_",
        ),
        (
            "joblib, loky: np.random in the task",
            "import joblib\ndef task(_):\n    import numpy\n    return numpy.random.rand()\n"
            "out = sorted(joblib.Parallel(2)(joblib.delayed(task)(i) for i in range(4)))\n"
            "from joblib.externals.loky import get_reusable_executor as e; e().shutdown(wait=True)",
        ),
    ],
    "numba": [
        (
            "@njit: np.random and random",
            "import numba, numpy as np, random\n"
            "f = numba.njit(lambda: (np.random.rand(), random.random())); out = f()",
        ),
        (
            "@njit(parallel=True): prange",
            "import numba, numpy as np\n@numba.njit(parallel=True)\ndef f():\n"
            "    r = np.empty(64)\n    for i in numba.prange(64): r[i] = np.random.rand()\n"
            "    return r\nout = f().tolist()",
        ),
    ],
    "polars": [
        (
            "DataFrame.sample()",
            "import polars as pl; out = pl.Series(range(99)).sample(3).to_list()",
        ),
        ("Series.shuffle()", "import polars as pl; out = pl.Series(range(99)).shuffle().to_list()"),
        (
            "DataFrame.unique() order",
            "import polars as pl\n"
            "out = pl.DataFrame({'a': [str(i) for i in range(997)]}).unique()['a'].to_list()",
        ),
    ],
    "dask": [
        (
            "dask.array.random",
            "import dask.array as da; out = float(da.random.random(9, chunks=3).sum().compute())",
        ),
        (
            "dask.array.random.default_rng()",
            "import dask.array as da\n"
            "out = float(da.random.default_rng().random(9, chunks=3).sum().compute())",
        ),
        (
            "dask.dataframe sample",
            "import pandas as pd, dask.dataframe as dd\n"
            "d = dd.from_pandas(pd.DataFrame({'a': range(99)}), npartitions=3)\n"
            "out = d.sample(frac=.1).compute().a.tolist()",
        ),
    ],
    "gymnasium": [
        (
            "env.reset()",
            "import gymnasium; out = gymnasium.make('CartPole-v1').reset()[0].tolist()",
        ),
        (
            "action_space.sample()",
            "import gymnasium; e = gymnasium.make('CartPole-v1')\n"
            "out = [int(e.action_space.sample()) for _ in range(32)]",
        ),
    ],
    "xgboost": [
        (
            "XGBClassifier(subsample=0.5)",
            _XY + "from xgboost import XGBClassifier as C\n"
            "out = C(n_estimators=3, subsample=.5).fit(X, y).predict_proba(X).tolist()",
        )
    ],
    "lightgbm": [
        (
            "LGBMClassifier with bagging",
            _XY + "from lightgbm import LGBMClassifier as C\n"
            "out = C(n_estimators=3, subsample=.5, subsample_freq=1, verbose=-1)"
            ".fit(X, y).predict_proba(X).tolist()",
        )
    ],
    "torch": [
        ("torch.rand()", "import torch; out = torch.rand(2).tolist()"),
        ("nn.Linear, dropout", _TRAIN + "out = model(torch.ones(9, 4)).tolist()"),
        (
            "random_split",
            "import torch; out = [list(s) for s in torch.utils.data.random_split(range(9), [5, 4])]",
        ),
        (
            "DataLoader(shuffle=True)",
            "import torch; out = torch.cat(list(torch.utils.data.DataLoader(range(99),"
            " shuffle=True))).tolist()",
        ),
        (
            "DataLoader, 2 workers: random, numpy, torch",
            _ROWS.format(
                row="random.random(), np.random.rand(), torch.rand(1).item()",
                options="num_workers=2",
            ),
        ),
        (
            "DataLoader, 2 workers: default_rng(), Random()",
            _ROWS.format(
                row="np.random.default_rng().random(), random.Random().random()",
                options="num_workers=2",
            ),
        ),
        (
            "the same, persistent_workers=True",
            _ROWS.format(
                row="np.random.default_rng().random(), random.Random().random()",
                options="num_workers=2, persistent_workers=True",
            ),
        ),
        ("torch.seed()", "import torch; torch.seed(); out = torch.rand(1).item()"),
        (
            "torch.Generator().seed()",
            "import torch; g = torch.Generator(); g.seed()\n"
            "out = torch.rand(1, generator=g).item()",
        ),
    ],
    "lightning": [
        (
            "Trainer.fit with dropout",
            _TRAIN + "import pytorch_lightning as pl\n"
            "class M(pl.LightningModule):\n"
            "    def __init__(self): super().__init__(); self.m = model\n"
            "    def training_step(self, b, i): return (self.m(b[0]) - b[1]).pow(2).mean()\n"
            "    def configure_optimizers(self):"
            " return torch.optim.SGD(self.parameters(), lr=.1)\n"
            "t = pl.Trainer(max_epochs=2, logger=False, enable_checkpointing=False,\n"
            "    enable_progress_bar=False, enable_model_summary=False, accelerator='cpu')\n"
            "t.fit(M(), torch.utils.data.DataLoader(data, batch_size=8, shuffle=True))\n"
            "out = [p.tolist() for p in model.parameters()]",
        )
    ],
    "transformers": [
        (
            "BertModel(config)",
            "import transformers as t\n"
            "m = t.BertModel(t.BertConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1,"
            " num_attention_heads=2, intermediate_size=16))\n"
            "out = [p.sum().item() for p in m.parameters()]",
        )
    ],
    "jax": [
        ("jax.random.key(0)", "import jax; out = float(jax.random.uniform(jax.random.key(0)))"),
        (
            "jax key from np.random",
            "import jax, numpy as np\n"
            "out = float(jax.random.uniform(jax.random.key(np.random.randint(2**31))))",
        ),
        (
            "jax.random.key(time.time_ns())",
            "import jax, time; out = float(jax.random.uniform(jax.random.key(time.time_ns() % 2**31)))",
        ),
        (
            "jax key from os.urandom",
            "import jax, os\nseed = int.from_bytes(os.urandom(3), 'big')\n"
            "out = float(jax.random.uniform(jax.random.key(seed)))",
        ),
    ],
    "tensorflow": [
        ("tf.random.uniform()", "import tensorflow as tf; out = tf.random.uniform((3,)).numpy()"),
        (
            "tf.random.get_global_generator()",
            "import tensorflow as tf; out = tf.random.get_global_generator().uniform((3,)).numpy()",
        ),
        (
            "tf.random.Generator.from_non_deterministic_state()",
            "import tensorflow as tf\n"
            "out = tf.random.Generator.from_non_deterministic_state().uniform((3,)).numpy()",
        ),
        (
            "tf.data: shuffle",
            "import tensorflow as tf\n"
            "out = [int(x) for x in tf.data.Dataset.range(50).shuffle(50)]",
        ),
        (
            "tf.data: shuffle, parallel map of random ops",
            "import tensorflow as tf\n"
            "d = tf.data.Dataset.range(500).map(lambda x: tf.random.uniform(()),"
            " num_parallel_calls=4)\nout = [float(x) for x in d]",
        ),
    ],
    "keras": [
        ("keras.random.uniform()", "import keras; out = float(keras.random.uniform(()))"),
        (
            "keras.random.SeedGenerator()",
            "import keras\n"
            "out = float(keras.random.uniform((), seed=keras.random.SeedGenerator()))",
        ),
        (
            "Dense, Dropout, fit",
            "import keras, numpy as np\n"
            "m = keras.Sequential([keras.layers.Dense(8), keras.layers.Dropout(.5),"
            " keras.layers.Dense(1)])\nm.compile('sgd', 'mse')\n"
            "out = m.fit(np.ones((32, 4)), np.ones(32), epochs=2, verbose=0).history['loss']",
        ),
    ],
    "paddle": [("paddle.rand()", "import paddle; out = paddle.rand([3]).tolist()")],
    "mlx": [("mx.random.uniform()", "import mlx.core as mx; out = mx.random.uniform().item()")],
    "duckdb": [
        ("duckdb: random()", "import duckdb; out = duckdb.sql('select random()').fetchall()"),
        (
            "duckdb: USING SAMPLE",
            "import duckdb; c = duckdb.connect()\n"
            "out = c.execute('select * from range(999) using sample 3').fetchall()",
        ),
    ],
    "pyarrow": [
        ("pyarrow.compute.random()", "import pyarrow.compute as c; out = c.random(3).to_pylist()")
    ],
    "stim": [
        (
            "Circuit.compile_sampler()",
            "import stim; c = stim.Circuit('H 0\\nM 0')\n"
            "out = c.compile_sampler().sample(64).tolist()",
        ),
        ("Tableau.random()", "import stim; out = str(stim.Tableau.random(4))"),
    ],
    "qiskit": [
        (
            "transpile()",
            "from qiskit import QuantumCircuit, transpile\n"
            "from qiskit.transpiler import CouplingMap\nq = QuantumCircuit(8)\n"
            "[q.cx(i, j) for i in range(8) for j in range(8) if i != j]\n"
            "t = transpile(q, coupling_map=CouplingMap.from_line(8))\n"
            "out = [[q.find_bit(b).index for b in i.qubits] for i in t.data]",
        ),
        (
            "AerSimulator().run()",
            "from qiskit import QuantumCircuit\nfrom qiskit_aer import AerSimulator\n"
            "q = QuantumCircuit(1, 1); q.h(0); q.measure(0, 0)\n"
            "out = AerSimulator().run(q, shots=9999).result().get_counts()",
        ),
    ],
    "simpleitk": [
        (
            "AdditiveGaussianNoise()",
            "import SimpleITK as s\n"
            "out = s.GetArrayFromImage(s.AdditiveGaussianNoise(s.Image([9, 9], 8))).tolist()",
        )
    ],
    "leidenalg": [
        (
            "find_partition()",
            "import igraph, leidenalg as l, random\n"
            "g = igraph.Graph.Lattice([30, 30], circular=True)\n"
            "out = l.find_partition(g, l.ModularityVertexPartition).membership",
        )
    ],
    "cma": [
        (
            "CMAEvolutionStrategy",
            "import cma; s = cma.CMAEvolutionStrategy([1, 1], 0.5, {'verbose': -9})\n"
            "out = [x.tolist() for x in s.ask()]",
        )
    ],
    "optuna": [
        (
            "optimize(n_jobs=1)",
            "import optuna; s = optuna.create_study()\n"
            "s.optimize(lambda t: t.suggest_float('x', 0, 1), n_trials=9)\n"
            "out = [t.params for t in s.trials]",
        ),
        (
            "optimize(n_jobs=4)",
            "import optuna; s = optuna.create_study()\n"
            "s.optimize(lambda t: t.suggest_float('x', 0, 1), n_trials=40, n_jobs=4)\n"
            "out = [t.params for t in s.trials]",
        ),
    ],
    "gensim": [
        (
            "Word2Vec(workers=1)",
            "from gensim.models import Word2Vec as W\n"
            "w = [[str(i * j % 97) for j in range(40)] for i in range(400)]\n"
            "out = W(w, min_count=1, workers=1).wv['1'].tolist()",
        ),
        (
            "Word2Vec(workers=4)",
            "from gensim.models import Word2Vec as W\n"
            "w = [[str(i * j % 97) for j in range(40)] for i in range(4000)]\n"
            "out = W(w, min_count=1, workers=4, batch_words=200).wv['1'].tolist()",
        ),
    ],
    "tinygrad": [("Tensor.rand()", "import tinygrad; out = tinygrad.Tensor.rand(3).tolist()")],
}
