"""The order in which conda packages can be installed: each after its dependencies.

Installers that take a list of files link them in its order. The link scripts of a package need the
packages before it, and without Python nothing in a Python package is compiled.

The order is recorded because a notebook that is opened on a different machine has no other source
for it. It costs one name per package; storing the dependencies would double the snapshot. It is
not part of the digest. One function computes it from any list of dependencies: records, a
channel's index, a lock file.

Tarjan's algorithm groups packages that need each other, with Python first, because conda lets
Python depend on pip. If the order gave up at a circle, 25 packages would come before Python: the
installer would not compile them and would run their scripts without Python. If no record lists
dependencies (micromamba 2.2 to 2.3.2), the ``+`` lines of the history count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import TypeAlias

Graph: TypeAlias = list[list[int]]
"""Number of a package → the numbers of those that it depends on, the smallest first."""

# Names that conda allows; a broken record may contain any text
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,127}").fullmatch
_NAME_END = re.compile(r"[ =<>!~\[;]")


def dependency_name(spec: str) -> str:
    """Return the name of the package in a dependency (``python >=3.11``)."""
    return _NAME_END.split(spec, maxsplit=1)[0]


def install_order(depends: Mapping[str, Iterable[str]], preferred: Sequence[str] = ()) -> list[str]:
    """Return the names of the packages, each after its dependencies.

    If packages depend on each other in a circle, python comes first: the usual circle is conda's,
    which lets python depend on pip. The rest of a circle stays together, after everything that any
    of its packages needs; within it, as many packages as possible come after their dependencies.

    Parameters
    ----------
    depends
        Name → names of its dependencies. Names that conda does not allow are left out.
    preferred
        If several orders are valid, the one nearest to this order is taken, then the one nearest
        to the alphabet, so that one more package adds one line to a diff.

    Examples
    --------
    >>> install_order({"curl": ["zlib"], "zlib": []})
    ['zlib', 'curl']
    >>> install_order({"pip": ["python", "wheel"], "python": ["pip"], "wheel": ["python"]})
    ['python', 'wheel', 'pip']
    """
    place = {name: number for number, name in enumerate(preferred)}
    names = sorted(filter(_NAME, depends), key=lambda name: (place.get(name, len(place)), name))
    numbers = {name: number for number, name in enumerate(names)}
    graph = [
        sorted({numbers[other] for other in depends[name] if other in numbers} - {number})
        for number, name in enumerate(names)
    ]
    groups = [*_groups(graph)]
    circle = next(({*group} for group in groups if numbers.get("python") in group), set())
    if len(circle) > 1:
        python = numbers["python"]
        graph[python] = [other for other in graph[python] if other not in circle]
        groups = [*_groups(graph)]
    return [names[number] for group in _in_order(groups, graph) for number in group]


def _groups(graph: Graph) -> Iterator[list[int]]:
    """Yield the strongly connected components: circles, and single packages that are in none.

    Tarjan's algorithm without recursion, https://doi.org/10.1137/0201010. In a component, a number
    comes before one of its dependencies only if the search reached it through that dependency.
    """
    end = len(graph)
    seen = [end] * end
    lowest = [end] * end  # the first seen of those that a number leads to; of a yielded one, `end`
    count = 0
    waiting: list[int] = []
    for start in range(end):
        path = [(start, iter(graph[start]))] if seen[start] == end else []
        while path:
            number, others = path[-1]
            if seen[number] == end:
                seen[number] = lowest[number] = count
                count += 1
            for other in others:
                if seen[other] == end:
                    path.append((other, iter(graph[other])))
                    break
                lowest[number] = min(lowest[number], lowest[other])
            else:
                path.pop()
                waiting.append(number)
                if lowest[number] < seen[number]:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[number])
                    continue
                cut = len(waiting) - 1
                while cut and seen[waiting[cut - 1]] > seen[number]:
                    cut -= 1
                group = waiting[cut:]
                del waiting[cut:]
                for one in group:
                    lowest[one] = end
                yield group


def _in_order(groups: list[list[int]], graph: Graph) -> Iterator[list[int]]:
    """Yield the groups, each after its dependencies; of several, by the smallest number."""
    group_of = [0] * len(graph)
    for index, group in enumerate(groups):
        for number in group:
            group_of[number] = index
    needed_by: list[list[int]] = [[] for _ in groups]
    missing = [0] * len(groups)
    for number, others in enumerate(graph):
        index = group_of[number]
        for other in others:
            if group_of[other] != index:
                needed_by[group_of[other]].append(index)
                missing[index] += 1
    ready = [(min(groups[index]), index) for index, count in enumerate(missing) if not count]
    heapify(ready)
    while ready:
        _, done = heappop(ready)
        yield groups[done]
        for index in needed_by[done]:
            missing[index] -= 1
            if not missing[index]:
                heappush(ready, (min(groups[index]), index))
