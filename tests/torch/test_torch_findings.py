"""The ledger and PyTorch in a real kernel; what others do is done by small modules of our own.

They do what Lightning 2.6 and transformers 5.23 do: ``Trainer(deterministic=False)`` switches
determinism off, ``Trainer(benchmark=True)`` sets cuDNN's switch, and transformers' ``Trainer``
seeds Python, NumPy and PyTorch with 42.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fresh_process import run_forks, run_python
from tests.kernel.live import ROOT, LiveKernel, live_kernel

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.kernel]

LIGHTNING = """
import torch
class Trainer:
    def __init__(self, deterministic=None, benchmark=None):
        if deterministic is not None:
            torch.use_deterministic_algorithms(deterministic)
        if benchmark is not None:
            torch.backends.cudnn.benchmark = benchmark
def step(model, batch):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return model(batch)
"""
TRANSFORMERS = """
import random, numpy as np, torch
def set_seed(seed):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
class Trainer:
    def __init__(self, seed=42):
        set_seed(seed)
"""
MODEL = """
import torch
def unpool(x):
    return torch.nn.MaxUnpool2d(2)(x, torch.zeros(1, 1, 2, 2, dtype=torch.int64))
"""
PUT = "x.put_(torch.tensor([0]), torch.tensor([1.0]))"


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveKernel]:
    folder = tmp_path_factory.mktemp("work")
    site = folder / "site-packages"
    site.mkdir()
    (site / "lightning_like.py").write_text(LIGHTNING)
    (site / "transformers_like.py").write_text(TRANSFORMERS)
    (folder / "model.py").write_text(MODEL)
    path = os.pathsep.join([str(ROOT), str(site)])
    with live_kernel(cwd=folder, env={**os.environ, "PYTHONPATH": path}) as running:
        running.run("%load_ext jupyter_repro\n%repro seed=42", cell_id="seed")
        running.run(
            "import torch, random, numpy as np, lightning_like, transformers_like, model\n"
            "x = torch.zeros(3); threads = torch.get_num_threads()",
            cell_id="imports",
        )
        yield running


def all_findings(kernel: LiveKernel) -> list[dict[str, Any]]:
    answer = kernel.ask('__import__("json").dumps(__import__("jupyter_repro").findings())')
    found: list[dict[str, Any]] = json.loads(eval(answer["data"]["text/plain"]))
    return found


def found_in(
    kernel: LiveKernel, code: str, *, cell: str, stderr: str | None = ""
) -> list[dict[str, Any]]:
    run = kernel.run(code, cell_id=cell)
    assert run.error is None, run.error
    assert stderr is None or run.stderr == stderr
    return [found for found in all_findings(kernel) if found["cell"] == cell]


# --- seeds ------------------------------------------------------------------------------------


def test_a_trainer_that_seeds_is_one_finding(kernel: LiveKernel) -> None:
    code = "import transformers_like\ntransformers_like.Trainer()"
    (found,) = found_in(kernel, code, cell="transformers")
    assert (found["kind"], found["severity"], found["count"]) == ("seeded-again", "warning", 1)
    assert Path(found["file"]).name == "transformers_like.py"
    assert found["line"] == 4
    assert "set_seed() seeded Python, NumPy and PyTorch again with 42" in found["what"]
    assert "line 2 of the cell" in found["what"]


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("torch.manual_seed(3)", "note"),
        ("from torch import manual_seed as early; early(3)", "note"),
        ("torch.random.manual_seed(3)", "note"),
        ("torch.cuda.manual_seed_all(3)", "note"),
        ("torch.seed()", "warning"),
    ],
)
def test_every_way_to_seed_pytorch(kernel: LiveKernel, code: str, severity: str) -> None:
    (found,) = found_in(kernel, code, cell="torch-seed")
    assert (found["kind"], found["severity"], found["line"]) == ("seeded-again", severity, 1)
    assert ("fresh entropy" in found["what"]) == (severity == "warning")


def test_generators_of_the_users_are_no_finding(kernel: LiveKernel) -> None:
    code = """
g = torch.Generator().manual_seed(5)
with torch.random.fork_rng():
    torch.rand(3)
