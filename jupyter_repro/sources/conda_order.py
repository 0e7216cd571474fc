"""The order in which conda packages can be installed: each after those that it depends on.

Installers that take a list of files link them in its order, and what a package runs when it is
linked may need the packages before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from jupyter_repro.sources.conda_records import CondaRecord

# conda's names; a broken record may claim any
_NAME = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,127}").fullmatch


def install_order(records: Iterable[CondaRecord]) -> list[str]:
    """Return the names of the packages, each after those of them that it depends on.

    Of several orders it is the one that is nearest to the alphabet, so that one more package is
    one more line in a diff. Where packages depend on each other in a circle, it is broken at the
    first of them by name. Names that no record could tell the dependencies of stand there as if
    they had none.

    Examples
    --------
    >>> zlib = CondaRecord("zlib", "1.3", "0", "", "")
    >>> install_order([CondaRecord("curl", "8.0", "0", "", "", depends=("zlib",)), zlib])
    ['zlib', 'curl']
    """
    depends = {record.name: {*record.depends} for record in records if _NAME(record.name)}
    waiting = {name: len(needs & depends.keys() - {name}) for name, needs in depends.items()}
    needed_by: dict[str, list[str]] = {}
    for name, needs in depends.items():
        for other in needs - {name}:
            needed_by.setdefault(other, []).append(name)
    ready = [name for name, count in waiting.items() if count == 0]
    heapify(ready)
    left = sorted(depends, reverse=True)
    order: list[str] = []
    while len(order) < len(depends):
        if ready:
            name = heappop(ready)
        else:  # a circle
            while waiting[left[-1]] < 0:
                left.pop()
            name = left.pop()
        if waiting[name] < 0:
            continue
        waiting[name] = -1
        order.append(name)
        for other in needed_by.get(name, ()):
            if waiting[other] > 0:
                waiting[other] -= 1
                if waiting[other] == 0:
                    heappush(ready, other)
    return order
