"""How near two recorded values are: only this module decides it.

Everything is judged from what is recorded (`jupyter_repro.model.results`), so that a kernel, the
command line and a report cannot come to different answers. The outcome is ``within tolerance``
only if that is certain (`fingerprint` says how certain). If not all numbers are recorded and
nothing shows that they differ too much, the outcome is ``not comparable``, with the known bounds.

A value that is not recorded in full is judged by the fingerprints of both sides. Statistics and
samples alone cannot guarantee that no number differs by more than the tolerance; the sketch can.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import NamedTuple

from jupyter_repro.comparing.results.fingerprint import largest_difference, root_sum_square
from jupyter_repro.model.results import OUTCOMES, Outcome, Part, Statistics, Tolerance


class Judgement(NamedTuple):
    """An outcome, and a sentence about it, which is empty if it is identical."""

    outcome: Outcome
    why: str = ""


def compare_parts(
    name: str, reference: list[Part], current: list[Part], tolerance: Tolerance
) -> Judgement:
    """Compare two values of a result.

    Parameters
    ----------
    name
        Name of the result, for the sentence.
    reference, current
        The recorded parts of each.

    Returns
    -------
    Judgement
        The judgement of the worst part.
    """
    before, after = ({part.path: part for part in parts} for parts in (reference, current))
    gone, new = [*(before.keys() - after.keys())], [*(after.keys() - before.keys())]
    for paths, words in ((gone, "is no longer there"), (new, "was not there before")):
        if paths:
            return Judgement("different", f"{name}{min(paths)} {words}.")
    found = [
        _readable(f"{name}{path}", part, after[path], tolerance) for path, part in before.items()
    ]
    return min(found, key=lambda one: OUTCOMES.index(one.outcome), default=Judgement("identical"))


def _readable(name: str, reference: Part, current: Part, tolerance: Tolerance) -> Judgement:
    try:
        return _compare_part(name, reference, current, tolerance)
    except (ValueError, LookupError, ArithmeticError):  # the record was edited
        return Judgement("not comparable", f"What is recorded of {name} cannot be read.")


def _compare_part(name: str, reference: Part, current: Part, tolerance: Tolerance) -> Judgement:
    if reference == current:
        return Judgement("identical")
    if reference.type != current.type:
        return Judgement("different", f"{name} is {_article(current.type, reference.type)}.")
    if reference.sha256 and reference.sha256 == current.sha256:
        return Judgement("identical")
    before, after = numbers_in(reference), numbers_in(current)
    if before is not None and after is not None and len(before) == len(after):
        return _compare_numbers(name, before, after, _digits(reference.type), tolerance)
    if reference.values is not None and current.values is not None:
        return _compare_items(name, reference.values, current.values)
    if reference.statistics and current.statistics:
        return _compare_statistics(
            name, reference.type, reference.statistics, current.statistics, tolerance
        )
    if reference.value is not None and current.value is not None:
        return Judgement("different", f"{name} is {current.value!r}, not {reference.value!r}.")
    return Judgement("different", f"{name} has other contents ({current.type}).")


def _article(current: str, reference: str) -> str:
    one, _, shape = reference.partition("[")
    other, _, new_shape = current.partition("[")
    if one == other and shape and new_shape:
        return f"of a different shape: [{new_shape}, not [{shape}"
    return f"of a different type: {current}, not {reference}"


def numbers_in(part: Part) -> list[float] | None:
    """Return the numbers of a part that is recorded in full; None if it holds no numbers."""
    texts = part.values
    if texts is None and part.type in {"float", "int"} and part.value is not None:
        texts = [part.value]
    try:
        return None if texts is None else [*map(_number, texts)]
    except ValueError:
        return None


def _number(text: str) -> float:
    # Integers stay integers: a double would round those above 2**53
    return int(text) if text.lstrip("-").isdecimal() and len(text) <= 100 else float(text)


def _compare_items(name: str, before: list[str], after: list[str]) -> Judgement:
    pairs = enumerate(zip(before, after, strict=False))
    index = next((at for at, (one, other) in pairs if one != other), None)
    if index is None:
        return Judgement("different", f"{name} has {len(after)} items, not {len(before)}.")
    told = f"{after[index]!r}, not {before[index]!r}"
    return Judgement("different", f"{name}: item {index} is {told}.")


def _compare_numbers(
    name: str,
    reference: list[float],
    current: list[float],
    size: int | None,
    tolerance: Tolerance,
) -> Judgement:
    """Compare numbers one by one.

    Parameters
    ----------
    size
        Bytes of a float of that type, None for integers.
    """
    pairs = [
        (at, one, other)
        for at, (one, other) in enumerate(zip(reference, current, strict=True))
        if not _is_same(one, other)
    ]
    if not pairs:
        return Judgement("identical")
    outside = [pair for pair in pairs if not is_close(pair[1], pair[2], tolerance, size)]
    shown = max(outside or pairs, key=lambda pair: _apart(pair[1], pair[2]))
    at, one, other = shown
    place = f"{name}: number {at}" if len(reference) > 1 else name
    count = f"; {len(outside)} of {len(reference)} are outside" if len(reference) > 1 else ""
    what = f"{place} is {other!r}, not {one!r}{_distance(one, other, size)}"
    if not outside:
        return Judgement("within tolerance", f"{what}, within {describe(tolerance)}.")
    return Judgement("different", f"{what}{count}.{_advice(one, other, tolerance)}")


def _is_same(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other and math.copysign(1, one) == math.copysign(1, other)


def is_close(reference: float, current: float, tolerance: Tolerance, size: int | None = 8) -> bool:
    """Return whether a number is within a tolerance of the recorded one.

    NaN is close to NaN, an infinity to itself; 0.0 and -0.0 are close to each other as soon as any
    tolerance is allowed.

    Parameters
    ----------
    size
        Bytes of a float of that type, which define a unit in the last place. None for integers.
    """
    if _is_same(reference, current):
        return True
    if not (math.isfinite(reference) and math.isfinite(current)):
        return False
    apart = abs(current - reference)
    if (tolerance.rtol or tolerance.atol) and apart <= (
        tolerance.atol + tolerance.rtol * abs(reference)
    ):
        return True
    return bool(tolerance.ulp and size and ulps_between(reference, current, size) <= tolerance.ulp)


def ulps_between(one: float, other: float, size: int) -> int:
    """Return how many steps from float to float separate two numbers.

    Parameters
    ----------
    size
        2, 4 or 8 bytes, as in IEEE 754's binary16, binary32 and binary64.
    """
    code, whole = {2: ("<e", "<H"), 4: ("<f", "<I"), 8: ("<d", "<Q")}[size]

    def place(number: float) -> int:
        try:
            packed = struct.pack(code, number)
        except OverflowError:  # too large for that size
            packed = struct.pack(code, math.copysign(math.inf, number))
        (bits,) = struct.unpack(whole, packed)
        sign = 1 << (8 * size - 1)
        return sign - (bits & (sign - 1)) if bits & sign else sign + int(bits)

    return abs(place(one) - place(other))


def _apart(one: float, other: float) -> float:
    apart = abs(other - one)
    return math.inf if math.isnan(apart) else apart


def _distance(one: float, other: float, size: int | None) -> str:
    if math.isnan(one) or math.isnan(other) or math.isinf(one) or math.isinf(other):
        return ""
    if one == other == 0:
        return " (a zero of the other sign)"
    apart = abs(other - one)
    told = f"apart by {apart:.3g}"
    if one:
        told += f", relative {apart / abs(one):.3g}"
    if size and (units := ulps_between(one, other, size)) < 10_000:
        told += f", {units} ULP"
    return f" ({told})"


def _advice(one: float, other: float, tolerance: Tolerance) -> str:
    """Return a sentence of advice for numbers near zero; else an empty text."""
    near = max(abs(one), abs(other))
    if tolerance.rtol and not tolerance.atol and 0 < near < 1e-6:
        return (
            " Numbers that are nothing but rounding differ by more than any rtol allows: "
            f"give them an atol, such as atol={_above(near)}."
        )
    return ""


def _above(number: float) -> str:
    return f"{2 * number:.0e}"


def describe(tolerance: Tolerance) -> str:
    """Return a tolerance as it is written after ``%repro expect``."""
    told = [
        f"{key}={value:g}"
        for key, value in (
            ("rtol", tolerance.rtol),
            ("atol", tolerance.atol),
            ("ulp", tolerance.ulp),
        )
        if value
    ]
    return " ".join(told) or "no tolerance"


def _compare_statistics(
    name: str, type_name: str, reference: Statistics, current: Statistics, tolerance: Tolerance
) -> Judgement:
    """Compare two arrays that are recorded only as fingerprints, and whose bytes differ."""
    if reference.odd != current.odd:
        before, after = (one.odd.split()[0] if one.odd else "0" for one in (reference, current))
        where = "in other places" if before == after else f"{after} times, not {before} times"
        return Judgement("different", f"{name} has NaN or infinities {where}.")
    size = _digits(type_name)
    for one, other, what in _telling(reference, current):
        if not is_close(one, other, tolerance, size):
            return Judgement(
                "different",
                f"{name}: {what} is {other!r}, not {one!r}{_distance(one, other, size)}."
                f"{_advice(one, other, tolerance)}",
            )
    count = _count(type_name)
    typical = root_sum_square(reference, current) / math.sqrt(count)
    bound = largest_difference(reference, current)
    allowed = _allowed_everywhere(reference, tolerance, size)
    told = f"typically apart by {typical:.2g}, nowhere by more than {bound:.2g}"
    if bound <= allowed:
        return Judgement("within tolerance", f"{name} is {told}, within {describe(tolerance)}.")
    if not (tolerance.rtol or tolerance.atol or tolerance.ulp):
        return Judgement("different", f"{name} is {told}.")
    return Judgement(
        "not comparable",
        f"{name} is {told}, but only a fingerprint of its {count} numbers is kept, which cannot "
        f"tell that each is within {describe(tolerance)}: atol={_above(bound)} would do, or record "
        "fewer numbers.",
    )


def _telling(reference: Statistics, current: Statistics) -> Iterator[tuple[float, float, str]]:
    """Yield the samples in pairs: they are close if all numbers are."""
    for at, pair in enumerate(zip(reference.samples, current.samples, strict=False)):
        yield _number(pair[0]), _number(pair[1]), f"sample {at}"


def _allowed_everywhere(reference: Statistics, tolerance: Tolerance, size: int | None) -> float:
    """Return a distance that is within the tolerance for every number of the array."""
    smallest = abs(float(reference.smallest))
    if not math.isfinite(smallest):
        smallest = 0.0
    allowed = tolerance.atol + tolerance.rtol * smallest
    if tolerance.ulp and size and smallest > 0:
        # From the smallest number down to half of it, floats lie at most twice as close together
        in_ulp = tolerance.ulp * _spacing(smallest, size) / 2
        allowed = max(allowed, min(in_ulp, smallest / 2))
    return allowed


def _spacing(number: float, size: int) -> float:
    digits, least = {2: (11, 2.0**-24), 4: (24, 2.0**-149), 8: (53, 5e-324)}[size]
    return max(2.0 ** (math.frexp(number)[1] - digits), least)


def _digits(type_name: str) -> int | None:
    """Return the bytes of a float of a type; None if it is not a float."""
    base = type_name.partition("[")[0]
    known = {"float": 8, "float64": 8, "complex128": 8, "complex": 8, "float32": 4, "complex64": 4}
    return known.get(base, 2 if base == "float16" else None)


def _count(type_name: str) -> int:
    """Return how many numbers an array of a type has; complex ones count twice."""
    base, _, shape = type_name.partition("[")
    sizes = [int(number) for number in shape.rstrip("]").split(", ") if number.isdecimal()]
    return max(math.prod(sizes) * (2 if base.startswith("complex") else 1), 1)
