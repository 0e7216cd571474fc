"""The model of a recorded result: what a value was, and how near another one has to be.

Numbers are texts, as Python prints them: JSON has no NaN, and front ends rewrite 2.0 as 2.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from jupyter_repro.model.fields import Digest, Line, Name, ShortDigest, Text, Time

Outcome: TypeAlias = Literal[
    "identical", "within tolerance", "different", "not comparable", "not run"
]

OUTCOMES: tuple[Outcome, ...] = (
    "different",
    "not run",
    "not comparable",
    "within tolerance",
    "identical",
)
"""Worst first."""

MAX_PARTS = 64
"""Parts of one result."""

MAX_VALUES = 64
"""An array of at most so many numbers is kept whole."""

MAX_RESULTS = 200
"""Results of one notebook."""

MAX_HISTORY = 20
"""Values of one result that are kept, the newest ones."""

Values: TypeAlias = Annotated[list[Text], Meta(max_length=MAX_VALUES)]
# Base64 of `fingerprint.PROJECTIONS` doubles
Sketch: TypeAlias = Annotated[str, Meta(max_length=200, pattern=r"^[A-Za-z0-9+/]*=*(?!\n)$")]


class Statistics(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of many numbers.

    Parameters
    ----------
    minimum, maximum, mean, std
        Over the finite numbers.
    smallest, norm
        The smallest magnitude, and the root of the sum of squares, of the finite numbers.
    odd
        How many are NaN or infinite, and a digest of which: ``"3 0123456789ab"``.
    samples
        Some of the numbers, at places that follow from their number.
    sketch
        See `jupyter_repro.comparing.results.fingerprint`.
    """

    minimum: Text
    maximum: Text
    mean: Text
    std: Text
    smallest: Text
    norm: Text
    odd: Text | None = None
    samples: Values = []
    sketch: Sketch


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part of a value: a number, a text, an array.

    Parameters
    ----------
    path
        Where it is in the value (``['layer.weight']``, ``[0]``); empty for the value itself.
    type
        ``float``, ``int``, ``bool``, ``str``, ``None``, or of an array ``float32[64, 3]``.
    value
        A number or a short text, whole.
    values
        The numbers of a small array, in the order of C.
    sha256
        Of the bytes of an array, or of a long text in UTF-8.
    statistics
        Of an array of numbers that is not kept whole.
    """

    path: Line = ""
    type: Text
    value: Line | None = None
    values: Values | None = None
    sha256: Digest | None = None
    statistics: Statistics | None = None


Parts: TypeAlias = Annotated[list[Part], Meta(max_length=MAX_PARTS)]


class Tolerance(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a number may be from the recorded one.

    Parameters
    ----------
    rtol, atol
        As NumPy defines them: ``|new - recorded| <= atol + rtol * |recorded|``
        (https://numpy.org/doc/stable/reference/generated/numpy.isclose.html).
    ulp
        Units in the last place, of floats; either of the two conditions is enough.
    """

    rtol: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    atol: Annotated[float, Meta(ge=0)] = 0.0
    ulp: Annotated[int, Meta(ge=0)] = 0


EXACT = Tolerance()


class Moment(Struct, frozen=True, kw_only=True):
    """A value that a result once had.

    Parameters
    ----------
    created
        Time of the first run that gave it, UTC.
    env
        First digits of the digest of the environment.
    value
        How it is shown.
    """

    created: Time
    env: ShortDigest
    value: Text


class RunResult(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one run gave for a named result; the fields are those of `Result`."""

    parts: Parts
    created: Time
    cell: Text | None = None
    tolerance: Tolerance | None = None


class Noise(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much a result moved when nothing, or the seed alone, was changed.

    Parameters
    ----------
    runs, seeds
        How many runs with the same seed, and with other seeds.
    same_seed, other_seeds
        The largest distance of two of them: of numbers; None where there were none.
    low, high
        The band of the values over the seeds.
    tolerance
        What is proposed for it: twice the noise. It holds where the notebook gives none.
    """

    runs: Annotated[int, Meta(ge=0)] = 0
    seeds: Annotated[int, Meta(ge=0)] = 0
    same_seed: Text | None = None
    other_seeds: Text | None = None
    low: Text | None = None
    high: Text | None = None
    tolerance: Tolerance | None = None


class Result(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named result of a notebook.

    Parameters
    ----------
    parts
        What the reference is.
    cell
        Id of the cell that recorded it.
    tolerance
        Of this result; None leaves it to the policy.
    latest
        What the last run gave, where that is not the same.
    history
        Distinct values with the environments that gave them, the oldest first.
    """

    parts: Parts
    cell: Text | None = None
    tolerance: Tolerance | None = None
    latest: Parts | None = None
    history: Annotated[list[Moment], Meta(max_length=MAX_HISTORY)] = []
    noise: Noise | None = None


Results: TypeAlias = Annotated[dict[Name, Result], Meta(max_length=MAX_RESULTS)]
RunResults: TypeAlias = Annotated[dict[Name, RunResult], Meta(max_length=MAX_RESULTS)]