state = torch.get_rng_state(); torch.set_rng_state(state)
torch.rand(3, generator=g); torch.initial_seed()
"""
    assert found_in(kernel, code, cell="generators") == []


# --- flags ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "back", "expected", "said"),
    [
        (
            "torch.backends.cudnn.benchmark = True",
            "torch.backends.cudnn.benchmark = False",
            ("flag-changed", "warning"),
            "torch.backends.cudnn.benchmark was changed from False",
        ),
        (
            "lightning_like.Trainer(deterministic=False)",
            "torch.use_deterministic_algorithms(True, warn_only=True)",
            ("flag-changed", "warning"),
            "torch.use_deterministic_algorithms was changed from Tru",
        ),
        (
            "lightning_like.Trainer(benchmark=True)",
            "torch.backends.cudnn.benchmark = False",
            ("flag-changed", "warning"),
            "torch.backends.cudnn.benchmark was changed from False",
        ),
        (
            "torch.backends.cudnn.deterministic = False",
            "torch.backends.cudnn.deterministic = True",
            ("flag-changed", "warning"),
            "torch.backends.cudnn.deterministic was changed from Tru",
        ),
        (
            "torch.backends.cuda.matmul.allow_tf32 = True",
            "torch.backends.cuda.matmul.allow_tf32 = False",
            ("flag-changed", "note"),
            "torch.backends.cuda.matmul.allow_tf32 was changed",
        ),
        (
            "torch.set_float32_matmul_precision('high')",
            "torch.set_float32_matmul_precision('highest')",
            ("flag-changed", "note"),
            "torch.set_float32_matmul_precision was changed from highe",
        ),
        (
            "torch.set_num_threads(threads + 1)",
            "torch.set_num_threads(threads)",
            ("threads-changed", "note"),
            "torch.set_num_threads was changed from",
        ),
    ],
)
def test_a_changed_switch(
    kernel: LiveKernel, code: str, back: str, expected: tuple[str, str], said: str
) -> None:
    source = f"# it is changed here\n{code}"
    (found,) = found_in(kernel, source, cell="flag")
    assert (found["kind"], found["severity"]) == expected
    assert (found["file"], found["line"]) == (None, 2)
    assert said in found["what"]
    # It lasts, so a second run has nothing to change; put back by the same cell, it is gone
    assert found_in(kernel, source, cell="flag") == [found]
    assert found_in(kernel, back, cell="flag") == []


def test_a_switch_that_another_cell_puts_back_was_changed_all_the_same(kernel: LiveKernel) -> None:
    (found,) = found_in(kernel, "torch.backends.cudnn.benchmark = True", cell="on")
    assert found_in(kernel, "torch.backends.cudnn.benchmark = False", cell="off") == []
    assert found in all_findings(kernel)
    assert found_in(kernel, "pass", cell="on") == []


@pytest.mark.parametrize(
    "code",
    [
        "torch.backends.cudnn.benchmark = False",
        "with torch.backends.cudnn.flags(benchmark=True): pass",
        "torch.use_deterministic_algorithms(True, warn_only=True)",
        "lightning_like.Trainer()",
        "torch.set_num_threads(torch.get_num_threads())",
    ],
)
def test_a_switch_that_is_as_it_was(kernel: LiveKernel, code: str) -> None:
    assert found_in(kernel, code, cell="same") == []


def test_a_stricter_setting_is_no_finding(kernel: LiveKernel) -> None:
    assert found_in(kernel, "torch.use_deterministic_algorithms(True)", cell="strict") == []
    code = "torch.use_deterministic_algorithms(True, warn_only=True)"
    assert found_in(kernel, code, cell="strict") == []


# --- autocast ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("a = torch.ones(2, 2)\nwith torch.autocast('cpu', dtype=torch.bfloat16):\n    a @ a", 2),
        ("@torch.autocast('cpu')\ndef f(a):\n    return a @ a\n\nf(torch.ones(2, 2))", 5),
        ("with torch.amp.autocast('cpu'):\n    torch.ones(2, 2) @ torch.ones(2, 2)", 1),
    ],
)
def test_autocast_in_a_cell(kernel: LiveKernel, code: str, line: int) -> None:
    for _ in range(2):
        (found,) = found_in(kernel, code, cell="autocast")
        assert (found["kind"], found["severity"]) == ("autocast", "note")
        assert (found["line"], found["count"]) == (line, 1)
        assert "bfloat16 on cpu" in found["what"]


def test_autocast_in_a_library(kernel: LiveKernel) -> None:
    code = "net = torch.nn.Linear(2, 2)\nfor _ in range(4): lightning_like.step(net, x[:2])"
    (found,) = found_in(kernel, code, cell="precision")
    assert (Path(found["file"]).name, found["count"]) == ("lightning_like.py", 4)


@pytest.mark.parametrize(
    "code",
    [
        "with torch.autocast('cpu', enabled=False): torch.ones(2, 2) @ torch.ones(2, 2)",
        "torch.autocast('cpu')",
    ],
)
def test_autocast_that_is_off(kernel: LiveKernel, code: str) -> None:
    assert found_in(kernel, code, cell="no-autocast") == []


# --- operations without a deterministic algorithm ---------------------------------------------


def test_each_time_counts_and_the_user_sees_one_warning(kernel: LiveKernel) -> None:
    code = f"y = 1\nfor _ in range(5):\n    {PUT}"
    for _ in range(2):  # IPython shows it again in each cell
        run = kernel.run(code, cell_id="put")
        assert run.stderr.count("UserWarning") == 1
        (found,) = (one for one in all_findings(kernel) if one["cell"] == "put")
        assert (found["kind"], found["severity"]) == ("nondeterministic-operation", "warning")
        assert (found["line"], found["count"]) == (3, 5)
        assert found["what"].startswith("put_ has no deterministic algorithm")


def test_an_operation_inside_a_module_is_told_at_the_line_of_the_cell(kernel: LiveKernel) -> None:
    code = "z = torch.ones(1, 1, 2, 2)\nmodel.unpool(z)"
    found = found_in(kernel, code, cell="unpool", stderr=None)
    (operation,) = (one for one in found if one["kind"] == "nondeterministic-operation")
    assert operation["line"] == 2
    assert "called in model.py, line 4" in operation["what"]


def test_an_operation_that_is_deterministic(kernel: LiveKernel) -> None:
    code = "x.put_(torch.tensor([0]), torch.tensor([1.0]), accumulate=True); x.index_add(0, "
    assert found_in(kernel, f"{code}torch.tensor([0]), torch.ones(1))", cell="fine") == []


def test_warnings_that_the_user_has_silenced_count_and_stay_silent(kernel: LiveKernel) -> None:
    kernel.run("import warnings; warnings.filterwarnings('ignore')", cell_id="silence")
    (found,) = found_in(kernel, f"for _ in range(3): {PUT}", cell="silent")
    assert found["count"] == 3
    kernel.run("del warnings.filters[0]; warnings.filterwarnings('default')", cell_id="silence")


# Name → how the user handles warnings, and what then happens
HANDLING = {
    "default": ("", "for _ in range(3): put()"),
    "two lines": ("", "put(); put()\nput()"),
    "always": ("warnings.simplefilter('always')", "for _ in range(3): put()"),
    "once": ("warnings.simplefilter('once')", "for _ in range(3): put()\nput()"),
    "module": ("warnings.simplefilter('module')", "put()\nput()"),
    "ignore": ("warnings.simplefilter('ignore')", "put()"),
    "error": (
        "warnings.simplefilter('error')",
        "try: put()\nexcept UserWarning as error: print(error)",
    ),
    "by category": ("warnings.filterwarnings('ignore', category=UserWarning)", "put()"),
    "by message": ("warnings.filterwarnings('ignore', 'put_ does not have')", "put()"),
    "by module": ("warnings.filterwarnings('ignore', module='__main__')", "put()"),
    "by another module": ("warnings.filterwarnings('ignore', module='torch')", "put()"),
    "by line": ("warnings.filterwarnings('ignore', lineno=8)", "put()"),
    "reset": ("warnings.resetwarnings()", "put(); put()"),
    "recorded": (
        "",
        """
