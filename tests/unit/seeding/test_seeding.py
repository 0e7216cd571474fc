"""What is seeded when, what is told, and that nothing stays behind."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import UsageError
from jupyter_repro.model.options import DETERMINISM
from jupyter_repro.seeding.options import MAX_SEED, parse_options, parse_seed
from jupyter_repro.seeding.seeders.registry import SEEDERS
from tests.fresh_process import run_python

PYTHON_42 = 0.6394267984578837
NUMPY_42 = 0.3745401188473625


# --- seeds ------------------------------------------------------------------------------------


@given(st.integers(min_value=0, max_value=MAX_SEED))
def test_every_seed_is_read_as_number_and_as_text(seed: int) -> None:
    assert parse_seed(seed) == parse_seed(str(seed)) == parse_seed(f" {seed} ") == seed


@given(st.one_of(st.integers(max_value=-1), st.integers(min_value=MAX_SEED + 1)))
def test_numbers_out_of_range_are_refused(seed: int) -> None:
    for value in (seed, str(seed)):
        with pytest.raises(UsageError, match="from 0 to 18446744073709551615"):
            parse_seed(value)


@given(st.text())
def test_a_text_is_a_seed_exactly_when_it_is_one_in_digits(text: str) -> None:
    try:
        found = parse_seed(text)
    except UsageError as error:
        found, message = None, str(error)
        assert message.isprintable()
    digits = text.strip().removeprefix("+").removeprefix("-")
    assert (found is not None) == (digits.isascii() and digits.isdigit() and -1 < int(text) < 2**64)


@pytest.mark.parametrize(
    "value",
    ["", "4.2", "forty", "0x10", "1_000", "٣", "4 2", True, False, 4.0, None, [42]],
)
def test_what_is_no_integer_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="seed must be an integer from 0 to"):
        parse_seed(value)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_number_too_long_to_print_is_refused(sign: int) -> None:
    with pytest.raises(UsageError, match=r"not a (larger|negative) one"):
        parse_seed(sign * 10**5000)


def test_integers_of_numpy_are_integers() -> None:
    numpy = pytest.importorskip("numpy")
    assert parse_seed(numpy.uint64(MAX_SEED)) == MAX_SEED
    for value in (numpy.float64(4), numpy.bool_(1)):
        with pytest.raises(UsageError):
            parse_seed(value)


@pytest.mark.parametrize("level", DETERMINISM.choices)
def test_levels_are_known(level: str) -> None:
    assert parse_options(1, level).determinism == level


def test_an_unknown_level_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'wran' is not one of .*\. Did you mean 'warn'\?"):
        parse_options(1, "wran")
    with pytest.raises(UsageError, match=r"'x' is not one of strict, warn, cudnn, off\.$"):
        parse_options(1, "x")


# --- what is seeded ---------------------------------------------------------------------------


def test_the_package_is_light() -> None:
    code = """
import sys
before = set(sys.modules)
import jupyter_repro.seeding.api
names = ("numpy", "torch", "pandas", "IPython", "importlib.metadata")
print([name for name in names if name in set(sys.modules) - before])
print(sys.meta_path[0] is __import__("importlib.machinery").machinery.BuiltinImporter
      or type(sys.meta_path[0]).__name__)
"""
    light, finder = run_python(code).splitlines()
    assert "ImportHook" not in finder
    assert json.loads(light.replace("'", '"')) in ([], ["importlib.metadata"])


def test_seeding_imports_no_library() -> None:
    code = """
import sys
from jupyter_repro.seeding.api import seed_all
state = seed_all(42)
print([name for name in ("numpy", "torch", "pandas", "sklearn") if name in sys.modules])
print(state.seed, state.determinism, state.seeded)
print(*state.waiting)
"""
    imported, state, waiting = run_python(code).splitlines()
    assert (imported, state) == ("[]", "42 warn ('python',)")
    installed = {
        name for name, module in SEEDERS.items() if find_spec(module.partition(".")[0]) is not None
    }
    assert set(waiting.split()) == installed - {"python"}
    assert "numpy" in waiting


@pytest.mark.parametrize(
    "imports",
    [
        "import numpy as np; seed_all(42)",
        "import numpy as np; np.random; seed_all(42)",
        "seed_all(42); import numpy as np",
        "seed_all(42); from numpy import random; import numpy as np",
        "seed_all(42); import_in_thread('numpy.random'); import numpy as np",
        "seed_all(42); import pandas; import numpy as np",
    ],
)
def test_the_numbers_of_the_usual_recipe_whenever_numpy_is_imported(imports: str) -> None:
    code = f"""
