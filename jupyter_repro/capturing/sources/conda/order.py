"""The order in which conda packages can be installed: each after those that it depends on.

Installers that take a list of files link them in its order. What a package runs when it is linked
needs the packages before it, and without Python nothing of a Python package is compiled.

The order is recorded because a notebook that is opened on a different machine has no other source
for it. It costs one name a package; storing the dependencies would double the snapshot. It is not
part of the digest. One function computes it from any list of dependencies: records, a channel's
index, a lock file.

Packages that need each other are put together by Tarjan's algorithm, with Python first, because
conda lets Python depend on pip. An order that gives up at a circle would put 25 packages before
Python: the installer would compile nothing of them and would run their scripts without Python.
Where no record lists dependencies (micromamba 2.2 to 2.3.2), the ``+`` lines of the history count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import TypeAlias

Graph: TypeAlias = list[list[int]]
"""Number of a package → the numbers of those that it depends on, the smallest first."""

# conda's names; a broken record may claim any
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,127}").fullmatch
_NAME_END = re.compile(r"[ =<>!~\[;]")


def dependency_name(spec: str) -> str:
    """Return the name of the package that a dependency asks for (``python >=3.11``)."""
    return _NAME_END.split(spec, maxsplit=1)[0]


def install_order(depends: Mapping[str, Iterable[str]], preferred: Sequence[str] = ()) -> list[str]:
    """Return the names of the packages, each after those of them that it depends on.

    Where packages depend on each other in a circle, python comes first of them: conda itself makes
    the usual circle, it lets python depend on pip. What is left of a circle stands together, after
    all that any of it needs, and in it as many as possible after what they need themselves.

    Parameters
    ----------
    depends
        Name → names that it depends on. Names that conda packages cannot have are left out.
    preferred
        An order. Of several right ones, the nearest to it is taken, and then the nearest to the
        alphabet, so that one more package is one more line in a diff.

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
    """Yield the strongly connected components: circles, and each that is in none by itself.

    Tarjan's algorithm without recursion, https://doi.org/10.1137/0201010. In a component a number
    stands before one that it depends on only where the search had come to it through that one.
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
    """Yield the groups, each after those that it depends on; of several, by the smallest number."""
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
