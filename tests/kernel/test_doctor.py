"""``%repro doctor`` in a real kernel: what it says, and that nobody notices its further runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel.live import LiveKernel, Run, live_kernel

pytestmark = pytest.mark.kernel
pytest.importorskip("numpy")

SETUP = """%load_ext jupyter_repro
%repro seed=42 determinism=off
import random, threading, time, uuid
import numpy as np
log, calls, lock = [], 0, threading.Lock()
def count():
    global calls
    calls += 1
    log.append(calls)
    return random.random()"""


@pytest.fixture(scope="module")
def shared() -> Iterator[LiveKernel]:
    with live_kernel() as running:
        assert running.run(SETUP).error is None
        yield running


@pytest.fixture
def kernel(shared: LiveKernel) -> LiveKernel:
    shared.run("%repro seed=42 determinism=off\nlog.clear(); calls = 0")
    return shared


def told(run: Run) -> str:
    assert run.error is None, run.error
    texts = [display["data"]["text/plain"] for display in run.displays]
    (text,) = [text for text in texts if "Run twice" in text]
    assert "<table>" in run.displays[-1]["data"]["text/html"]
    return str(text)


def test_what_repeats_and_that_nothing_is_left_behind(kernel: LiveKernel) -> None:
    run = kernel.run(
        "%%repro doctor\nx = np.random.rand(3)\ng = np.random.default_rng().random()\n"
        "print('shown once')\nlog.append(count())\nx.sum()"
    )
    text = told(run)
    assert "bitwise identical" in text
    assert "Likely cause" not in text
    assert run.stdout == "shown once\n"
    assert run.result is not None
    after = kernel.run("print(calls, len(log), x[0], random.random())").stdout.split()
    alone = kernel.run(
        "%repro seed=42 determinism=off\nlog.clear(); calls = 0\n"
        "x = np.random.rand(3); np.random.default_rng(); log.append(count())\n"
        "print(calls, len(log), x[0], random.random())"
    ).stdout.split()
    assert after == alone == ["1", "2", "0.3745401188473625", after[3]]


def test_a_function(kernel: LiveKernel) -> None:
    text = told(kernel.run("%repro doctor count"))
    assert "bitwise identical" in text
    assert kernel.run("print(calls, log)").stdout == "1 [1]\n"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            "t = uuid.uuid4().hex",
            ["different", "t: a different text", "No cause is confirmed. The code takes entropy"],
        ),
        (
            "r = random.SystemRandom().random()",
            ["different", "r: a different number", "threads=1", "determinism=strict"],
        ),
        (
            "import itertools\nvalue = 1.0 + next(n) * 2**-52",
            ["identical up to 1 ULP", "Rounding alone", "2.22e-16"],
        ),
        ("with lock: y = 1", ["bitwise identical", "lock cannot be copied"]),
        ("thing = iter([])", ["bitwise identical", "thing (list_iterator) is not compared"]),
        ("if next(n) % 2: raise OSError('again')\ny = 2", ["stopped: OSError: again"]),
    ],
)
def test_what_differs_and_why(kernel: LiveKernel, cell: str, expected: list[str]) -> None:
    # A generator cannot be copied, so each run gets its next number
    kernel.run("n = (number for number in range(100))")
    text = told(kernel.run(f"%%repro doctor\n{cell}"))
    for part in expected:
        assert part in text


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("np.random.seed(int(time.time()) >> 20)\nx = np.random.rand()", "reads the clock"),
        ("import datetime\nx = datetime.date.today() and 1", "reads the clock"),
        ("x = len(uuid.uuid4().hex)", "takes entropy from the system"),
        (
            "t = threading.Thread(target=len, args=('',))\nt.start(); t.join(); x = 1",
            "starts threads",
        ),
        (
            (
                "from concurrent.futures import ProcessPoolExecutor\n"
                "from multiprocessing import get_context\n"
                "def double(i): return 2 * i\n"
                "with ProcessPoolExecutor(1, mp_context=get_context('fork')) as pool:\n"
                "    x = list(pool.map(double, range(3)))\ndel pool"
            ),
            "leaves work to different processes",
        ),
    ],
)
def test_what_two_runs_in_one_process_cannot_show(
    kernel: LiveKernel, cell: str, expected: str
) -> None:
    text = told(kernel.run(f"%%repro doctor\n{cell}"))
    assert "bitwise identical" in text
    assert f"! The code {expected}" in text
    assert "two kernels may differ for it" in text
    assert "sets of strings" in text
    assert kernel.run("import sys; sys.getprofile(), __import__('__main__').x is x").result == (
        "(None, True)"
    )


def test_what_is_seen_is_the_codes_own(kernel: LiveKernel) -> None:
    text = told(kernel.run("%%repro doctor\nimport tempfile\nx = [len(tempfile.mktemp()), 1]"))
    assert "! The code" not in text


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ([0, 1, 5, 5, 5, 5, 2, 3], "Likely cause: Several threads"),
        ([0, 1, 5, 5, 5, 5, 2, 0], "No cause is confirmed: unchanged runs differ only sometimes"),
        ([0, 1, 5, 5, 6, 7, 2, 3], "No cause is confirmed."),
    ],
)
def test_a_cause_is_named_only_once_it_is_confirmed(values: list[int], cause: str) -> None:
    with live_kernel() as kernel:
        kernel.run(f"{SETUP}\nn = (number for number in {values} + [8] * 9)")
        text = told(kernel.run("%%repro doctor\nv = [next(n)]"))
        assert cause in text
        assert text.count("cause") == 1


def test_a_generator_that_is_left_its_entropy(kernel: LiveKernel) -> None:
    kernel.run("%repro seed=42 generators=report determinism=off")
    text = told(kernel.run("%%repro doctor\nv = np.random.default_rng().random()"))
    assert "An unseeded source of random numbers: A generator of NumPy" in text
    found = "import jupyter_repro; [f['count'] for f in jupyter_repro.findings() if f['line']]"
    assert kernel.run(found).result == "[1]"


def test_a_library_that_the_first_run_imports() -> None:
    with live_kernel() as kernel:
        kernel.run("%load_ext jupyter_repro\n%repro seed=42 determinism=off\nimport numpy as np")
        run = kernel.run("%%repro doctor\nprint(np.random.rand())")
        assert "bitwise identical" in told(run)
        assert run.stdout.strip() == "0.3745401188473625"


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%%repro doctor\n1 / 0", "The cell failed"),
        ("%%repro doctor\nx ==", "not valid Python: invalid syntax (line 1)"),
        ("%%repro doctor\n!ls", "Remove magics and shell commands"),
        ("%%repro doctor\n%%time\n1", "Remove magics and shell commands"),
        ("%%repro doctor\nawait x", "A cell with await"),
        ("%%repro doctor now\n1", "takes a seed and nothing else"),
        ("%repro doctor", "takes the name of a function"),
        ("%repro doctor nothing", "This notebook has no function nothing"),
        ("%repro doctor len", "This notebook has no function len"),
        ("%repro doctor twice", "without arguments and await"),
        ("%repro doctor count seed=1", "%repro doctor takes no seed"),
    ],
)
def test_wrong_use_is_one_sentence(kernel: LiveKernel, cell: str, said: str) -> None:
    kernel.run("def twice(n): return 2 * n")
    run = kernel.run(cell)
    assert run.error is not None
    assert run.error.count("\n") == 0
    assert said in run.error


@pytest.mark.torch
def test_an_operation_without_a_deterministic_variant(kernel: LiveKernel) -> None:
    pytest.importorskip("torch")
    kernel.run("import torch; n = (number for number in range(100))")
    text = told(
        kernel.run(
            "%%repro doctor\nw = torch.zeros(3)\n"
            "w.put_(torch.tensor([0]), torch.tensor([float(next(n))]))"
        )
    )
    assert "w: 1 of 3 numbers" in text
    assert "without a deterministic variant" in text
    flags = "torch.are_deterministic_algorithms_enabled(), torch.get_num_threads() > 0"
    assert kernel.run(flags).result == "(False, True)"
