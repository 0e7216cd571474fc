"""Seeding seen from a notebook: cells, what is done with them, and what must come out.

A case is data; `test_rng_cases` runs it in real kernels. Cell *i* is sent with the metadata
``cellId: "cell-<i>"``. The tokens in braces keep the cases independent of how a command is
spelled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

TOKENS = {
    "{SEED}": "%load_ext jupyter_repro\n%repro seed=42",
    "{SEED_REPORT}": "%load_ext jupyter_repro\n%repro seed=42 generators=report",
    "{SEED_CELLS}": "%load_ext jupyter_repro\n%repro seed=42 mode=cell",
    "{SEED_43}": "%load_ext jupyter_repro\n%repro seed=43",
    "{SEED_BIG}": "%load_ext jupyter_repro\n%repro seed=5000000000",
    "{SEED_DET}": "%load_ext jupyter_repro\n%repro seed=42 determinism=warn",
    "{STOP}": "%repro off",
    "{STATE}": '__import__("jupyter_repro").get_rng_state()',
    "{RESTORE}": '__import__("jupyter_repro").set_rng_state',
    "{FINDINGS}": '__import__("jupyter_repro").findings()',
}

Scenario = Literal["fresh", "restart", "rerun", "order", "edit", "exact"]
Outcome = Literal["same", "diff", "exact"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One notebook and the question asked of it.

    Parameters
    ----------
    scenario
        ``fresh``: the cells in two fresh kernels; ``restart``: in one kernel before and after a
        restart; ``rerun``: after the first `setup` cells the others twice in one kernel;
        ``order``: in their order in one kernel and in `order` in another, compared cell by cell;
        ``edit``: `cells_b` under the same ids in a second kernel; ``exact``: once, and the last
        cell must print `value`.
    expect
        Whether what the two runs printed must be the same or must differ, or ``exact``.
    needs
        Libraries without which the case is skipped.
    env
        Environment variables of the kernel besides the usual ones; PYTHONHASHSEED is unset.
    ids
        Whether the cells are sent with their ids.
    """

    name: str
    scenario: Scenario
    expect: Outcome
    cells: list[str]
    cells_b: list[str] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    setup: int = 1
    value: str = ""
    needs: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    ids: bool = True


def fill(cell: str) -> str:
    """Return a cell with its tokens filled in."""
    for token, code in TOKENS.items():
        cell = cell.replace(token, code)
    return cell


DRAW = "import random; print(random.random())"

BASICS = [
    Case(
        name="py_random_fresh",
        scenario="fresh",
        expect="same",
        cells=["{SEED}", "import random; print([random.random() for _ in range(3)])"],
    ),
    Case(
        name="np_global_fresh",
        scenario="fresh",
        expect="same",
        needs=("numpy",),
        cells=["{SEED}", "import numpy as np; print(np.random.rand(3), np.random.permutation(5))"],
    ),
    Case(
        name="compat_with_usual_setup_seed",
        scenario="exact",
        expect="exact",
        needs=("numpy", "torch"),
        value="0.6394267984578837 0.3745401188473625 0.8822692632675171",
        cells=[
            "{SEED}",
            (
                "import random, numpy as np, torch\n"
                "print(random.random(), np.random.rand(), torch.rand(1).item())"
            ),
        ],
    ),
    Case(
        name="seed_restart",
        scenario="restart",
        expect="same",
        needs=("numpy",),
        cells=["{SEED}", "import numpy as np, random; print(random.random(), np.random.rand())"],
    ),
    Case(
        name="other_seed_differs",
        scenario="edit",
        expect="diff",
        cells=["{SEED}", DRAW],
        cells_b=["{SEED_43}", DRAW],
    ),
    Case(
        name="seed_above_32_bit",
        scenario="fresh",
        expect="same",
        needs=("numpy", "torch"),
        cells=[
            "{SEED_BIG}",
            (
                "import numpy as np, torch, random\n"
                "print(random.random(), np.random.rand(), torch.rand(1).item())"
            ),
        ],
    ),
    Case(
        name="reseed_resets_stream",
        scenario="exact",
        expect="exact",
        value="True",
        cells=[
            "{SEED}\nimport random; first = [random.random() for _ in range(3)]",
            "{SEED}",
            "print(first == [random.random() for _ in range(3)])",
        ],
    ),
    Case(
        name="sequential_mode_rerun_continues",
        scenario="rerun",
        expect="diff",
        cells=["{SEED}", DRAW],
    ),
    Case(
        name="cells_with_their_own_generators_do_not_depend_on_the_order",
        scenario="order",
        expect="same",
        order=[0, 2, 1],
        cells=[
            "{SEED}",
            "import random; print(random.Random(1).random())",
            "import random; print(random.Random(2).random())",
        ],
    ),
    Case(
        name="the_stream_goes_on_after_stop",
        scenario="exact",
        expect="exact",
        value="0.025010755222666936",
        cells=["{SEED}", "import random; first = random.random()", "{STOP}", DRAW],
    ),
    Case(
        name="nothing_is_seeded_after_stop",
        scenario="fresh",
        expect="diff",
        needs=("numpy",),
        cells=["{SEED}", "{STOP}", "import numpy as np; print(np.random.rand())"],
    ),
]

