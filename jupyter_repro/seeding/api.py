"""Seeding for scripts: what `%repro seed=…` does in a notebook, as functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import SupportsIndex, cast

import msgspec

from jupyter_repro.model.options import DETERMINISM, GENERATORS, RANKS
from jupyter_repro.safety.world import Seeding
from jupyter_repro.seeding.controller import current_controller
from jupyter_repro.seeding.options import parse_options
from jupyter_repro.seeding.seeders.registry import State
from jupyter_repro.seeding.states import RngState


def seed_all(
    seed: SupportsIndex | str,
    determinism: str = DETERMINISM.default,
    generators: str = GENERATORS.default,
    *,
    ranks: str = RANKS.default,
) -> Seeding:
    """Seed every random generator of this process: `%repro seed=…` for a script.

    Parameters
    ----------
    seed
        Integer from 0 to 2**64 - 1.
    determinism
        ``strict``, ``warn``, ``cudnn`` or ``off``; see `determinism.apply_level`.
    generators
        ``derive`` or ``report``: what to do with generators that are made without a seed; see
        `options.SeedOptions`.
    ranks
        ``same`` or ``distinct``: whether the processes of one launch have the same numbers.

    Returns
    -------
    Seeding
        The libraries that are seeded, and those that will be when they are imported.

    Raises
    ------
    UsageError
        If an argument is not valid.

    Examples
    --------
    >>> seed_all(42).seed
    42
    """
    controller = current_controller()
    controller.start(parse_options(seed, determinism, generators, ranks=ranks))
    return cast("Seeding", controller.state())


def unseed() -> list[str]:
    """Undo `seed_all`; return a sentence for each setting that you have changed since."""
    return current_controller().stop()


def get_rng_state() -> RngState:
    """Return the states of the random generators of all loaded libraries.

    Returns
    -------
    dict
        Name of the library → plain data (bytes, numbers), some 12 kB for Python, NumPy and
        PyTorch. Libraries that do not show their state, such as Polars, are not in it.
    """
    return current_controller().save_state()[0]


def set_rng_state(states: Mapping[str, State]) -> list[str]:
    """Go back to the states that `get_rng_state` returned.

    Returns
    -------
    list of str
        A sentence for each library that is left out, because it is loaded only now or no longer.

    Raises
    ------
    UsageError
        If a state is damaged; then nothing has changed.
    """
    return current_controller().load_state(states)


def findings() -> list[dict[str, object]]:
    """Return what was seen in this run that prevents equal results, or nearly did.

    Returns
    -------
    list of dict
        With the fields of `findings.RunFinding`: ``kind``, ``severity``, ``what``, ``advice``,
        ``cell``, ``file``, ``line`` and ``count``, in the order in which they came. They are those
        of the newest run, and of the last run of each cell, at most `findings.MAX_FINDINGS`.
    """
    return [msgspec.structs.asdict(found) for found in current_controller().findings.all()]


def draws() -> dict[str, list[str]]:
    """Return which libraries' global generators each cell has drawn from, or seeded.

    Returns
    -------
    dict
        Cell, as `findings` names it → names of the libraries in its last run, in the order in
        which the cells first ran; empty lists for cells that drew nothing. Libraries that do not
        show their state, such as Polars, are not in it.
    """
    cells = current_controller().ledger.draws.cells
    return {cell: [*libraries] for cell, libraries in cells.items()}
