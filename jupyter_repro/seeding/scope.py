"""Save the states of all generators and go back to them: for checkpoints, and for one cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import msgspec

from jupyter_repro.errors import UsageError
from jupyter_repro.seeding.generators.entropy import Entropy
from jupyter_repro.seeding.numbers import Numbers
from jupyter_repro.seeding.seeders.registry import State
from jupyter_repro.seeding.states import Loaded, RngState, read_states, write_states

GENERATORS = "generators"
"""Name in a saved state of the position of the seeds for generators without one."""


class Scope(NamedTuple):
    """What was seeded before a cell was seeded separately.

    Parameters
    ----------
    numbers
        None if nothing was seeded.
    states
        The states of all generators.
    seeded
        Names of the seeders whose libraries were seeded.
    """

    numbers: Numbers | None
    states: RngState
    seeded: frozenset[str]

    def lost(self, seeded: frozenset[str]) -> frozenset[str]:
        """Return the seeders that have no state to go back to, so that they start anew.

        Parameters
        ----------
        seeded
            The seeders of the libraries that are seeded now.
        """
        return seeded - (self.states.keys() & self.seeded)


def save_state(libraries: Loaded, entropy: Entropy) -> tuple[RngState, list[str]]:
    """Return the states of all generators of loaded libraries, see `api.get_rng_state`.

    Returns
    -------
    RngState
        With the position in the stream of derived seeds as `GENERATORS`.
    list of str
        A sentence for each library that does not show its state.
    """
    states, notes = read_states(libraries)
    if entropy.mode is not None:
        states[GENERATORS] = {"position": entropy.streams.position()}
    return states, notes


def load_state(libraries: Loaded, entropy: Entropy, states: Mapping[str, State]) -> list[str]:
    """Go back to what `save_state` returned; return what is left out, as sentences.

    Raises
    ------
    UsageError
        If it is not such a state; then nothing has changed.
    """
    streams = entropy.streams
    rest = {name: state for name, state in states.items() if name != GENERATORS}
    before = streams.position()
    if GENERATORS in states:
        try:
            streams.move_to(cast("bytes", states[GENERATORS]["position"]))
        except (KeyError, TypeError, msgspec.MsgspecError):
            reason = f"The state of {GENERATORS} is damaged."
            raise UsageError(reason) from None
    try:
        return write_states(libraries, rest)
    except UsageError:
        streams.move_to(before)
        raise
