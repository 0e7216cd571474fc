"""Fingerprints of arrays of numbers: enough to judge how near a second array is, without the data.

Besides a digest and a few statistics a fingerprint holds a *sketch*: `PROJECTIONS` weighted sums of
all numbers, with the same pseudo-random weights for every array of that size. The sums are linear,
so the difference of two sketches is the sketch of the difference, and its mean square estimates
``sum((x - y)**2)`` (W. B. Johnson and J. Lindenstrauss, Extensions of Lipschitz mappings into a
Hilbert space, 1984). No single number can differ by more than the root of that sum: so two
fingerprints give an upper bound for the largest difference.

The estimate is random in the weights. `MARGIN` covers that: the mean square of eight sums is less
than a hundredth of its expectation about once in ten million arrays (distribution of chi-square
with eight degrees of freedom). If many numbers differ a little, the bound is too high by a factor
of the root of their number.
"""

# ruff: noqa: ANN401 - NumPy is the user's: it is not imported here, so it has no types here

from __future__ import annotations

import hashlib
import math
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

from jupyter_repro.model.results import MAX_VALUES, Part, Statistics

PROJECTIONS = 8
MARGIN = 10.0
SAMPLES = 6

_WIDTH = 4096
"""Numbers that share a row of weights."""
_ROWS = 8
"""Rows that are worked on at once: what fits into the cache, and too little for OpenBLAS to start
threads for (`_ROWS` * `_WIDTH` * `PROJECTIONS` <= 2**18): beside a busy core they cost more."""
_HASHED_AT_ONCE = 1 << 20


def part_of_array(path: str, array: Any, type_name: str | None = None) -> Part:
    """Return what is recorded of an array.

    Parameters
    ----------
    path
        Path of the array inside the value.
    array
        A NumPy array of any shape: numbers, booleans, or strings and dates, which are compared for
        equality only. A complex number counts as two.
    type_name
        Name of its type; by default that of its dtype.

    Returns
    -------
    Part
        With the numbers themselves if there are at most `MAX_VALUES`.
    """
    numpy: Any = sys.modules["numpy"]
    shape = ", ".join(map(str, array.shape))
    type_name = f"{type_name or array.dtype.name}[{shape}]"
    if array.dtype.kind not in "biufc":
        data = "\x00".join(map(str, array.ravel().tolist())).encode("utf-8", "surrogatepass")
        digest = hashlib.sha256(data).hexdigest()
        values = [*map(str, array.ravel().tolist())] if array.size <= MAX_VALUES else None
        return Part(path=path, type=type_name, values=_short(values), sha256=digest)
    native = array.dtype.newbyteorder("<")
    flat = numpy.ascontiguousarray(array, dtype=native).reshape(-1)
    if flat.dtype.kind == "c":
        flat = flat.view(numpy.float32 if flat.dtype.itemsize == 8 else numpy.float64)
    if flat.size <= MAX_VALUES:
        return Part(
            path=path,
            type=type_name,
            values=[number_text(number) for number in flat.tolist()],
            sha256=hashlib.sha256(flat.data).hexdigest(),
        )
    # Two threads hash and add at the same time: both operations let other threads run
    with ThreadPoolExecutor(1) as pool:
        digest_later = pool.submit(_digest, flat)
        statistics = _statistics(numpy, flat) if flat.dtype.kind != "b" else None
        digest = digest_later.result()
    return Part(path=path, type=type_name, sha256=digest, statistics=statistics)


def number_text(number: float) -> str:
    """Return a number as a text from which the same number can be read."""
    return repr(number)


def largest_difference(reference: Statistics, current: Statistics) -> float:
    """Return an upper bound for the largest difference between the numbers of two arrays.

    Returns
    -------
    float
        Too low about once in ten million times; infinite if a sketch cannot be read.
    """
    typical = root_sum_square(reference, current)
    norm = max(abs(float(reference.norm)), abs(float(current.norm)))
    # The sums themselves are rounded, in rows of a few hundred additions on every processor
    rounding = 16 * sys.float_info.epsilon * norm
    return MARGIN * (typical + rounding)


def root_sum_square(reference: Statistics, current: Statistics) -> float:
    """Return an estimate of the root of the sum of the squared differences of two arrays."""
    first, second = _unpack(reference.sketch), _unpack(current.sketch)
    if first is None or second is None:
        return math.inf
    apart = math.fsum((one - other) ** 2 for one, other in zip(first, second, strict=True))
    result = math.sqrt(apart / PROJECTIONS)
    return result if math.isfinite(result) else math.inf


def _short(values: list[str] | None) -> list[str] | None:
    if values is None or any(len(value) > 100 or not value.isprintable() for value in values):
        return None
    return values


def _digest(flat: Any) -> str:
    digest = hashlib.sha256()
    view = memoryview(flat.view("u1"))
    for start in range(0, len(view), _HASHED_AT_ONCE):
        digest.update(view[start : start + _HASHED_AT_ONCE])
    return digest.hexdigest()