with warnings.catch_warnings(record=True) as caught:
    for _ in range(3): put()
print([(str(w.message)[:30], w.category, w.filename, w.lineno) for w in caught])
put()""",
    ),
    "all recorded": (
        "",
        """
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for _ in range(3): put()
print(len(caught))
put()""",
    ),
    "shown by the user": (
        """
def show(message, category, filename, lineno, file=None, line=None):
    print("mine", str(message)[:20], category, lineno)
warnings.showwarning = show""",
        "for _ in range(3): put()\nwarnings.warn('another')",
    ),
    "formatted by the user": (
        "warnings.formatwarning = lambda *args, **options: f'{args[0]}'[:20] + str(args[1:])",
        "put()",
    ),
    "logged": (
        """
import logging
logging.basicConfig(format="%(message).60s")
logging.captureWarnings(True)""",
        "put(); put()",
    ),
    "others": (
        "",
        """
for _ in range(2): warnings.warn("a warning")
warnings.warn("old", DeprecationWarning); warnings.warn("put_ does not", FutureWarning)
warnings.warn_explicit("explicit", UserWarning, "file.py", 7)""",
    ),
    "the same words from elsewhere": (
        "",
        """
text = "put_ does not have a deterministic implementation, but you"
for _ in range(2): warnings.warn(text)
def inner(): warnings.warn(text, stacklevel=2)
for _ in range(2): inner()
warnings.warn_explicit(text, UserWarning, "file.py", 7)""",
    ),
}
WARN_ONLY = "torch.use_deterministic_algorithms(True, warn_only=True)"
BEGIN = f"""
import sys, warnings, torch
sys.stderr = sys.stdout
warnings.resetwarnings(); warnings.simplefilter("default")
x = torch.zeros(3)
def put():
    {PUT}
{WARN_ONLY}
"""
LEDGER = "from jupyter_repro.seeding.api import current_controller, seed_all; seed_all(42)"
NEW_CELL = "current_controller().ledger.begin_cell('a', '')"


@pytest.fixture(scope="module")
def handled() -> dict[str, list[str]]:
    """Return what is printed without the ledger, and with it since three different moments."""
    codes = []
    for handling in HANDLING.values():
        setup, use = (f"exec(compile({code!r}, 'cell.py', 'exec'))" for code in handling)
        codes += [
            "\n".join([BEGIN, *lines])
            for lines in (
                (setup, use),
                (LEDGER, setup, use),
                (setup, LEDGER, use),
                (LEDGER, setup, NEW_CELL, use),
            )
        ]
    # The switch imports the compiler
    printed = run_forks(f"import torch\n{WARN_ONLY}", codes)
    return {name: printed[4 * at : 4 * at + 4] for at, name in enumerate(HANDLING)}


@pytest.mark.parametrize("name", HANDLING)
def test_the_users_own_handling_of_warnings_is_as_without(
    handled: dict[str, list[str]], name: str
) -> None:
    without, *others = handled[name]
    assert others == [without] * 3


def test_the_filter_goes_along_into_workers_and_matches_nothing_there() -> None:
    code = f"""{BEGIN}{LEDGER}
