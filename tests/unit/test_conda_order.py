"""The order of installation: after what it depends on, near to the alphabet, whatever comes in."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.sources.conda_order import install_order
from jupyter_repro.sources.conda_records import CondaRecord

names = st.sampled_from("abcdefgh")


def record(name: str, *depends: str) -> CondaRecord:
    return CondaRecord(name, "1", "0", "", "", depends=depends)


def test_after_what_it_depends_on() -> None:
    records = [
        record("alpha", "python", "zlib"),
        record("beta"),
        record("python", "zlib", "__glibc"),
        record("zlib"),
    ]
    for order in permutations(records):
        assert install_order(order) == ["beta", "zlib", "python", "alpha"]


def test_a_circle_is_broken() -> None:
    assert install_order([record("pip", "python"), record("python", "pip")]) == ["pip", "python"]


def test_names_that_the_model_refuses_are_left_out() -> None:
    assert install_order([record("-rf"), record("Up"), record("a"), record("a\nb")]) == ["a"]


@given(st.dictionaries(names, st.sets(names)))
def test_every_name_once_and_never_before_its_dependencies(graph: dict[str, set[str]]) -> None:
    order = install_order(record(name, *sorted(needs)) for name, needs in graph.items())
    assert sorted(order) == sorted(graph)

    def reach(name: str) -> set[str]:
        seen: set[str] = set()
        stack = [name]
        while stack:
            fresh = (graph.get(stack.pop(), set()) & graph.keys()) - seen
            seen |= fresh
            stack += fresh
        return seen

    circular = any(name in reach(name) for name in graph)
    for name in graph:
        if not circular:
            assert all(order.index(other) < order.index(name) for other in reach(name))
