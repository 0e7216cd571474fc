"""The same thing as different versions of a library print it.

NumPy 2 names the type of a scalar, also inside a list or a dictionary: ``np.float64(0.5)`` for what
was ``0.5`` (https://numpy.org/neps/nep-0051-scalar-representation.html), and since 2.2 the shape of
a shortened array. Old notebooks hold the older spelling. Where only one of two texts has the newer
one, what it adds is taken out. Where both have it, types are compared.

matplotlib names a figure and its axes in a new way in every few versions. What they show is in the
picture, so these names are all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_QUOTED = r"b?(?:'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")"
_SCALAR = re.compile(
    rf"""(?<![\w.])np\.(?:
      (?P<bool> True | False )_(?!\w)
    | (?: u?int[0-9]{{1,2}} | float[0-9]{{2,3}} | u?(?:byte|short|intc|int_|long|longlong)
        | half | single | double )
      \( (?P<number> [-+]?[\w.+-]{{1,60}} ) \)
    | complex[0-9]{{2,3}} \( (?P<complex> [\w.+-]{{1,120}} ) \)
    | c?longdouble \( ' (?P<long> [\w.+-]{{1,120}} ) ' \)
    | (?:str_|bytes_) \( (?P<quoted> {_QUOTED} ) \)
    | (?:void|record) \( (?P<record> \([^()\n]{{0,500}}\) ), \ dtype=\[ [^\[\]\n]{{0,1000}} \] \)
    | (?P<date> (?:datetime|timedelta)64 \( )
    )""",
    re.VERBOSE,
)
_SHAPE = re.compile(r"(?<=\]),\s{1,200}shape=\([0-9, ]{1,80}\)(?=[,)])")
_SUM = re.compile(r"(?<=[\w.])(?<![eE])[+-]")
_FIGURE = re.compile(
    r"<[\w.]{0,80}(?:Axes|Figure)\w{0,20}"
    r"(?:(?: object)? at (?:0x[0-9a-f]{1,16}|<address>)|(?::| size )[^<>\n]{0,500})?>"
    r"|(?<!\w)Figure\([0-9.]{1,20}x[0-9.]{1,20}\)"
)
_SHORTENED = 5_000
"""So far before the shape the three dots of a shortened array are looked for."""


def align(stored: str, new: str) -> tuple[str, str]:
    """Return two texts, with the things that only versions of libraries print differently alike."""
    stored, new = _align(_SCALAR, _older, stored, new)
    stored, new = _align(_SHAPE, _without_shape, stored, new)
    return _FIGURE.sub("<figure>", stored), _FIGURE.sub("<figure>", new)


def _align(
    pattern: re.Pattern[str], older: Callable[[re.Match[str]], str], stored: str, new: str
) -> tuple[str, str]:
    """Return both texts in the older spelling if only one of them has the newer one."""
    is_new = [pattern.search(text) is not None for text in (stored, new)]
    if is_new == [True, False]:
        return pattern.sub(older, stored), new
    return stored, pattern.sub(older, new) if is_new == [False, True] else new


def _older(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    value = match[kind]
    if kind == "date":
        return f"numpy.{value}"
    return f"({value})" if kind in {"complex", "long"} and _SUM.search(value) else value


def _without_shape(match: re.Match[str]) -> str:
    before = match.string[max(match.start() - _SHORTENED, 0) : match.start()]
    return "" if "..." in before else match[0]
