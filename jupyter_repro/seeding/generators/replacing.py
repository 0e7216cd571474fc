"""Replace a function of a module, or a method of a class, so that it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from jupyter_repro.seeding.hooks.switches import Change

Call = Callable[..., Any]


def replace(owner: Any, name: str, make: Callable[[Call], Call]) -> list[Change]:  # noqa: ANN401
    """Replace a function, if it is there; return how to undo it.

    Parameters
    ----------
    owner
        A module or a class.
    name
        Of the function.
    make
        Returns the new function for the original. A method gets the object first.
    """
    original = getattr(owner, name, None)
    if original is None:
        return []
    before = vars(owner).get(name, original)
    ours: Any = wraps(original)(make(original))
    ours = staticmethod(ours) if isinstance(before, staticmethod) else ours

    def write(function: object) -> None:
        setattr(owner, name, function)

    try:
        write(ours)
    except TypeError:  # a class that cannot be changed
        return []
    place = (
        owner.__name__ if isinstance(owner, ModuleType) else f"{owner.__module__}.{owner.__name__}"
    )
    return [Change(f"{place}.{name}", before, ours, lambda: vars(owner)[name], write)]
