"""Imports that draw: the first run of a cell gives the numbers of the second."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fresh_process import run_python

pytest.importorskip("numpy")

PYTHON_42 = 0.6394267984578837
NUMPY_42 = 0.3745401188473625

START = """
import json, random, sys, threading
sys.path[:0] = {paths!r}
from jupyter_repro.seeding.api import current_controller, seed_all, unseed
seed_all(42)
"""


@pytest.fixture
def start(tmp_path: Path) -> str:
    """Lay out an installed library that draws and seeds at its import, and a user's module."""
    site, mine = tmp_path / "lib" / "site-packages", tmp_path / "work"
    for folder in (site / "package", mine):
        folder.mkdir(parents=True)
    draw = "import random, numpy as np\nrandom.random(); np.random.rand(); np.random.seed(1)\n"
    (site / "drawing.py").write_text(draw)
    (site / "package" / "__init__.py").write_text("")
    (site / "package" / "part.py").write_text(draw)
    (site / "failing.py").write_text(f"{draw}raise LookupError('of the library')\n")
    (site / "making.py").write_text("import numpy as np\ngenerator = np.random.default_rng()\n")
    (mine / "mine.py").write_text(f"import drawing\n{draw}")
    return START.format(paths=[str(site), str(mine)])


DRAW = "import numpy as np; print(json.dumps([random.random(), np.random.rand()]))"


@pytest.mark.parametrize(
    "imports",
    [
        "import drawing",
        "import numpy.random, drawing",
        "import package.part",
        "from package import part",
        "__import__('drawing')",
        "import drawing, package.part, making",
        "try:\n    import failing\nexcept LookupError as error: assert 'of the lib' in str(error)",
    ],
)
def test_what_a_library_does_at_its_import_moves_nothing(start: str, imports: str) -> None:
    assert json.loads(run_python(f"{start}{imports}\n{DRAW}")) == [PYTHON_42, NUMPY_42]


def test_the_draws_before_are_kept(start: str) -> None:
    code = f"""{start}
import numpy as np
random.random(), np.random.rand(), random.gauss(0, 1)
import drawing
{DRAW}
"""
    without = code.replace("import drawing", "")
    assert run_python(code) == run_python(without)


def test_the_users_own_modules_are_respected(start: str) -> None:
    code = f"{start}import mine\n{DRAW}"
    second_of_42, first_of_1 = 0.025010755222666936, 0.417022004702574
    assert json.loads(run_python(code)) == [second_of_42, first_of_1]


def test_a_generator_that_a_library_makes_at_its_import_moves_no_other(start: str) -> None:
    code = f"""{start}
import numpy as np
one = np.random.default_rng().random()
import making
print(one, np.random.default_rng().random(), making.generator.random())
"""
    without = code.replace("import making", "").replace("making.generator.random()", "0")
    with_import = run_python(code).split()
    assert with_import[:2] == run_python(without).split()[:2]
    assert len(set(with_import)) == 3
    assert with_import == run_python(code).split()


def test_imports_of_other_threads_do_not_take_back_the_main_threads_draws(start: str) -> None:
    code = f"""{start}
import numpy.random
import_it = lambda: __import__("drawing")
first = random.random()
thread = threading.Thread(target=import_it); thread.start(); thread.join()
print(first != random.random(), "drawing" in sys.modules)
"""
    assert run_python(code) == "True True"


def test_nothing_is_guarded_after_off(start: str) -> None:
    code = f"{start}unseed()\nimport random; random.seed(42)\nimport drawing\n{DRAW}"
    assert json.loads(run_python(code))[0] != PYTHON_42


def test_modules_look_as_ever(start: str) -> None:
    code = f"""{start}
import importlib.util, inspect
spec = importlib.util.find_spec("drawing")
assert "drawing" not in sys.modules and type(spec.loader).__name__ == "_Loader"
import drawing, package
for module in (drawing, package):
    assert type(module.__loader__).__name__ == "SourceFileLoader", module.__loader__
    assert module.__spec__.loader is module.__loader__
assert inspect.getsource(drawing).startswith("import random")
assert importlib.util.find_spec("no_such_module") is None
try:
    import no_such_module
except ModuleNotFoundError as error:
    print(error)
"""
    assert run_python(code) == "No module named 'no_such_module'"


@pytest.mark.parametrize("statement", ["import failing", "import package, torch", "import absent"])
def test_an_error_of_a_library_looks_as_ever(start: str, statement: str, tmp_path: Path) -> None:
    # torch is watched as well, and here a file of the library's that fails
    (tmp_path / "lib" / "site-packages" / "torch.py").write_text("import absent_too")
    code = f"""{start}
import traceback
def told():
    for name in ("failing", "torch"): sys.modules.pop(name, None)
    try:
        {statement}
    except Exception as error:
        return traceback.format_exc()
ours = told()
unseed()
assert "Error" in ours
assert ours == told(), ours
"""
    run_python(code)