import threading
from jupyter_repro.seeding.api import seed_all
def import_in_thread(name):
    thread = threading.Thread(target=__import__, args=(name,))
    thread.start()
    thread.join()
{imports}
import random
print([random.random(), np.random.rand()])
"""
    numbers = json.loads(run_python(code))
    assert numbers == [PYTHON_42, NUMPY_42]


def test_seeding_again_gives_the_same_numbers_again() -> None:
    code = """
import random, sys
import numpy as np
from jupyter_repro.seeding.api import seed_all
def draw():
    return random.random(), np.random.rand(), np.random.randn()
seed_all(42); first = draw(); draw()
seed_all(42); again = draw()
seed_all(43); other = draw()
print(first == again, first != other)
print(sum(type(finder).__name__ == "ImportHook" for finder in sys.meta_path))
"""
    assert run_python(code).split() == ["True", "True", "1"]


def test_a_reloaded_random_is_seeded_again() -> None:
    code = """
import importlib, random
from jupyter_repro.seeding.api import seed_all
seed_all(42)
importlib.reload(random)
print(random.random())
"""
    assert float(run_python(code)) == PYTHON_42


def test_secrets_and_temporary_names_stay_unpredictable() -> None:
    code = """
import os, random, secrets, tempfile, uuid
from jupyter_repro.seeding.api import seed_all
seed_all(42)
print(secrets.token_hex(8), uuid.uuid4(), os.urandom(8).hex(), random.SystemRandom().random(),
      os.path.basename(tempfile.mktemp()))
"""
    first, second = (run_python(code).split() for _ in range(2))
    assert len(first) == 5
    assert not set(first) & set(second)


def test_seeded_generators_are_their_own() -> None:
    code = """
import random
import numpy as np
from jupyter_repro.seeding.api import seed_all
seed_all(42)
print(np.random.default_rng(5).random(), random.Random(5).random())
"""
    assert run_python(code) == "0.8050029237453802 0.6229016948897019"


# --- the user's own modules, and those of others -----------------------------------------------


@pytest.mark.parametrize("name", ["torch", "random", "numpy"])
def test_a_file_of_the_users_with_that_name_is_left_alone(tmp_path: Path, name: str) -> None:
    source = "seed = manual_seed = None\ncalls = []\n"
    if name == "numpy":
        (tmp_path / "numpy").mkdir()
        (tmp_path / "numpy" / "__init__.py").write_text("")
        (tmp_path / "numpy" / "random.py").write_text(source)
    else:
        (tmp_path / f"{name}.py").write_text(source)
    module = "numpy.random" if name == "numpy" else name
    code = f"""
import sys
sys.path.remove("")  # Python's own modules would import the user's random.py
import importlib, json
from jupyter_repro.seeding.api import current_controller, seed_all
sys.modules.pop("random", None)
seed_all(42, "off")
sys.path.insert(0, "")
found = importlib.import_module("{module}")
controller = current_controller()
controller.poll()
state = controller.state()
print(json.dumps([found.seed, found.calls, found.__spec__.origin, state.waiting,
                  controller.notes()]))
"""
    seed, calls, origin, waiting, notes = json.loads(run_python(code, cwd=tmp_path))
    assert (seed, calls) == (None, [])
    assert Path(origin).is_relative_to(tmp_path)
    assert {"random": "python"}.get(name, name) in waiting
    assert any(note.startswith(f"{module} is not the library but a file of this") for note in notes)
    assert not any("could not be seeded" in note for note in notes)


def test_a_library_that_cannot_be_seeded_is_told(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "torch.py").write_text("name = 'not the library'")
    code = f"""