LATE_IMPORT = [
    Case(
        name="seeding_imports_nothing",
        scenario="exact",
        expect="exact",
        value="[]",
        cells=[
            "{SEED}",
            (
                "import sys\n"
                'names = "torch tensorflow jax numba polars scipy pandas sklearn".split()\n'
                "print([name for name in names if name in sys.modules])"
            ),
        ],
    ),
    Case(
        name="torch_imported_after_seed_same_cell",
        scenario="fresh",
        expect="same",
        needs=("torch",),
        cells=["{SEED}", "import torch; print(torch.rand(3))"],
    ),
    Case(
        name="numpy_random_is_a_lazy_submodule",
        scenario="fresh",
        expect="same",
        needs=("numpy",),
        cells=["import numpy as np", "{SEED}", "print(np.random.rand())"],
    ),
    Case(
        name="torch_imported_in_thread",
        scenario="fresh",
        expect="same",
        needs=("torch",),
        cells=[
            "{SEED}",
            (
                "import threading\n"
                'thread = threading.Thread(target=lambda: __import__("torch"))\n'
                "thread.start(); thread.join()"
            ),
            "import torch; print(torch.rand(2))",
        ],
    ),
    Case(
        name="numba_jit_rng",
        scenario="fresh",
        expect="same",
        needs=("numba",),
        cells=[
            "{SEED}",
            (
                "import numba, numpy as np\n"
                "@numba.njit\n"
                "def f(): return np.random.rand()\n"
                "print(f(), f())"
            ),
        ],
    ),
    Case(
        name="polars_sample",
        scenario="fresh",
        expect="same",
        needs=("polars",),
        cells=[
            "{SEED}",
            (
                "import polars as pl\n"
                'print(pl.DataFrame({"a": range(100)}).sample(5)["a"].to_list())'
            ),
        ],
    ),
    Case(
        name="torch_import_still_running_in_a_thread_when_the_seed_comes",
        scenario="exact",
        expect="exact",
        value="0.8822692632675171",
        needs=("torch",),
        cells=[
            (
                "import sys, threading\n"
                'thread = threading.Thread(target=lambda: __import__("torch"))\n'
                "thread.start()\n"
                'while "torch" not in sys.modules: pass'
            ),
            "{SEED}",
            "thread.join()",
            "import torch; print(torch.rand(1).item())",
        ],
    ),
]

LEFT_ALONE = [
    Case(
        name="seeded_generator_unchanged",
        scenario="exact",
        expect="exact",
        value="0.8050029237453802 True",
        needs=("numpy",),
        cells=[
            "{SEED}",
            (
                "import numpy as np; generator = np.random.default_rng(5)\n"
                "print(generator.random(), type(np.random.default_rng()) is np.random.Generator)"
            ),
        ],
    ),
    Case(
        name="secrets_are_never_seeded",
        scenario="fresh",
        expect="diff",
        cells=["{SEED}", "import secrets, uuid, os, random; print(secrets.token_hex(8))"],
    ),
    Case(
        name="uuids_are_never_seeded",
        scenario="fresh",
        expect="diff",
        cells=["{SEED}", "import uuid; print(uuid.uuid4())"],
    ),
    Case(
        name="temp_names_are_never_seeded",
        scenario="fresh",
        expect="diff",
        cells=["{SEED}", "import tempfile, os; print(os.path.basename(tempfile.mktemp()))"],
    ),
]

