"""Switches of libraries: set one, remember its value, and put it back."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, NamedTuple

from jupyter_repro.errors import clause


class Change(NamedTuple):
    """One switch that was set: its values before and now, and how to put it back."""

    name: str
    before: object
    ours: object
    read: Callable[[], object]
    write: Callable[[Any], None]


def change(
    name: str,
    wanted: object,
    read: Callable[[], object],
    write: Callable[[Any], None],
    changes: list[Change],
) -> None:
    """Set a switch unless it has the value already, and add the change to `changes`."""
    before = read()
    if before != wanted:
        write(wanted)
        changes.append(Change(name, before, wanted, read, write))


def variable(name: str) -> tuple[Callable[[], str | None], Callable[[str | None], None]]:
    """Return how to read and how to write an environment variable; None stands for not set."""

    def write(value: str | None) -> None:
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value

    return lambda: os.environ.get(name), write


def set_variable(name: str, value: str) -> list[Change]:
    """Set an environment variable, unless the user has set it."""
    changes: list[Change] = []
    if name not in os.environ:
        change(name, value, *variable(name), changes)
    return changes


def undo(changes: list[Change]) -> list[str]:
    """Put back the values from before, except those that the user has changed since.

    Returns
    -------
    list of str
        One sentence for each switch that was not put back, because it has neither our value nor the
        one from before.
    """
    notes = []
    for changed in reversed(changes):
        now = changed.read()
        if now not in (changed.ours, changed.before):
            state = "" if callable(now) else f" (now {now})"
            notes.append(f"{changed.name}{state} was not reset: it was changed after %repro.")
            continue
        try:
            changed.write(changed.before)
        except RuntimeError as error:
            notes.append(f"{changed.name} could not be reset to {changed.before}: {clause(error)}.")
    return notes


class StandIn:
    """A function that replaces an original and is equal to it.

    Compilers identify functions by identity: Numba would no longer find a `random.seed` that it
    saw before, or saw under a different seed.

    Parameters
    ----------
    ours
        The function that is called.
    original
        The function that it replaces; may be a stand-in itself.
    module, name
        Where it is found. It is pickled by name: a different process finds its own function there.
    """

    def __init__(
        self, ours: Callable[..., Any], original: Callable[..., Any], module: str, name: str
    ) -> None:
        update_wrapper(self, original)  # first: it takes the attributes of an earlier stand-in, too
        self.__module__, self.__qualname__ = module, name
        self._ours = ours
        self._original = original

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, D102 - as the original
        return self._ours(*args, **kwargs)

    def __eq__(self, other: object) -> bool:
        theirs = other._original if isinstance(other, StandIn) else other
        return bool(self._original == theirs)

    def __hash__(self) -> int:
        return hash(self._original)

    def __reduce__(self) -> str:
        return self.__qualname__
