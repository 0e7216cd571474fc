"""The libraries layer: which settings are kept, and what is loaded in real processes."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.probes import libraries
from jupyter_repro.capturing.probes.libraries import list_libraries
from jupyter_repro.capturing.sources.system.variables import NOT_SHOWN, pick_variables, shown_value
from jupyter_repro.model.snapshot import LibrariesLayer, Library
from tests.unit.support.fake_nvml import need, run_python
from tests.unit.support.machine import make_world


@pytest.mark.parametrize(
    "value",
    [
        "1",
        "4,2",
        "COMPATIBLE",
        "AUTO,STRICT",
        "static,64",
        "AVX512F AVX512CD AVX512_SKX",
        "granularity=fine,compact,1,0",
        "{0:4},{4:4}",
        ":4096:8",
        "allreduce:tree;broadcast:ring",
        "^Tree,Ring",
        "",
    ],
)
def test_settings_are_shown(value: str) -> None:
    assert shown_value(value) == value


@pytest.mark.parametrize(
    "value",
    [
        "/home/bob/lib.so",
        "~/x",
        "C:\\Users\\bob",
        "https://user:pw@host/x",
        "hf_" + "abcdefghij0123456789abcdef",
        "a" * 29,
        "1,2," * 50,
        "1\n2",
        "bob@host",
        "\u202e1",
        "é",
    ],
)
def test_everything_else_is_only_said_to_be_set(value: str) -> None:
    assert shown_value(value) == NOT_SHOWN


@given(st.text())
def test_what_is_shown_is_one_plain_line(value: str) -> None:
    shown = shown_value(value)
    assert shown == NOT_SHOWN or (shown == value.strip() and shown.isascii())
    assert not set(shown) & set("/\\@~'\"\n\x1b")


@given(st.text(st.sampled_from("{}(),:;=| a"), max_size=160))
def test_a_hostile_value_takes_no_time(value: str) -> None:
    shown_value(value + "@")


def test_only_listed_names_are_taken(tmp_path: Path) -> None:
    environ = {
        "OMP_NUM_THREADS": "1",
        "KMP_AFFINITY": "compact",
        "KMP_DUPLICATE_LIB_OK": "True",  # set by libraries on import, changes no number
        "KMP_INIT_AT_FORK": "FALSE",
        "NUMBA_NUM_THREADS": "2",
        "AWS_SECRET_ACCESS_KEY": "x",
        "HOME": "/home/bob",
    }
    layer = libraries.collect(make_world(tmp_path, environ=environ))
    assert layer.variables == {
        "KMP_AFFINITY": "compact",
        "NUMBA_NUM_THREADS": "2",
        "OMP_NUM_THREADS": "1",
    }


def test_names_are_sorted_and_an_empty_value_is_a_value() -> None:
    assert list(pick_variables({"B": "", "A": "1", "C": "2"}, ("B", "A")).items()) == [
        ("A", "1"),
        ("B", ""),
    ]


def test_nothing_is_imported_before_a_numerical_library_is() -> None:
    code = """
import sys
from jupyter_repro.capturing.probes import libraries
from jupyter_repro.safety.world import current_world
layer = libraries.collect(current_world())
print(layer.status, layer.reason, {"threadpoolctl", "numpy"} & set(sys.modules), sep="|")
"""
    said = run_python(code).decode().strip()
    assert said == "ok|no numerical library is loaded yet|set()"


def test_a_missing_threadpoolctl_is_said(tmp_path: Path) -> None:
    code = f"""
