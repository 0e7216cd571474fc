"""The options that a user can set: what each may be, its default and one line of help.

`%repro`, the command line, the requests to a kernel and the runner all read this table, so that
an option has the same choices and the same default wherever it is given. A test finds any second
list of them.

``%load_ext`` reads this module: it imports little of the standard library and nothing else, and
its classes are plain ones, because making a dataclass costs more than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, Literal, TypeAlias, TypeVar, get_args

from jupyter_repro.errors import UsageError

Determinism: TypeAlias = Literal["strict", "warn", "cudnn", "off"]
Generators: TypeAlias = Literal["derive", "report"]
Mode: TypeAlias = Literal["sequential", "cell"]
Ranks: TypeAlias = Literal["same", "distinct"]
PolicyName: TypeAlias = Literal["research", "production"]
PinLevel: TypeAlias = Literal["production", "version", "research", "history"]
YesNo: TypeAlias = Literal["yes", "no"]

_Value = TypeVar("_Value", bound=str)


class Option:
    """One option.

    Parameters
    ----------
    name
        As the user writes it.
    help
        What it does, in one line without a full stop.
    """

    def __init__(self, name: str, help: str) -> None:  # noqa: A002 - as argparse calls it
        self.name = name
        self.help = help

    @property
    def summary(self) -> str:
        """The line of a help text."""
        return self.help


class Choice(Option, Generic[_Value]):
    """An option that takes one of a few words.

    Parameters
    ----------
    choices
        All of them, in the order of the help text.
    default
        The one that holds where the user gives none.
    meanings
        What each of the choices does, in the same order; empty where `help` is enough.
    """

    def __init__(
        self,
        *,
        name: str,
        help: str,  # noqa: A002 - as argparse calls it
        choices: tuple[_Value, ...],
        default: _Value,
        meanings: tuple[str, ...] = (),
    ) -> None:
        super().__init__(name, help)
        self.choices = choices
        self.default = default
        self.meanings = meanings

    @property
    def summary(self) -> str:
        """The line of a help text: the choices, the default among them, and what they are for."""
        shown = [f"{one} (default)" if one == self.default else one for one in self.choices]
        return f"{', '.join(shown[:-1])} or {shown[-1]}: {self.help}"

    def parse(self, text: object) -> _Value:
        """Return the choice of that name.

        Raises
        ------
        UsageError
            If there is none; the message suggests the nearest one.

        Examples
        --------
        >>> MODE.parse("cell")
        'cell'
        """
        for choice in self.choices:
            if text == choice:
                return choice
        known = f"is not one of {', '.join(self.choices)}."
        hint = suggest(str(text)[:40], self.choices)
        reason = f"{self.name}={repr(text)[:60]} {known} {hint}"
        raise UsageError(reason.rstrip())


DETERMINISM: Choice[Determinism] = Choice(
    name="determinism",
    help="how to treat nondeterministic operations",
    choices=get_args(Determinism),
    default="warn",
    meanings=(
        "an error where there is no deterministic algorithm",
        "deterministic algorithms where there are some, a warning elsewhere",
        "cuDNN alone: deterministic on, benchmark off",
        "no flag is changed",
    ),
)
GENERATORS: Choice[Generators] = Choice(
    name="generators",
    help="what generators created without a seed get",
    choices=get_args(Generators),
    default="derive",
    meanings=(
        "np.random.default_rng() and the like get seeds that follow from yours",
        "they keep their own entropy; either way they are listed as findings",
    ),
)
MODE: Choice[Mode] = Choice(
    name="mode",
    help="how numbers are dealt to the cells",
    choices=get_args(Mode),
    default="sequential",
    meanings=(
        "one stream for all cells, as in a script",
        "each cell has its own numbers, so that you can run cells in any order",
    ),
)
RANKS: Choice[Ranks] = Choice(
    name="ranks",
    help="how numbers are dealt to the processes of one launch",
    choices=get_args(Ranks),
    default="same",
    meanings=(
        "all processes that torchrun or mpirun starts draw the same numbers",
        "each of them draws its own",
    ),
)
POLICY: Choice[PolicyName] = Choice(
    name="policy",
    help="how much a difference counts",
    choices=get_args(PolicyName),
    default="research",
)
PINS: Choice[PinLevel] = Choice(
    name="pins",
    help="how exactly packages are named",
    choices=get_args(PinLevel),
    default="production",
    meanings=("build strings and digests", "versions", "major.minor", "what you had requested"),
)
NETWORK: Choice[YesNo] = Choice(
    name="network",
    help="ask your package index and channels",
    choices=get_args(YesNo),
    default="no",
)
HASHES: Choice[YesNo] = Choice(
    name="hashes",
    help="write the digests that are known",
    choices=get_args(YesNo),
    default="yes",
)
REPLACE: Choice[YesNo] = Choice(
    name="replace",
    help="overwrite existing files",
    choices=get_args(YesNo),
    default="no",
)

SEED = Option("seed", "integer from 0 to 2**64 - 1: seed every random generator and record")
RTOL = Option("rtol", "relative tolerance, as in numpy.isclose")
ATOL = Option("atol", "absolute tolerance, as in numpy.isclose")
ULP = Option("ulp", "how many units in the last place floats may differ by")
FILE = Option("file", "also write the checkpoint to this file, or read it from there")
FORMAT = Option("format", "the format, where the file's name does not show it")
PLATFORM = Option("platform", "write for a different platform, such as osx-arm64")

SEEDING: tuple[Option, ...] = (SEED, DETERMINISM, GENERATORS, MODE, RANKS)
"""What a seed is given with."""

TOLERANCE: tuple[Option, ...] = (RTOL, ATOL, ULP)
"""What a result is given with."""

EXPORT: tuple[Option, ...] = (FORMAT, PINS, PLATFORM, NETWORK, HASHES, REPLACE)
"""What an export is given with."""

OPTIONS: dict[str, Option] = {
    option.name: option for option in (*SEEDING, POLICY, *TOLERANCE, FILE, *EXPORT)
}
"""All options by name, in the order of the help text."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like a word, or None where none does.

    Examples
    --------
    >>> nearest("sede", ["seed", "mode"])
    'seed'
    """
    import difflib  # only a mistake needs it

    return next(iter(difflib.get_close_matches(word, list(known), n=1)), None)


def suggest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the sentence that suggests the nearest known word; `otherwise` where none is near.

    Examples
    --------
    >>> suggest("sede", ["seed", "mode"])
    "Did you mean 'seed'?"
    """
    near = nearest(word, known)
    return f"Did you mean {near!r}?" if near is not None else otherwise
