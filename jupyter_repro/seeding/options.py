"""What may be asked of the seeding, read and checked."""

from __future__ import annotations

import difflib
import operator
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, SupportsIndex, TypeVar, cast, get_args

from jupyter_repro.errors import UsageError
from jupyter_repro.model.snapshot import Determinism
from jupyter_repro.seeding.generators.entropy import Generators

Mode = Literal["sequential", "cell"]
Ranks = Literal["same", "distinct"]

MAX_SEED = 2**64 - 1

LEVELS: tuple[Determinism, ...] = get_args(Determinism)
GENERATORS: tuple[Generators, ...] = get_args(Generators)
MODES: tuple[Mode, ...] = get_args(Mode)
RANKS: tuple[Ranks, ...] = get_args(Ranks)

RANK_VARIABLES = ("RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID")
"""Where launchers tell a process its number: torchrun, Open MPI, other MPIs, Slurm. The first
counts: torchrun may run below Slurm."""


@dataclass(frozen=True)
class SeedOptions:
    """What to seed and how.

    Parameters
    ----------
    seed
        0 to `MAX_SEED`.
    determinism
        See `determinism.apply_level`.
    generators
        Generators that are made without a seed: ``derive`` gives each a seed that follows from
        `seed`; ``report`` leaves them their own entropy and only records them.
    mode
        ``sequential``: one stream from the seed on, as the usual recipe gives it; ``cell``: each
        cell starts from a state that follows from the seed and the cell.
    ranks
        Processes of one launch (`RANK_VARIABLES`): ``same`` gives all of them the same numbers,
        as models that begin alike need it; ``distinct`` gives each its own, and rank 0 those of a
        process that runs alone.
    """

    seed: int
    determinism: Determinism = "warn"
    generators: Generators = "derive"
    mode: Mode = "sequential"
    ranks: Ranks = "same"


def parse_options(
    seed: SupportsIndex | str,
    determinism: str = "warn",
    generators: str = "derive",
    mode: str = "sequential",
    ranks: str = "same",
) -> SeedOptions:
    """Read what a user wrote.

    Raises
    ------
    UsageError
        If one of them is not valid; the message names the nearest valid one.
    """
    return SeedOptions(
        seed=parse_seed(seed),
        determinism=parse_determinism(determinism),
        generators=_parse_choice("generators", generators, GENERATORS),
        mode=_parse_choice("mode", mode, MODES),
        ranks=_parse_choice("ranks", ranks, RANKS),
    )


def current_rank(environ: Mapping[str, str] = os.environ) -> int | None:
    """Return the number of this process within its launch, or None where it runs alone."""
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
        If it is something else.
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


def parse_determinism(text: str) -> Determinism:
    """Return the level of that name.

    Raises
    ------
    UsageError
        If there is none; the message names the nearest one.
    """
    return _parse_choice("determinism", text, LEVELS)


_Choice = TypeVar("_Choice", bound=str)


def _parse_choice(key: str, text: str, choices: tuple[_Choice, ...]) -> _Choice:
    for choice in choices:
        if text == choice:
            return choice
    near = difflib.get_close_matches(str(text), choices, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    reason = f"{key} must be one of {', '.join(choices)}, not {str(text)[:40]!r}{hint}"
    raise UsageError(reason)
