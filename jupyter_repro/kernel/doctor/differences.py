"""Measure how far two values are apart: not at all, some units in the last place, or completely.

Arrays are read with the library that made them, which is loaded already; nothing is imported.
"""

# ruff: noqa: ANN401 - the values are of any class, and the libraries' arrays are not typed here

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

MAX_DEPTH = 12
MAX_ITEMS = 1_000_000
"""Items of one list, table or set that are compared."""

_PASSED_OVER = (ModuleType, FunctionType, BuiltinFunctionType, MethodType, type)


class NotComparedError(Exception):
    """Objects of this class cannot be compared."""


@dataclass(frozen=True)
class Difference:
    """One variable that differs.

    Parameters
    ----------
    name
        The first part of it that differs: ``w``, ``history[3]['loss']``.
    what
        How, in words.
    absolute, relative
        The largest of all differences of the variable; None if no numbers differ. `relative` is
        relative to the larger of the two numbers.
    ulp
        The largest distance in units in the last place, which is the number of floating-point
        numbers from one to the other; None if anything but a float differs.
    """

    name: str
    what: str
    absolute: float | None = None
    relative: float | None = None
    ulp: int | None = None


def find_difference(name: str, first: object, second: object) -> Difference | None:
    """Compare two values of a variable; None if they are the same bit by bit.

    NaN equals NaN, even with different bits. Functions, modules and classes are skipped.

    Raises
    ------
    NotComparedError
        If they are objects of a class whose contents are unknown.
    """
    found = list(_differences(name, first, second, 0, set()))
    if not found:
        return None
    return Difference(
        name=found[0].name,
        what=found[0].what,
        absolute=_largest([each.absolute for each in found]),
        relative=_largest([each.relative for each in found]),
        ulp=None
        if any(each.ulp is None for each in found)
        else max(each.ulp or 0 for each in found),
    )


def _largest(values: list[float | None]) -> float | None:
    numbers = [value for value in values if value is not None]
    if any(math.isnan(number) for number in numbers):
        return math.nan
    return max(numbers, default=None)


def _differences(
    name: str, first: Any, second: Any, depth: int, seen: set[tuple[int, int]]
) -> Iterator[Difference]:
    if first is second or isinstance(first, _PASSED_OVER) or depth > MAX_DEPTH:
        return
    if type(first) is not type(second):
        yield Difference(name, f"a {type(first).__name__} and a {type(second).__name__}")
        return
    if isinstance(first, float):
        yield from _float_difference(name, first, second)
    elif isinstance(first, complex):
        yield from _float_difference(f"{name}.real", first.real, second.real)
        yield from _float_difference(f"{name}.imag", first.imag, second.imag)
    elif isinstance(first, int):
        if first != second:
            yield _numbers(
                name, "a different number", abs(first - second), max(abs(first), abs(second))
            )
    elif isinstance(first, (str, bytes, bytearray, frozenset, set)):
        if first != second:
            yield Difference(
                name, "a different text" if isinstance(first, str) else "different contents"
            )
    elif (id(first), id(second)) not in seen:
        seen.add((id(first), id(second)))
        yield from _inside(name, first, second, depth + 1, seen)


def _inside(
    name: str, first: Any, second: Any, depth: int, seen: set[tuple[int, int]]
) -> Iterator[Difference]:
    """Compare values that consist of parts."""
    arrays = _arrays(first, second)
    if arrays is not None:
        yield from _array_differences(name, *arrays, depth, seen)
        return
    if isinstance(first, Mapping):
        keys = [*first]
        if keys != [*second]:
            yield Difference(name, "different keys, or in a different order")
            return
        parts = [(f"{name}[{_short(key)}]", first[key], second[key]) for key in keys[:MAX_ITEMS]]
    elif isinstance(first, (list, tuple)):
        if len(first) != len(second):
            yield Difference(name, f"{len(first)} items and {len(second)}")
            return
        pairs = zip(first[:MAX_ITEMS], second[:MAX_ITEMS], strict=True)
        parts = [(f"{name}[{index}]", *pair) for index, pair in enumerate(pairs)]
    else:
        parts = _parts_of_object(name, first, second, top=depth == 1)
    for part in parts:
        yield from _differences(*part, depth, seen)


def _parts_of_object(
    name: str, first: Any, second: Any, *, top: bool
) -> list[tuple[str, Any, Any]]:
    frames: Any = sys.modules.get("pandas")
    if frames is not None and isinstance(first, frames.DataFrame):
        labels = [("index", first.index, second.index), ("columns", first.columns, second.columns)]
        parts = [(f"{name}.{label}", [*one], [*other]) for label, one, other in labels]
        if parts[1][1] == parts[1][2]:
            parts += [
                (f"{name}[{_short(label)}]", first.iloc[:, at].array, second.iloc[:, at].array)
                for at, label in enumerate(first.columns)
            ]
        return parts
    if frames is not None and isinstance(first, frames.Series):
        parts = [(f"{name}.index", [*first.index], [*second.index])]
        return [*parts, (f"{name}.array", first.array, second.array)]
    for method in ("state_dict", "getstate"):  # of PyTorch's models and optimizers; random.Random
        state = getattr(first, method, None)
        if callable(state):
            return [(f"{name}.{method}()", state(), getattr(second, method)())]
    generator: Any = getattr(first, "bit_generator", None)
    if hasattr(generator, "state"):
        return [(f"{name}.bit_generator", generator.state, second.bit_generator.state)]
    # Objects of other classes may differ in counters, caches and identities, which are no results
    plain = is_dataclass(first) or hasattr(first, "get_params")
    if hasattr(first, "__dict__") and (plain or type(first).__module__ == "__main__"):
        return [(f"{name}.{key}", one, vars(second).get(key)) for key, one in vars(first).items()]
    own_equality: object = type(first).__eq__
    if own_equality is not object.__eq__:
        return [(name, bool(first == second), True)]
    if top:
        raise NotComparedError(type(first).__name__)
    return []


