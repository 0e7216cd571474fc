"""The options of seeding, read and checked."""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Mapping
from typing import NamedTuple, SupportsIndex, cast

from jupyter_repro.errors import UsageError
from jupyter_repro.model.options import (
    DETERMINISM,
    GENERATORS,
    MODE,
    RANKS,
    Determinism,
    Generators,
    Mode,
    Ranks,
)

MAX_SEED = 2**64 - 1

RANK_VARIABLES = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID")
"""Where launchers give a process its number: torchrun, Open MPI, other MPIs, Slurm. The first
counts: torchrun may run below Slurm."""


class SeedOptions(NamedTuple):
    """What to seed and how.

    Parameters
    ----------
    seed
        0 to `MAX_SEED`.
    determinism
        See `determinism.apply_level`.
    generators
        Generators that are made without a seed: ``derive`` gives each a seed that is derived from
        `seed`; ``report`` lets them take fresh entropy and only records them.
    mode
        ``sequential``: one stream, with the same numbers as if you had seeded by hand; ``cell``:
        each cell starts from a state that is derived from the seed and the cell.
    ranks
        Processes of one launch (`RANK_VARIABLES`): ``same`` gives all of them the same numbers,
        which models with equal initial weights need; ``distinct`` gives each its own, and rank 0
        those of a process that runs alone.
    """

    seed: int
    determinism: Determinism = DETERMINISM.default
    generators: Generators = GENERATORS.default
    mode: Mode = MODE.default
    ranks: Ranks = RANKS.default


def parse_options(
    seed: SupportsIndex | str,
    determinism: str = DETERMINISM.default,
    generators: str = GENERATORS.default,
    mode: str = MODE.default,
    ranks: str = RANKS.default,
) -> SeedOptions:
    """Read the options that a user wrote.

    Raises
    ------
    UsageError
        If an option is not valid; the message names the nearest valid one.
    """
    return SeedOptions(
        seed=parse_seed(seed),
        determinism=DETERMINISM.parse(determinism),
        generators=GENERATORS.parse(generators),
        mode=MODE.parse(mode),
        ranks=RANKS.parse(ranks),
    )


def current_rank(environ: Mapping[str, str] = os.environ) -> int | None:
    """Return the number of this process within its launch, or None if it runs alone."""
    for name in RANK_VARIABLES:
        value = environ.get(name, "")
        if re.fullmatch("[0-9]{1,9}", value, re.ASCII):
            return int(value)
    return None


def parse_seed(seed: SupportsIndex | str) -> int:
    """Return a seed as an integer from 0 to `MAX_SEED`.

    Parameters
    ----------
    seed
        An integer of any type (NumPy's too), or its decimal digits.

    Raises
    ------
    UsageError
        If it is anything else.
    """
    number = _integer(seed)
    if number is None or not 0 <= number <= MAX_SEED:
        # Not the number itself: Python refuses to print one with thousands of digits
        shown = repr(seed)[:40] if number is None else "a negative one"
        if number is not None and number > MAX_SEED:
            shown = "a larger one"
        reason = f"seed must be an integer from 0 to {MAX_SEED}, not {shown}; for instance seed=42"
        raise UsageError(reason)
    return number


def _integer(seed: object) -> int | None:
    if isinstance(seed, bool):
        return None
    if isinstance(seed, str):
        digits = len(seed) <= 100 and re.fullmatch(r"\s*[+-]?[0-9]+\s*", seed, re.ASCII)
        return int(seed) if digits else None
    try:
        return operator.index(cast("SupportsIndex", seed))
    except TypeError:
        return None