import pickle, re
action, pattern, category, module, line = pickle.loads(pickle.dumps(warnings.filters[0]))
assert isinstance(pattern, re.Pattern) and pattern.match("put_ does not have a det") is None
warnings.filterwarnings(action, warnings.filters[0][1].pattern, category, append=True)
print("fine")
"""
    assert run_python(code) == "fine"


# --- undoing ----------------------------------------------------------------------------------


def test_off_leaves_pytorch_and_warnings_as_they_were() -> None:
    code = """
import sys, warnings, torch
from jupyter_repro.seeding.api import findings, seed_all, unseed
def state():
    return [torch.cuda.manual_seed_all, torch.autocast.__enter__, torch.manual_seed,
            warnings._showwarnmsg, [*warnings.filters], torch.cuda.random.manual_seed_all]
before = state()
seed_all(42)
assert [one is other for one, other in zip(state(), before)] == [
    False, False, True, False, False, True]
kept = torch.cuda.manual_seed_all
assert unseed() == []
after = state()
assert after[4] == before[4] and all(one is other for one, other in zip(after, before)
                                     if not isinstance(one, list))
kept(3)
assert findings() == []
# torch._dynamo, which is imported on the way, puts a function of its own in place of manual_seed
seed_all(42)
torch.compile(lambda x: x + 1, backend="eager")(torch.ones(2))
assert unseed() == []
print("fine")
"""
    assert run_python(code) == "fine"


def test_compiled_code_sees_no_difference() -> None:
    code = """
import torch
from jupyter_repro.seeding.api import findings, seed_all
seed_all(42)
def f(x):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return x @ x
print(torch.compile(f, backend="eager", fullgraph=True)(torch.ones(2, 2)).dtype)
"""
    assert run_python(code) == "torch.bfloat16"


def test_scripted_code_sees_no_difference(kernel: LiveKernel) -> None:
    code = """
import warnings
def g(x):
    with torch.autocast("cpu"):
        return x @ x
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    print(torch.jit.script(g)(torch.ones(2, 2)).dtype)
"""
    assert kernel.run(code, cell_id="script").stdout == "torch.bfloat16\n"


# --- a plain notebook -------------------------------------------------------------------------

TRAINING = """
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split
data = TensorDataset(torch.randn(64, 4), torch.randint(0, 2, (64,)))
train, test = random_split(data, [48, 16])
net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2),
                    nn.Linear(8, 2))
optimizer = torch.optim.Adam(net.parameters(), 1e-2)
schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
for epoch in range(2):
    for inputs, labels in DataLoader(train, batch_size=16, shuffle=True, num_workers=0):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(inputs), labels)
        loss.backward()
        optimizer.step()
    schedule.step()
with torch.no_grad():
    net.eval()(torch.stack([inputs for inputs, _ in test]))
import copy, io
file = io.BytesIO(); torch.save(net.state_dict(), file); file.seek(0); torch.load(file)
copy.deepcopy(net); torch.multinomial(torch.ones(4), 2); np.random.permutation(5)
conv = nn.Conv2d(1, 2, 3); conv(torch.randn(1, 1, 8, 8)).sum().backward()
"""


def test_a_plain_training_has_nothing_to_tell(kernel: LiveKernel) -> None:
    assert found_in(kernel, TRAINING, cell="training") == []
    code = 'json.dumps(__import__("jupyter_repro").draws()["training"])'
    assert kernel.run(f"import json; print({code})").stdout.strip() == '["numpy", "torch"]'