def _arrays(first: Any, second: Any) -> tuple[Any, Any] | None:
    """Return two arrays, tensors or columns of pandas as NumPy arrays; None for other values."""
    numpy, torch, pandas = (sys.modules.get(name) for name in ("numpy", "torch", "pandas"))
    if numpy is None:
        return None
    if isinstance(first, (numpy.ndarray, numpy.generic)):
        return numpy.asarray(first), numpy.asarray(second)
    if pandas is not None and isinstance(first, pandas.api.extensions.ExtensionArray):
        return numpy.asarray(first), numpy.asarray(second)
    if torch is not None and isinstance(first, torch.Tensor):
        one, other = (tensor.detach().to_dense().cpu().resolve_conj() for tensor in (first, second))
        if one.dtype != other.dtype:
            return numpy.asarray(str(one.dtype)), numpy.asarray(str(other.dtype))
        try:
            return one.numpy(), other.numpy()
        except TypeError:  # bfloat16, float8: exact in float32
            return one.float().numpy(), other.float().numpy()
    return None


def _array_differences(
    name: str, first: Any, second: Any, depth: int, seen: set[tuple[int, int]]
) -> Iterator[Difference]:
    numpy: Any = sys.modules["numpy"]
    if first.dtype != second.dtype or first.shape != second.shape:
        one, other = (f"{array.dtype}{list(array.shape)}" for array in (first, second))
        yield Difference(name, f"{one} and {other}")
        return
    if first.dtype.kind == "c":
        first, second = (numpy.stack([array.real, array.imag], -1) for array in (first, second))
    kind = first.dtype.kind
    if kind == "O":
        yield from _differences(name, first.tolist(), second.tolist(), depth, seen)
    elif kind == "f":
        yield from _float_array_differences(name, first, second)
    else:
        unequal = first != second
        count = int(numpy.count_nonzero(unequal))
        if count and kind in "iu":
            one, other = (array[unequal].astype(float) for array in (first, second))
            apart = numpy.abs(one - other)
            larger = numpy.maximum(numpy.abs(one), numpy.abs(other))
            yield Difference(
                name,
                f"{count} of {first.size} numbers",
                float(apart.max()),
                float((apart / larger).max()),
            )
        elif count:
            yield Difference(name, f"{count} of {first.size} items")


def _float_array_differences(name: str, first: Any, second: Any) -> Iterator[Difference]:
    numpy: Any = sys.modules["numpy"]
    both_nan = numpy.isnan(first) & numpy.isnan(second)
    differ = (first != second) & ~both_nan | (
        numpy.signbit(first) != numpy.signbit(second)
    ) & ~both_nan
    count = int(numpy.count_nonzero(differ))
    if not count:
        return
    what = f"{count} of {first.size} numbers" if first.ndim else "a different number"
    one, other = first[differ], second[differ]
    wide_one, wide_other = one.astype(float), other.astype(float)
    with numpy.errstate(all="ignore"):
        apart = numpy.abs(wide_one - wide_other)
        larger = numpy.maximum(numpy.abs(wide_one), numpy.abs(wide_other))
        relative = numpy.divide(apart, larger, out=numpy.zeros_like(apart), where=larger != 0)
    ulp = None
    unsigned = {2: numpy.uint16, 4: numpy.uint32, 8: numpy.uint64}.get(first.dtype.itemsize)
    if unsigned is not None and not numpy.isnan(apart).any():
        ordered = [_in_order(numpy, array, unsigned) for array in (one, other)]
        ulp = int((numpy.maximum(*ordered) - numpy.minimum(*ordered)).max())
    yield Difference(name, what, float(apart.max()), float(relative.max()), ulp)


def _in_order(numpy: Any, array: Any, unsigned: Any) -> Any:
    """Return integers in the order of the floats; neighbouring floats are one apart."""
    bits = numpy.ascontiguousarray(array.astype(array.dtype.newbyteorder("="))).view(unsigned)
    sign = unsigned(1) << unsigned(8 * bits.dtype.itemsize - 1)
    return numpy.where(bits & sign, ~bits, bits | sign)


def _float_difference(name: str, first: float, second: float) -> Iterator[Difference]:
    one, other = (struct.unpack("<q", struct.pack("<d", value))[0] for value in (first, second))
    if one == other or (math.isnan(first) and math.isnan(second)):
        return
    one, other = (bits if bits >= 0 else -(2**63) - bits - 1 for bits in (one, other))
    larger = max(abs(first), abs(second))
    found = _numbers(name, "a different number", abs(first - second), larger)
    ulp = None if math.isnan(first - second) else abs(one - other)
    yield Difference(name, found.what, found.absolute, found.relative, ulp)


def _numbers(name: str, what: str, apart: float, larger: float) -> Difference:
    return Difference(name, what, float(apart), apart / larger if larger else 0.0)


def _short(key: object) -> str:
    text = repr(key)
    return text if len(text) <= 40 else f"{text[:37]}..."