GENERATORS = [
    Case(
        name="report_only_keeps_entropy",
        scenario="fresh",
        expect="diff",
        needs=("numpy",),
        cells=["{SEED_REPORT}", "import numpy as np; print(np.random.default_rng().random())"],
    ),
    Case(
        name="report_only_reports",
        scenario="exact",
        expect="exact",
        value="['unseeded-generator', 'unseeded-generator']",
        needs=("numpy",),
        env={"PYTHONHASHSEED": "0"},
        cells=[
            "{SEED_REPORT}",
            "import random, numpy as np\nnp.random.default_rng()\nrandom.Random();",
            'print([finding["kind"] for finding in {FINDINGS}])',
        ],
    ),
    Case(
        name="default_rng_is_reported_with_line",
        scenario="exact",
        expect="exact",
        value="[('cell-1', 2)]",
        needs=("numpy",),
        cells=[
            "{SEED}",
            "import numpy as np\nr=np.random.default_rng()\nr2=np.random.default_rng(3)",
            (
                'print([(finding["cell"], finding["line"]) for finding in {FINDINGS}'
                ' if finding["kind"] == "unseeded-generator"])'
            ),
        ],
    ),
    Case(
        name="the_cell_of_a_function_is_told_not_the_one_that_calls_it",
        scenario="exact",
        expect="exact",
        value="[('In [2]', 3)]",
        needs=("numpy",),
        ids=False,
        cells=[
            "{SEED}",
            "import numpy as np\ndef f():\n    return np.random.default_rng()",
            "f(); f();",
            (
                'print([(finding["cell"], finding["line"]) for finding in {FINDINGS}'
                ' if finding["kind"] == "unseeded-generator"])'
            ),
        ],
    ),
    Case(
        name="default_rng_is_derived",
        scenario="fresh",
        expect="same",
        needs=("numpy",),
        cells=[
            "{SEED}",
            (
                "import numpy as np\n"
                "print(np.random.default_rng().random(), np.random.default_rng().random(),"
                " np.random.RandomState().rand())"
            ),
        ],
    ),
    Case(
        name="default_rng_bound_before_seeding",
        scenario="fresh",
        expect="same",
        needs=("numpy",),
        cells=[
            "from numpy.random import default_rng, SeedSequence",
            "{SEED}",
            "print(default_rng().random(), SeedSequence().entropy)",
        ],
    ),
    Case(
        name="random_Random_is_derived",
        scenario="fresh",
        expect="same",
        cells=[
            "{SEED}",
            "import random; print(random.Random().random(), random.Random().random())",
        ],
    ),
    Case(
        name="off_gives_entropy_back",
        scenario="fresh",
        expect="diff",
        needs=("numpy",),
        cells=[
            "{SEED}",
            "{STOP}",
            "import random, numpy as np; print(np.random.default_rng().random())",
        ],
    ),
    Case(
        name="off_gives_entropy_back_to_random_Random",
        scenario="fresh",
        expect="diff",
        cells=["{SEED}", "{STOP}", "import random; print(random.Random().random())"],
    ),
]

HASHES = [
    Case(
        name="hash_order_is_reported",
        scenario="exact",
        expect="exact",
        value="1",
        cells=[
            "{SEED}",
            'print(sum(finding["kind"] == "hash-randomization" for finding in {FINDINGS}))',
        ],
    ),
    Case(
        name="hash_order_fixed_by_env",
        scenario="fresh",
        expect="same",
        env={"PYTHONHASHSEED": "0"},
        cells=[
            "{SEED}",
            (
                'print(list({"a%d" % i for i in range(30)}),'
                ' sum(finding["kind"] == "hash-randomization" for finding in {FINDINGS}))'
            ),
        ],
    ),
]

DRAW_ALL = (
    "import random, numpy as np; print(random.random(), np.random.rand(),"
    " np.random.default_rng().random(), random.Random().random())"
)

CELLS = [
    Case(
        name="cell_rerun",
        scenario="rerun",
        expect="same",
        needs=("numpy",),
        cells=[
            "{SEED_CELLS}",
            "import random; print(random.random())",
            "import numpy as np; print(np.random.rand(2), random.random())",
        ],
    ),
    Case(
        name="cell_rerun_of_generators_without_a_seed",
        scenario="rerun",
        expect="same",
        needs=("numpy",),
        cells=["{SEED_CELLS}", DRAW_ALL, DRAW_ALL],
    ),
    Case(
        name="cell_out_of_order",
        scenario="order",
        expect="same",
        order=[0, 3, 1, 2],
        needs=("numpy",),
        cells=[
            "{SEED_CELLS}\nimport random, numpy as np",
            "print(random.random())",
            "print(np.random.rand())",
            "print(random.random(), np.random.rand())",
        ],
    ),
    Case(
        name="cells_out_of_order_import_where_they_are_first",
        scenario="order",
        expect="same",
        order=[0, 2, 1],
        needs=("numpy", "torch"),
        cells=[
            "{SEED_CELLS}",
            "import torch, numpy as np; print(torch.rand(1), np.random.rand())",
            "import torch, numpy as np; print(torch.rand(2), np.random.rand())",
        ],
    ),
    Case(
        name="cells_without_ids_out_of_order",
        scenario="order",
        expect="same",
        order=[0, 2, 1],
        ids=False,
        cells=["{SEED_CELLS}", DRAW, "import random\nprint(random.random(), 2)"],
    ),
    Case(
        name="cells_alike_without_ids_differ",
        scenario="exact",
        expect="exact",
        value="2",
        ids=False,
        cells=[
            "{SEED_CELLS}\nimport random; drawn = set()",
            "drawn.add(random.random())",
            "drawn.add(random.random())",
            "print(len(drawn))",
        ],
    ),
    Case(
        name="cells_alike_with_ids_differ",
        scenario="exact",
        expect="exact",
        value="2",
        cells=[
            "{SEED_CELLS}\nimport random; drawn = set()",
            "drawn.add(random.random())",
            "drawn.add(random.random())",
            "print(len(drawn))",
        ],
    ),
    *(
        Case(
            name=f"cell_comment_edit_keeps_stream_{'with' if ids else 'without'}_ids",
            scenario="edit",
            expect="same",
            ids=ids,
            cells=["{SEED_CELLS}", DRAW],
            cells_b=["{SEED_CELLS}", f"# a comment\n\n{DRAW}  # another"],
        )
        for ids in (True, False)
    ),
    Case(
        name="a_seed_of_the_users_in_the_cell_wins",
        scenario="exact",
        expect="exact",
        value="0.6229016948897019",
        cells=["{SEED_CELLS}", f"import random; random.seed(5); {DRAW}"],
    ),
    Case(
        name="cells_go_on_after_all_that_can_happen_between_them",
        scenario="order",
        expect="same",
        order=[0, 6, 5, 4, 3, 2, 1],
        cells=[
            "{SEED_CELLS}\nimport random",
            "get_ipython().run_cell('import random; inner = random.random()');\n" + DRAW,
            "import asyncio; await asyncio.sleep(0); " + DRAW,
            "   ",
            "%%bash\ntrue",
            "x = random.random()\n%who_ls\nprint(x)",
            (
                "import threading\n"
                "thread = threading.Thread(target=get_ipython().events.trigger,"
                " args=('pre_run_cell', None))\n"
                "first = random.random(); thread.start(); thread.join()\n"
                "print(first, random.random())"
            ),
        ],
    ),
    Case(
        name="off_ends_the_streams_of_cells",
        scenario="rerun",
        expect="diff",
        cells=["{SEED_CELLS}\n{STOP}", DRAW],
    ),
]