def _statistics(numpy: Any, flat: Any) -> Statistics:
    scale = _scale(numpy, flat)
    sums = numpy.zeros(PROJECTIONS)
    total = squares = 0.0
    count = 0
    low, high, smallest = math.inf, -math.inf, math.inf
    odd = _Odd()
    with numpy.errstate(all="ignore"):
        for start, chunk in _chunks(numpy, flat):
            finite = odd.take_out(numpy, chunk, start)
            numpy.multiply(chunk, scale, out=chunk)
            sums += _project(numpy, chunk, start)
            values = chunk if finite is None else chunk[finite]
            if values.size:
                total += float(values.sum())
                squares += float(numpy.einsum("i,i", values, values))
                count += values.size
                least, most = float(values.min()), float(values.max())
                low, high = min(low, least), max(high, most)
                if least <= 0 <= most:
                    least, most = float(numpy.abs(values).min()), 0.0
                smallest = min(smallest, max(least, -most))
    mean = total / count if count else math.nan
    spread = math.sqrt(max(squares / count - mean**2, 0.0)) if count else math.nan
    return Statistics(
        minimum=number_text(low / scale),
        maximum=number_text(high / scale),
        mean=number_text(mean / scale),
        std=number_text(spread / scale),
        smallest=number_text(smallest / scale),
        norm=number_text(math.sqrt(squares) / scale),
        odd=odd.text(),
        samples=[number_text(flat[place].item()) for place in _places(flat.size)],
        sketch=b64encode((sums / scale).astype("<f8").tobytes()).decode(),
    )


def _project(numpy: Any, chunk: Any, start: int) -> Any:
    """Return what a chunk adds to the weighted sums."""
    rows = -(-chunk.size // _WIDTH)
    if chunk.size % _WIDTH:
        padded = numpy.zeros(rows * _WIDTH)
        padded[: chunk.size] = chunk
    else:
        padded = chunk
    by_row = padded.reshape(rows, _WIDTH) @ _column_weights(numpy)
    return (by_row * _row_weights(numpy, start // _WIDTH)[:rows]).sum(0)


def _scale(numpy: Any, flat: Any) -> float:
    """Return a power of two to multiply with, so that squares neither over- nor underflow.

    It is 1 for all but the most extreme arrays of doubles.
    """
    if flat.dtype.kind != "f" or flat.dtype.itemsize < 8:
        return 1.0
    most = 0.0
    with numpy.errstate(all="ignore"):
        for start, chunk in _chunks(numpy, flat):
            _Odd().take_out(numpy, chunk, start)
            most = max(most, float(chunk.max()), -float(chunk.min()))
    return 1.0 if most == 0 or 1e-100 < most < 1e100 else 2.0 ** -math.frexp(most)[1]


def _chunks(numpy: Any, flat: Any) -> Iterator[tuple[int, Any]]:
    """Yield where each piece begins, and a copy of it as doubles."""
    size = _WIDTH * _ROWS
    for start in range(0, flat.size, size):
        yield start, flat[start : start + size].astype(numpy.float64)


class _Odd:
    """Numbers that are NaN or infinite: how many, and which."""

    def __init__(self) -> None:
        self._count = 0
        self._digest = hashlib.sha256()

    def take_out(self, numpy: Any, chunk: Any, start: int) -> Any:
        """Replace them with zeros; return which numbers are finite, or None if all are."""
        # One sum is a quick check: it is not finite as soon as one number is not
        if math.isfinite(float(chunk.sum())):
            return None
        finite = numpy.isfinite(chunk)
        (places,) = numpy.nonzero(~finite)
        self._count += len(places)
        kinds = [f"{start + place}:{chunk[place]}" for place in places.tolist()]
        self._digest.update(" ".join(kinds).encode())
        chunk[places] = 0.0
        return finite

    def text(self) -> str | None:
        """Return what is recorded of them; None if there are none."""
        return f"{self._count} {self._digest.hexdigest()[:12]}" if self._count else None


def _places(size: int) -> list[int]:
    """Return the places of the samples: both ends, and some that are derived from the size."""
    drawn = hashlib.shake_256(f"places of {size}".encode()).digest(8 * (SAMPLES - 2))
    inner = [int.from_bytes(drawn[at : at + 8], "little") % size for at in range(0, len(drawn), 8)]
    return [0, *sorted(inner), size - 1]


@lru_cache(maxsize=1)
def _column_weights(numpy: Any) -> Any:
    """Return a weight for each place in a row and each sum."""
    drawn = hashlib.shake_256(b"jupyter_repro sketch columns").digest(4 * _WIDTH * PROJECTIONS)
    return _weights(numpy, numpy.frombuffer(drawn, dtype="<u4")).reshape(_WIDTH, PROJECTIONS)


@lru_cache(maxsize=1024)
def _row_weights(numpy: Any, first: int) -> Any:
    """Return a weight for each sum and each of the rows from `first`."""
    drawn = hashlib.shake_256(f"jupyter_repro sketch rows from {first}".encode())
    whole = numpy.frombuffer(drawn.digest(4 * _ROWS * PROJECTIONS), dtype="<u4")
    return _weights(numpy, whole).reshape(_ROWS, PROJECTIONS)


def _weights(numpy: Any, drawn: Any) -> Any:
    """Return weights from ± 0.5 to ± 1.5, of mean square 1 after scaling: none is near zero."""
    number = drawn.astype(numpy.float64) / 2.0**31  # 0 to 2
    return numpy.where(number < 1, -0.5 - number, number - 0.5) / math.sqrt(13 / 12)


def _unpack(sketch: str) -> tuple[float, ...] | None:
    import struct

    try:
        data = b64decode(sketch, validate=True)
    except ValueError:
        return None
    if len(data) != 8 * PROJECTIONS:
        return None
    values = struct.unpack(f"<{PROJECTIONS}d", data)
    return values if all(map(math.isfinite, values)) else None
