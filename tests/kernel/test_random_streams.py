"""Random numbers in a real kernel: cells with a seed of their own, checkpoints, reconnecting."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.live import TIMEOUT, LiveKernel, live_kernel

pytestmark = pytest.mark.kernel

SEED = "%load_ext jupyter_repro\n%repro seed=42\nimport random"
FIRST, SECOND = "0.6394267984578837", "0.025010755222666936"
FIRST_OF_7 = "0.32383276483316237"
DRAW = "print(random.random())"


@pytest.fixture
def kernel() -> Iterator[LiveKernel]:
    with live_kernel() as running:
        assert running.run(SEED).error is None
        yield running


def test_a_front_end_that_connects_moves_nothing(kernel: LiveKernel) -> None:
    for _ in range(3):
        kernel.client.kernel_info(reply=True, timeout=TIMEOUT)
    assert kernel.run(DRAW).stdout.strip() == FIRST
    tip = "getattr(get_ipython(), 'enable_tip', False)"
    assert kernel.run(tip).result == "False"
    kernel.run("%repro off")
    # IPython 8 has no tips
    assert kernel.run(tip).result == kernel.run("hasattr(get_ipython(), 'enable_tip')").result


@pytest.mark.parametrize(
    "cell",
    [
        f"%%repro seed=7\n{DRAW}",
        f"%%repro  seed = '7'\n\n{DRAW}\n1 / 0",
        f"%%repro seed=7\n%%time\n{DRAW}",
        f"%%time\n%%repro seed=7\n{DRAW}",
        f"%%repro seed=7\n{DRAW}\nraise KeyboardInterrupt",
        f"%%repro seed=7\n{DRAW}\nawait __import__('asyncio').sleep(0)",
        f"get_ipython().run_cell_magic('repro', 'seed=7', {DRAW!r})",
        f"%%repro seed=7\nget_ipython().run_cell('')\nget_ipython().run_cell({DRAW!r});",
    ],
)
def test_a_cell_with_a_seed_of_its_own(kernel: LiveKernel, cell: str) -> None:
    assert kernel.run(DRAW).stdout.strip() == FIRST
    for _ in range(2):
        run = kernel.run(cell)
        assert run.stdout.splitlines()[0] == FIRST_OF_7, run
        assert (run.error is not None) == ("1 / 0" in cell or "KeyboardInterrupt" in cell)
    assert kernel.run(DRAW).stdout.strip() == SECOND


def test_an_error_under_a_seed_is_told_once_and_with_its_line(kernel: LiveKernel) -> None:
    run = kernel.run("%%repro seed=7\n\n1 / 0")
    assert run.error is not None
    assert run.error.count("division by zero") == 1
    assert "line 3" in run.error


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "takes a seed"),
        ("seed=x", "seed must be an integer"),
        ("seed=7 determinism=warn", "takes a seed and nothing else"),
        ("check", "takes a seed"),
        ("sed=7", "Did you mean 'seed'"),
    ],
)
def test_a_wrong_line_runs_nothing(kernel: LiveKernel, line: str, said: str) -> None:
    run = kernel.run(f"%%repro {line}\nprint('ran')")
    assert run.error is not None
    assert said in run.error
    assert run.error.count("\n") == 0
    assert run.stdout == ""
    assert kernel.run(DRAW).stdout.strip() == FIRST


def test_a_seed_for_one_cell_alone_leaves_nothing_behind() -> None:
    state = (
        "import sys, json; json.dumps([[type(f).__name__ for f in sys.meta_path],"
        " {k: len(v) for k, v in get_ipython().events.callbacks.items()}])"
    )
    with live_kernel() as kernel:
        kernel.run("%load_ext jupyter_repro\nimport random; random.seed(42)")
        before = kernel.run(state).result
        run = kernel.run(
            f"%%repro seed=7\n{DRAW}\nimport numpy as np\n"
            "print(np.random.default_rng().random(), np.random.rand())"
        )
        again = kernel.run(
            f"%%repro seed=7\n{DRAW}\nprint(np.random.default_rng().random(), np.random.rand())"
        )
        assert run.error is None
        assert run.stdout == again.stdout
        assert kernel.run(DRAW).stdout.strip() == FIRST
        assert kernel.run(state).result == before
        assert "Nothing is seeded" in str(kernel.run("%repro").displays)


def test_what_a_cell_with_a_seed_of_its_own_says_about_the_whole_holds(
    kernel: LiveKernel,
) -> None:
    kernel.run(f"%%repro seed=7\n{DRAW}\n%repro seed=42")
    assert kernel.run(DRAW).stdout.strip() == FIRST
    run = kernel.run(f"%%repro seed=7\n%repro off\n{DRAW}")
    assert run.stdout.splitlines()[-1] == SECOND
    assert "Nothing is seeded" in str(kernel.run("%repro").displays)


def test_the_manual_of_the_cell_magic_is_the_same(kernel: LiveKernel) -> None:
    kernel.run("%%repro?")
    assert kernel.run(DRAW).stdout.strip() == FIRST


def test_unloading_takes_the_cell_magic_away(kernel: LiveKernel) -> None:
    count = "len(get_ipython().input_transformers_cleanup)"
    loaded = kernel.run(count).result
    kernel.run("%unload_ext jupyter_repro")
    assert loaded is not None
    assert kernel.run(count).result == str(int(loaded) - 1)
    run = kernel.run("%%repro seed=7\n1")
    assert "not found" in f"{run.error}{run.stderr}"


def test_a_checkpoint_in_a_file_outlives_the_kernel(kernel: LiveKernel, tmp_path: Path) -> None:
    file = tmp_path / "my checkpoint.json"
    run = kernel.run(f"random.random()\n%repro checkpoint here file='{file}'")
    assert "Saved the random state as 'here' in memory and in" in run.stdout
    assert set(json.loads(file.read_text())) == {"format", "schema_version", "states"}
    assert kernel.run(DRAW).stdout.strip() == SECOND
    with live_kernel() as other:
        other.run("%load_ext jupyter_repro\nimport random")
        run = other.run(f"%repro restore file='{file}'")
        assert run.stdout == f"Restored the random state from {file}.\n"
        assert other.run(DRAW).stdout.strip() == SECOND


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("checkpoint", "needs a name"),
        ("checkpoint a b", "takes one name, but got a and b"),
        ("restore", "either the name of a checkpoint or file=PATH"),
        ("restore a file=b", "either the name of a checkpoint or file=PATH"),
        ("restore a", "no checkpoint 'a' (there are none)"),
        ("restore file=/no/such/file", "cannot be read: No such file"),
        ("checkpoint a file=/no/such/file", "cannot be written"),
        ("check file=a", "%repro check takes no file"),
    ],
)
def test_wrong_use_of_checkpoints_is_one_sentence(kernel: LiveKernel, line: str, said: str) -> None:
    run = kernel.run(f"%repro {line}")
    assert run.error is not None
    assert run.error.count("\n") == 0
    assert said in run.error
