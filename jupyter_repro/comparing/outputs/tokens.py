"""Cut a text into numbers, words, and the white space between them.

A number is what a person reads as one: ``-1.5e-3``, ``1,234.5``, ``nan``, the ``12.3`` of
``12.3%``. Digits inside a name (``conv2d_1``, ``v1.2``) or a version (``1.2.3``) belong to a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["number", "word", "space"]

DIGITS = tuple("0123456789.")

_TOKEN = re.compile(
    r"""
    (?P<space> \s+ )
  | (?P<special> [+-]? (?<!\w) (?: nan | NaN | NAN | inf | Inf | Infinity ) (?!\w) )
  | (?P<name> [^\W0-9]\w* (?: [.-] \w+ )* )                # conv2d_1, v1.2, a-1, model.pt
  | (?P<version> [0-9]+ (?: \.[0-9]+ ){2,} \w* )                # 1.2.3, 25.11.2026, addresses
  | (?P<joined> [0-9]+ _ \w* )                               # 1_000, 20261125_1200
  | (?P<number>
        [+-]?
        (?: (?<![0-9.,\[({]) [0-9]{1,3} (?: ,[0-9]{3} )+ (?![0-9,\])}]) (?: \.[0-9]* )?
          | [0-9]+ \.[0-9]* | \.[0-9]+ | [0-9]+ )
        (?: [eE][+-]?[0-9]+ )? )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A piece of a text.

    Parameters
    ----------
    kind
        ``word`` is all that is neither a number nor white space: names, punctuation, signs.
    text
        The piece itself; all pieces joined are the text.
    start
        Where it begins.
    """

    kind: Kind
    text: str
    start: int

    @property
    def value(self) -> float:
        """The value of a number."""
        return float(self.text.replace(",", ""))

    @property
    def is_integer(self) -> bool:
        """Whether it is finite and written without a point or an exponent."""
        return self.text.lstrip("+-").replace(",", "").isdigit()

    @property
    def unit(self) -> float:
        """The value of one in its last digit; 0 for an integer or a number that is not finite."""
        mantissa, _, exponent = self.text.lower().partition("e")
        if self.is_integer or mantissa[-1:] not in DIGITS:
            return 0.0
        decimals = len(mantissa.partition(".")[2])
        try:
            return float(f"1e{int(exponent or 0) - decimals}")
        except (ValueError, OverflowError):  # an exponent with thousands of digits
            return 0.0


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the pieces of a text; joined, they are the text."""
    for match in _TOKEN.finditer(text):
        group = match.lastgroup
        kind: Kind = "word"
        if group in {"number", "special"}:
            kind = "number"
        elif group == "space":
            kind = "space"
        yield Token(kind, match[0], match.start())
