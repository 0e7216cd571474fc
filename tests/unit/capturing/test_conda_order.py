"""The order of installation: after what it depends on, near to the alphabet, whatever comes in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.probes import conda
from jupyter_repro.capturing.sources.conda.order import install_order
from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.restore import conda_plan
from jupyter_repro.packages.pins import pins_of
from tests.fresh_process import run_python
from tests.unit.support.exports import text_of
from tests.unit.support.factories import snapshot_with
from tests.unit.support.imports import imported
from tests.unit.support.sites import world_of

FIXTURES = Path(__file__).parents[2] / "fixtures"
NEEDS: dict[str, list[str]] = json.loads((FIXTURES / "conda_needs.json").read_text())
"""Name → dependencies of an installed Miniforge: python → pip → python, and so most packages."""

FORGE = "https://conda.anaconda.org/conda-forge"

names = st.sampled_from(["a", "b", "c", "d", "pip", "python", "x", "y", "z"])
graphs = st.dictionaries(names, st.sets(names))


def reach(graph: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """Return name → all that it leads to."""
    found = {}
    for name in graph:
        seen: set[str] = set()
        stack = [name]
        while stack:
            fresh = ({*graph[stack.pop()]} & graph.keys()) - seen
            seen |= fresh
            stack += fresh
        found[name] = seen
    return found


def late(graph: Mapping[str, Iterable[str]], order: list[str]) -> set[tuple[str, str]]:
    """Return the pairs of which the first stands before the second, which it needs."""
    place = {name: number for number, name in enumerate(order)}
    needs = {(name, other) for name in graph for other in graph[name] if other in place}
    return {(name, other) for name, other in needs if place[other] > place[name]}


def test_after_what_it_depends_on() -> None:
    needs = {
        "alpha": ["python", "zlib"],
        "beta": [],
        "python": ["zlib", "__glibc"],
        "zlib": [],
    }
    for items in permutations(needs.items()):
        assert install_order(dict(items)) == ["beta", "zlib", "python", "alpha"]


def test_python_comes_first_in_a_circle_and_pip_after_its_own_needs() -> None:
    needs = {
        "aardvark": ["python"],
        "certifi": ["python"],
        "pip": ["python", "setuptools", "wheel"],
        "python": ["pip", "zlib"],
        "setuptools": ["certifi", "python"],
        "wheel": ["python"],
        "zlib": [],
    }
    expected = ["zlib", "python", "aardvark", "certifi", "setuptools", "wheel", "pip"]
    assert install_order(needs) == expected


def test_names_that_the_model_refuses_are_left_out() -> None:
    assert install_order({"-rf": [], "Up": [], "a": ["-rf"], "a\nb": []}) == ["a"]


@given(graphs)
def test_only_in_a_circle_something_stands_before_what_it_needs(graph: dict[str, set[str]]) -> None:
    order = install_order(graph)
    assert sorted(order) == sorted(graph)
    leads = reach(graph)
    for name, other in late(graph, order):
        assert name in leads[other]
    for name in graph:
        if "python" in leads[name] and name != "python" and "python" in graph:
            assert order.index("python") < order.index(name)
    # Nor does anything stand before what it needs through others, once Python waits for no circle
    needs = {
        name: {one for one in others if name != "python" or "python" not in leads.get(one, ())}
        for name, others in graph.items()
    }
    leads = reach(needs)
    for name in graph:
        for other in leads[name] - {name}:
            assert order.index(other) < order.index(name) or name in leads[other]


@given(graphs, st.randoms())
def test_the_order_in_which_they_are_told_means_nothing(
    graph: dict[str, set[str]], random: object
) -> None:
    items = [*graph.items()]
    random.shuffle(items)  # type: ignore[attr-defined]
    assert install_order(dict(items)) == install_order(graph)


@given(graphs, st.permutations(["a", "b", "c", "d", "pip", "python", "x", "y", "z"]))
def test_an_order_that_is_right_is_kept(graph: dict[str, set[str]], order: list[str]) -> None:
    place = {name: number for number, name in enumerate(order)}
    below = {
        name: {other for other in needs if other in graph and place[other] < place[name]}
        for name, needs in graph.items()
    }
    assert install_order(below, order) == [name for name in order if name in graph]


@given(graphs, names, st.sets(names))
def test_one_more_package_is_one_more_line(
    graph: dict[str, set[str]], name: str, needs: set[str]
) -> None:
    below = {
        one: {other for other in others if other < one and other != name}
        for one, others in graph.items()
        if one != name
    }
    more = below | {name: {other for other in needs if other in below}}
    assert [one for one in install_order(more) if one != name] == install_order(below)


def test_a_deep_and_a_wide_environment() -> None:
    deep = {f"p{number:05}": [f"p{number + 1:05}"] for number in range(5_000)} | {"p05000": []}
    assert install_order(deep) == sorted(deep, reverse=True)
    ring = deep | {"p05000": ["p00000"]}
    assert len(install_order(ring)) == 5_001
    assert late(ring, install_order(ring)) == {("p05000", "p00000")}
    wide = {f"p{number}": ["python"] for number in range(5_000)} | {"python": [*deep]}
    assert install_order(wide)[0] == "python"


def test_a_real_environment() -> None:
    order = install_order(NEEDS)
    assert late(NEEDS, order) == {("python", "pip")}
    leads = reach(NEEDS)
    assert all(
        order.index("python") < order.index(name)
        for name in NEEDS
        if "python" in leads[name] and name != "python"
    )


def test_py_rattler_puts_nothing_else_late() -> None:
    pytest.importorskip("rattler")
    code = f"""