import sys
import json
from pathlib import Path
from types import ModuleType
from tests.unit.support.machine import make_world
from jupyter_repro.capturing.probes import libraries
sys.modules["threadpoolctl"] = None
world = make_world(Path({str(tmp_path)!r}), modules={{"numpy": ModuleType("numpy")}})
layer = libraries.collect(world)
print(layer.status, layer.reason, sep="|")
"""
    said = run_python(code).decode()
    assert said.startswith("ok|threadpoolctl is not installed: ")


ALONE = """
import json, os, sys
import numpy
os.environ.pop("KMP_DUPLICATE_LIB_OK", None)
before = dict(os.environ), set(sys.modules)
from jupyter_repro.kernel.doctor.examine import _one_thread
from jupyter_repro.capturing.probes import libraries
from jupyter_repro.safety.world import current_world
loaded = [library.name for library in libraries.collect(current_world()).loaded]
with _one_thread() as missing:
    limited = [library.threads for library in libraries.collect(current_world()).loaded]
added = {name.partition(".")[0] for name in set(sys.modules) - before[1]}
unchanged = dict(os.environ) == before[0]
import threadpoolctl
print(json.dumps([loaded, limited, missing, "threadpoolctl" in added, unchanged,
                  os.environ.get("KMP_DUPLICATE_LIB_OK")]))
"""


def test_the_notebooks_own_import_of_threadpoolctl_does_what_it_would_without_us() -> None:
    need("threadpoolctl", "numpy")
    answered = json.loads(run_python(ALONE))
    loaded, limited, missing, added, unchanged, set_by_import = answered
    if not loaded:
        pytest.skip("this numpy's BLAS is none that threadpoolctl knows (Accelerate, for example)")
    assert set(limited) == {1}
    assert (missing, added, unchanged) == (None, False, True)
    assert set_by_import == "True"


NUMPY = """
import os, sys, msgspec
import numpy
os.environ.pop("KMP_DUPLICATE_LIB_OK", None)
before = set(sys.modules), dict(os.environ)
from jupyter_repro.capturing.probes import libraries
from jupyter_repro.safety.world import current_world
layers = [libraries.collect(current_world())]
assert dict(os.environ) == before[1], "the environment was changed"
from threadpoolctl import threadpool_limits
with threadpool_limits(1):
    layers.append(libraries.collect(current_world()))
assert not {"scipy", "torch", "pandas"} & set(sys.modules)
sys.stdout.buffer.write(msgspec.json.encode(layers))
"""


def test_blas_of_a_real_numpy() -> None:
    need("threadpoolctl", "numpy")
    answered = run_python(NUMPY, environ={"OPENBLAS_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"})
    free, limited = msgspec.json.decode(answered, type=list[LibrariesLayer])
    assert free.status == "ok"
    assert free.reason is None
    if not free.loaded:
        pytest.skip("this numpy's BLAS is none that threadpoolctl knows (Accelerate, for example)")
    assert free.loaded[0].version
    # The pools are found once, their threads counted anew
    assert {library.threads for library in limited.loaded} == {1}
    assert free.variables["OPENBLAS_NUM_THREADS"] == "2"


def test_two_openmp_runtimes_are_both_named_and_folders_are_not() -> None:
    common = {"user_api": "openmp", "internal_api": "openmp", "num_threads": 2, "version": None}
    found = [
        {**common, "prefix": "libiomp", "filepath": "/home/bob/libiomp5.so"},
        {**common, "prefix": "libgomp", "filepath": "/home/bob/libgomp.so.1"},
        {**common, "prefix": "libgomp", "filepath": "/opt/libgomp.so.1"},
        {
            "user_api": "blas",
            "internal_api": "mkl",
            "prefix": "libmkl_rt",
            "filepath": "/opt/libmkl_rt.so",
            "version": "2024.2",
            "threading_layer": "intel",
            "num_threads": 4,
        },
    ]
    assert list_libraries(found) == [
        Library(name="libgomp", threads=2),
        Library(name="libiomp", threads=2),
        Library(name="mkl", version="2024.2", threads=4, threading="intel"),
    ]


def test_a_loaded_but_unknown_module_is_no_numerical_library(tmp_path: Path) -> None:
    world = make_world(tmp_path, modules={"mine": ModuleType("mine")})
    assert libraries.collect(world).reason == "no numerical library is loaded yet"
