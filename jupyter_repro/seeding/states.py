"""The states of several libraries' generators, as one plain value."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, cast

from jupyter_repro.errors import UsageError, clause
from jupyter_repro.seeding.seeders.registry import Seeder, State

RngState = dict[str, State]
"""Name of the seeder → state; about 12 kB for Python, NumPy and PyTorch."""

Loaded = Mapping[str, tuple[Seeder, ModuleType]]


def read_states(libraries: Loaded) -> tuple[RngState, list[str]]:
    """Return the states, and a sentence for each library that does not show its own."""
    states: RngState = {}
    notes = []
    for name, (seeder, module) in libraries.items():
        get_state = getattr(seeder, "get_state", None)
        if get_state is None:
            notes.append(f"{name} does not show the state of its generator.")
            continue
        try:
            states[name] = get_state(module)
        except Exception as error:  # noqa: BLE001 - the others are read all the same
            notes.append(f"The state of {name} cannot be read: {type(error).__name__}: {error}")
    return states, notes


def find_drawn(libraries: Loaded, python_at_load: object) -> list[str]:
    """Return the libraries that numbers were drawn from since they were seeded or imported.

    Parameters
    ----------
    python_at_load
        ``random.getstate()`` at a time after which only the user draws, or None. A draw from
        Python's generator alone proves nothing: IPython draws a tip for its banner.
    """
    found = []
    for name, (seeder, module) in libraries.items():
        if name == "python" and (
            python_at_load is None or cast("Any", module).getstate() == python_at_load
        ):
            continue
        has_drawn = getattr(seeder, "has_drawn", None)
        try:
            if has_drawn is not None and has_drawn(module):
                found.append(name)
        except Exception:  # noqa: BLE001, S112 - the user has put something else in its place
            continue
    return found


def write_states(libraries: Loaded, states: Mapping[str, State]) -> list[str]:
    """Go back to all of the states, or to none.

    Returns
    -------
    list of str
        A sentence for each library that is in one of the two and not in the other.

    Raises
    ------
    UsageError
        If a library does not accept its state; then nothing has changed.
    """
    notes = [
        f"{name} is not loaded, so its state is not restored." for name in {*states} - {*libraries}
    ]
    before: RngState = {}
    for name, (seeder, module) in libraries.items():
        if name not in states:
            if hasattr(seeder, "get_state"):
                notes.append(f"The checkpoint has no state of {name}, which keeps its current one.")
            continue
        stateful = cast("Any", seeder)
        try:
            before[name] = stateful.get_state(module)
            stateful.set_state(module, states[name])
        except Exception as error:  # noqa: BLE001 - whatever a library says to a damaged state
            for done, state in before.items():
                cast("Any", libraries[done][0]).set_state(libraries[done][1], state)
            reason = f"The state of {name} cannot be restored: {clause(error)}."
            raise UsageError(reason) from None
    return sorted(notes)