import json
from rattler import NoArchType, PackageRecord
from rattler.package import BuildString
needs = json.loads({json.dumps(json.dumps(NEEDS))})
records = [
    PackageRecord(
        name=name, version="1", build=BuildString("0"), build_number=0, subdir="linux-64",
        arch=None, platform=None, noarch=NoArchType(None), depends=needs[name],
    )
    for name in needs
]
print(json.dumps([one.name.normalized for one in PackageRecord.sort_topologically(records)]),
      flush=True)
import os
os._exit(0)
"""
    theirs: list[str] = json.loads(run_python(code))
    assert late(NEEDS, theirs) == late(NEEDS, install_order(NEEDS))
    assert install_order(NEEDS, theirs) == theirs


MICROMAMBA = """\
==> 2025-06-01 10:00:00 <==
# cmd: micromamba create -p /x -f explicit.txt
# conda version: 3.8.0
+https://conda.anaconda.org/conda-forge/linux-64::zlib-1.3-0
+https://conda.anaconda.org/conda-forge/linux-64::python-3.11.7-h1_0_cpython
+https://conda.anaconda.org/conda-forge/noarch::certifi-2024.1-py_0
==> 2025-06-02 10:00:00 <==
# cmd: micromamba update -p /x python
-https://conda.anaconda.org/conda-forge/linux-64::python-3.11.7-h1_0_cpython
+https://conda.anaconda.org/conda-forge/linux-64::python-3.11.8-h1_0_cpython
+https://conda.anaconda.org/conda-forge/noarch::attrs-24.1-py_0
"""


@pytest.mark.parametrize(
    ("history", "order", "said"),
    [
        (
            MICROMAMBA,
            ["zlib", "python", "certifi", "attrs"],
            "no record contains its dependencies; the order of installation is that of the history",
        ),
        (
            "",
            ["attrs", "certifi", "python", "zlib"],
            "no record contains its dependencies; the order of installation is not known",
        ),
    ],
)
def test_records_without_dependencies(
    history: str, order: list[str], said: str, tmp_path: Path
) -> None:
    world = world_of(tmp_path)
    meta = world.prefix / "conda-meta"
    meta.mkdir()
    (meta / "history").write_text(history)
    for stem in (
        "zlib-1.3-0",
        "python-3.11.8-h1_0_cpython",
        "certifi-2024.1-py_0",
        "attrs-24.1-py_0",
    ):
        name, version, build = stem.rsplit("-", 2)
        url = f"{FORGE}/linux-64/{stem}.conda"
        fields = {"name": name, "version": version, "build": build, "url": url, "depends": []}
        (meta / f"{stem}.json").write_text(json.dumps(fields | {"sha256": "a" * 64}))
    layer = conda.collect(world)
    assert layer.install_order == order
    assert said in (layer.reason or "")


SHA = "a" * 64
EXPLICIT = "@EXPLICIT\n" + "".join(
    f"{FORGE}/linux-64/{name}-1-0.conda#sha256:{SHA}\n" for name in ("zlib", "python", "attrs")
)
CONDA_LOCK = "version: 1\nmetadata: {}\npackage:\n" + "".join(
    f"- name: {name}\n  version: '1'\n  manager: conda\n  platform: linux-64\n"
    f"  dependencies: {{{needs}}}\n  url: {FORGE}/linux-64/{name}-1-0.conda\n"
    f"  hash: {{md5: {'b' * 32}}}\n  category: main\n  optional: false\n"
    for name, needs in (("attrs", "python: '>=3.8'"), ("python", "zlib: '', pip: ''"), ("zlib", ""))
)
PIXI_LOCK = (
    "version: 6\nenvironments:\n  default:\n    channels:\n    - url: conda-forge\n"
    "    packages:\n      linux-64:\n"
    + "".join(
        f"      - conda: {FORGE}/linux-64/{name}-1-0.conda\n"
        for name in ("attrs", "python", "zlib")
    )
    + "packages:\n"
    + "".join(
        f"- conda: {FORGE}/linux-64/{name}-1-0.conda\n  sha256: {SHA}\n  depends: [{needs}]\n"
        for name, needs in (
            ("attrs", "python >=3.8"),
            ("python", "'zlib>=1', __glibc"),
            ("zlib", ""),
        )
    )
)


@pytest.mark.parametrize(
    ("name", "text"),
    [("explicit", EXPLICIT), ("conda-lock.yml", CONDA_LOCK), ("pixi.lock", PIXI_LOCK)],
)
def test_imported_files_keep_the_order_of_installation(name: str, text: str) -> None:
    snapshot = imported(text, name)
    assert snapshot.layers.conda.install_order == ["zlib", "python", "attrs"]
    files = [line for line in text_of(snapshot, "explicit").splitlines() if "://" in line]
    assert [line.rpartition("/")[2].partition("-")[0] for line in files] == [
        "zlib",
        "python",
        "attrs",
    ]


def test_what_is_no_order_is_not_imported_as_one() -> None:
    text = "dependencies:\n- attrs=1=0\n- python=1=0\n"
    assert imported(text, "environment.yml").layers.conda.install_order == []


@pytest.mark.parametrize("recorded", [["zlib", "attrs", "python"], ["python", "zlib", "attrs"], []])
def test_a_plan_is_in_the_order_of_the_index(recorded: list[str]) -> None:
    layer = {"packages": {f"{FORGE}/linux-64": [f"{one}-1-0.conda" for one in recorded]}}
    pins = pins_of(snapshot_with(conda={**layer, "install_order": recorded}))
    records = [
        Record(
            name=name,
            version="1",
            build="0",
            file_name=f"{name}-1-0.conda",
            url=f"{FORGE}/linux-64/{name}-1-0.conda",
            channel=FORGE,
            subdir="linux-64",
            depends=needs,
        )
        for name, needs in (
            ("attrs", ["python >=3.8"]),
            ("python", ["zlib >=1,<2", "pip"]),
            ("zlib", ["__glibc >=2.17"]),
        )
    ]
    found = conda_plan.in_order(records, pins)
    assert [one.name for one in found] == ["zlib", "python", "attrs"]