IMPORTS_THAT_DRAW = [
    Case(
        name="what_a_library_draws_at_its_import_moves_nothing",
        scenario="exact",
        expect="exact",
        value="0.6394267984578837 0.3745401188473625",
        needs=("sklearn", "rich"),
        cells=[
            "{SEED}",
            (
                "import rich.style, sklearn.ensemble, random, numpy as np\n"
                "print(random.random(), np.random.rand())"
            ),
        ],
    ),
]

STATES = [
    Case(
        name="a_checkpoint_brings_the_numbers_back",
        scenario="exact",
        expect="exact",
        value="True",
        needs=("numpy", "torch"),
        cells=[
            "{SEED}",
            (
                "import random, numpy as np, torch\n"
                "def draw():\n"
                "    return (random.gauss(0, 1), np.random.randn(), torch.randn(1).item(),\n"
                "            np.random.default_rng().random(), random.Random().random())\n"
                "draw(); state = {STATE}; first = draw()"
            ),
            "{RESTORE}(state); print(first == draw())",
        ],
    ),
    Case(
        name="checkpoint_and_restore_by_name",
        scenario="exact",
        expect="exact",
        value="True",
        needs=("numpy",),
        cells=[
            "{SEED}\n%repro checkpoint before",
            "import random; first = random.random()",
            "%repro restore before",
            "print(first == random.random())",
        ],
    ),
    Case(
        name="a_cell_with_a_seed_of_its_own",
        scenario="exact",
        expect="exact",
        value="True 0.32383276483316237 0.07630828937395717",
        needs=("numpy",),
        cells=[
            "{SEED}\nimport random, numpy as np",
            "x = random.random(), np.random.rand()\n%repro checkpoint before",
            (
                "%%repro seed=7\nawait __import__('asyncio').sleep(0)\n"
                "inner = random.random(), np.random.rand()"
            ),
            "outer = random.random(), np.random.rand()",
            "%repro restore before",
            "print(outer == (random.random(), np.random.rand()), *inner)",
        ],
    ),
]

NUMERICS = [
    # Without deterministic algorithms the digest differs from run to run on two cores or more
    Case(
        name="index_backward_deterministic",
        scenario="fresh",
        expect="same",
        needs=("torch",),
        cells=[
            "{SEED_DET}",
            """import torch, hashlib
weights = torch.randn(1000, requires_grad=True)
index, values = torch.randint(0, 1000, (100_000,)), torch.randn(100_000)
optimizer = torch.optim.SGD([weights], lr=50.0)
for _ in range(30):
    optimizer.zero_grad()
    loss = (weights[index] * values - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
print(hashlib.sha256(weights.detach().numpy().tobytes()).hexdigest())""",
        ],
    ),
]

CASES = [
    *BASICS,
    *LATE_IMPORT,
    *LEFT_ALONE,
    *GENERATORS,
    *HASHES,
    *CELLS,
    *IMPORTS_THAT_DRAW,
    *STATES,
    *NUMERICS,
]