import json, sys
from jupyter_repro.seeding.api import current_controller, seed_all
sys.path.insert(0, {str(elsewhere)!r})
seed_all(42)
import torch
controller = current_controller()
state = controller.state()
print(json.dumps([torch.name, state.seeded, state.waiting, controller.notes()]))
"""
    name, seeded, waiting, notes = json.loads(run_python(code))
    assert name == "not the library"
    assert "torch" not in seeded + waiting
    assert any(note.startswith("torch could not be seeded: AttributeError") for note in notes)


def third_party(folder: Path, entry_points: str) -> None:
    """Lay a distribution with a library and seeders for it into a folder."""
    metadata = folder / "other-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[jupyter_repro.seeders_v1]\n{entry_points}")
    (folder / "other_library.py").write_text("seeds = []")
    (folder / "other_seeder.py").write_text(
        "MODULE = 'other_library'\ndef seed(module, seed): module.seeds.append(seed)\n"
    )


def test_seeders_of_other_distributions_take_part(tmp_path: Path) -> None:
    third_party(tmp_path, "other = other_seeder\nbroken = other_missing\nwithout = colorsys\n")
    code = f"""
import json, sys
sys.path.insert(0, {str(tmp_path)!r})
from jupyter_repro.seeding.api import current_controller, seed_all
state = seed_all(7)
waiting = state.waiting
import other_library
controller = current_controller()
seed_all(8)
print(json.dumps([waiting, other_library.seeds, controller.state().seeded, controller.notes()]))
"""
    waiting, seeds, seeded, notes = json.loads(run_python(code))
    assert "other" in waiting
    assert seeds == [7, 8]
    assert "other" in seeded
    assert not {"broken", "without"} & {*waiting, *seeded}
    assert any("The seeder broken is left out: other_missing does not load" in n for n in notes)
    assert any("The seeder without is left out: colorsys has no seed" in n for n in notes)


def test_a_third_partys_seeder_in_the_working_folder_does_not_count(tmp_path: Path) -> None:
    third_party(tmp_path, "other = other_seeder\n")
    code = """
import sys
sys.path.insert(0, "")
from jupyter_repro.seeding.api import seed_all
seed_all(7)
import other_library
print(other_library.seeds)
"""
    assert run_python(code, cwd=tmp_path) == "[]", "the folder may be a stranger's"


# --- notes and undoing ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "set_late", "told"),
    [({}, False, True), ({}, True, True), ({"PYTHONHASHSEED": "0"}, False, False),
     ({"PYTHONHASHSEED": "17"}, False, False), ({"PYTHONHASHSEED": "random"}, False, True)],
)  # fmt: skip
def test_an_open_hash_order_is_told(
    env: dict[str, str],
    set_late: bool,  # noqa: FBT001 - parameters of a case
    told: bool,  # noqa: FBT001
) -> None:
    late = "os.environ['PYTHONHASHSEED'] = '0'" if set_late else ""
    code = f"""
import os
{late}
from jupyter_repro.seeding.api import current_controller, seed_all
seed_all(42)
print(any("PYTHONHASHSEED" in note for note in current_controller().notes()))
"""
    assert run_python(code, env=env) == str(told)


def test_stopping_leaves_no_trace() -> None:
    code = """
import os, sys, random
import numpy as np
before = list(sys.meta_path), list(sys.path_hooks), dict(os.environ), np.random.get_state()[0]
from jupyter_repro.seeding.api import current_controller, seed_all, unseed
seed_all(42)
random.random()
notes = unseed()
after = list(sys.meta_path), list(sys.path_hooks), dict(os.environ), np.random.get_state()[0]
controller = current_controller()
print(before == after, notes, controller.state(), controller.notes())
print(random.random() == 0.025010755222666936)  # the stream goes on where it was
import json.tool, numpy.random
controller.poll()
print(unseed())
"""
    assert run_python(code).splitlines() == ["True [] None []", "True", "[]"]


def test_a_wrong_request_changes_nothing() -> None:
    code = """
import random
from jupyter_repro.errors import UsageError
from jupyter_repro.seeding.api import current_controller, seed_all
seed_all(42)
for arguments in ((-1, "warn"), (5, "wran")):
    try:
        seed_all(*arguments)
    except UsageError:
        print(current_controller().state().seed)
print(random.random())
"""
    assert run_python(code).split() == ["42", "42", str(PYTHON_42)]
