"""Split a value into the parts that are recorded.

Arrays, tensors, frames and figures are read with the libraries that made them. These are loaded
already, so nothing is imported.
"""

# ruff: noqa: ANN401 - the values are of any class, and the libraries' arrays are not typed here

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from jupyter_repro.comparing.results.fingerprint import number_text, part_of_array
from jupyter_repro.errors import UsageError
from jupyter_repro.model.results import MAX_PARTS, Part
from jupyter_repro.safety.redact import hide_personal, names_a_secret
from jupyter_repro.safety.text import printable

_LONGEST_TEXT = 200
_MAX_DEPTH = 12
_LONGEST_INTEGER = 300


def parts_of(name: str, value: object) -> list[Part]:
    """Return what is recorded of a value.

    Parameters
    ----------
    name
        Name of the result, for the messages.
    value
        A number, a string, a bool, None, bytes; an array of NumPy, a tensor of PyTorch or a column
        or frame of pandas or polars; a figure of Matplotlib, by the data of its lines, bars,
        points and images; lists, tuples, dicts and sets of these, a state dict among them.

    Raises
    ------
    UsageError
        If it holds anything else, or has too many parts.
    """
    parts: list[Part] = []
    for part in _parts(name, "", value, 0):
        parts.append(part)
        if len(parts) > MAX_PARTS:
            return [_joined(name, value)]
    return parts


def _parts(name: str, path: str, value: Any, depth: int) -> Iterator[Part]:
    if depth > _MAX_DEPTH:
        reason = f"{name}{path} lies deeper than {_MAX_DEPTH} levels, or holds itself."
        raise UsageError(reason)
    hidden = names_a_secret(name + path)
    plain = _plain(path, value, hidden=hidden)
    if plain is not None:
        yield plain
        return
    array = _array(value)
    if array is not None:
        part = part_of_array(path, *array)
        texts = array[0].dtype.kind not in "biufc"
        private = hidden or any(map(_is_private, part.values or ()))
        yield msgspec.structs.replace(part, values=None) if texts and private else part
        return
    members = _members(value)
    if members is None:
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        reason = (
            f"{name}{path} is of a class that cannot be recorded ({printable(kind, 100)}): "
            "give numbers, strings, arrays, tensors, frames, figures, or lists and dicts of them."
        )
        raise UsageError(reason)
    count, inner = members
    # The number of members is recorded as a part, also if there are none
    yield Part(path=path, type=f"{_kind(value)}[{count}]")
    for key, member in inner:
        yield from _parts(name, path + key, member, depth + 1)


def _plain(path: str, value: Any, *, hidden: bool) -> Part | None:
    if value is None or isinstance(value, bool):
        return Part(path=path, type=type(value).__name__, value=str(value))
    # Not their subclasses: NumPy's float64 is one, and is recorded with its own type
    if type(value) is int and value.bit_length() < _LONGEST_INTEGER:
        return Part(path=path, type="int", value=str(value))
    if type(value) is float:
        return Part(path=path, type="float", value=number_text(value))
    if type(value) is complex:
        return Part(path=path, type="complex", values=[*map(number_text, (value.real, value.imag))])
    if isinstance(value, str):
        text = str(value)
        data = text.encode("utf-8", "surrogatepass")
        return _text(path, "str", data, "" if hidden else text, len(text))
    if isinstance(value, (bytes, bytearray)):
        return _text(path, "bytes", bytes(value), "", len(value))
    return None


def _text(path: str, kind: str, data: bytes, text: str, length: int) -> Part:
    # A token or a personal folder is recorded only as a hash, which can be compared
    if text and len(text) <= _LONGEST_TEXT and not _is_private(text):
        return Part(path=path, type=kind, value=text)
    return Part(path=path, type=f"{kind}[{length}]", sha256=_sha256(data))


def _is_private(text: str) -> bool:
    return hide_personal(printable(text)) != text


def _array(value: Any) -> tuple[Any, str | None] | None:
    """Return a value as a NumPy array, with the name of its type if it is not the dtype's."""
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is None:
        return None
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        array = numpy.asarray(value)
        return (array, None) if array.dtype.kind in "biufcSUmM" else (array.astype(str), "object")
    if torch is not None and isinstance(value, torch.Tensor):
        tensor = value.detach().to_dense().cpu().resolve_conj()
        name = str(tensor.dtype).removeprefix("torch.")
        try:
            return tensor.numpy(), name
        except TypeError:  # bfloat16, float8: exact in float32
            return tensor.float().numpy(), name
    return None


def _members(value: Any) -> tuple[int, Iterator[tuple[str, Any]]] | None:
    """Return how many members a value has, and each with its path."""
    for name, look in (
        ("pandas", _pandas_members),
        ("polars", _polars_members),
        ("matplotlib.figure", _figure_members),
    ):
        library = sys.modules.get(name)
        found = look(library, value) if library is not None else None
        if found is not None:
            return len(found), iter(found)
    told = getattr(value, "state_dict", None)  # of PyTorch's models and optimizers
    if callable(told) and not isinstance(value, type):
        value = told()
    if isinstance(value, Mapping):
        return len(value), ((f"[{_short(key)}]", member) for key, member in value.items())
    if isinstance(value, (list, tuple)):
        array = _numbers(value)
        if array is not None:
            return len(value), iter([("[:]", array)])
        return len(value), ((f"[{index}]", member) for index, member in enumerate(value))
    if isinstance(value, (set, frozenset)):
        members = sorted(value, key=repr)
        return len(members), ((f"{{{index}}}", member) for index, member in enumerate(members))
    return None


def _numbers(value: Any) -> Any:
    """Return a long list of floats as an array, if NumPy is loaded."""
    numpy = sys.modules.get("numpy")
    if numpy is None or len(value) < MAX_PARTS // 4:
        return None
    return numpy.asarray(value) if all(type(item) is float for item in value) else None


def _pandas_members(pandas: Any, value: Any) -> list[tuple[str, Any]] | None:
    if isinstance(value, pandas.DataFrame):
        columns = [
            (f"[{_short(label)}]", _column(pandas, value.iloc[:, at]))
            for at, label in enumerate(value.columns)
        ]
        return [(".index", _column(pandas, value.index)), *columns]
    if isinstance(value, pandas.Series):
        return [(".index", _column(pandas, value.index)), (".values", _column(pandas, value))]
    if isinstance(value, pandas.Index):
        return [(".values", _column(pandas, value))]
    return None


def _column(pandas: Any, column: Any) -> Any:
    """Return a column as an array: of numbers if it holds numbers, with NaN for missing ones."""
    numpy: Any = sys.modules["numpy"]
    kind = getattr(column.dtype, "kind", "O")
    if kind in "biuf" and hasattr(column, "to_numpy"):
        if isinstance(column.dtype, numpy.dtype):
            return column.to_numpy()
        if pandas.isna(column).any():
            return column.to_numpy(dtype="float64", na_value=numpy.nan)
        return column.to_numpy(dtype=column.dtype.numpy_dtype)
    if kind in "mM" and isinstance(column.dtype, numpy.dtype):
        return column.to_numpy()
    return numpy.asarray([str(item) for item in column])


def _polars_members(polars: Any, value: Any) -> list[tuple[str, Any]] | None:
    if isinstance(value, polars.DataFrame):
        return [(f"[{_short(one.name)}]", _series(polars, one)) for one in value.get_columns()]
    if isinstance(value, polars.Series):
        return [(".values", _series(polars, value))]
    return None


def _series(polars: Any, series: Any) -> Any:
    if series.dtype.is_numeric() and sys.modules.get("numpy") is not None:
        nulls = series.null_count()
        return (series.cast(polars.Float64).fill_null(float("nan")) if nulls else series).to_numpy()
    members = [str(item) for item in series.to_list()]
    numpy = sys.modules.get("numpy")
    return members if numpy is None else numpy.asarray(members)


def _figure_members(library: Any, value: Any) -> list[tuple[str, Any]] | None:
    """Return the data that a figure shows, not its style."""
    if not isinstance(value, library.Figure):
        return None
    members: list[tuple[str, Any]] = []
    for number, axes in enumerate(value.axes):
        place = f".axes[{number}]"
        members.append(
            (f"{place}.labels", [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()])
        )
        members += [
            (f"{place}.lines[{at}]", line.get_xydata()) for at, line in enumerate(axes.lines)
        ]
        members += [
            (f"{place}.images[{at}]", image.get_array()) for at, image in enumerate(axes.images)
        ]
        bars = [patch for patch in axes.patches if hasattr(patch, "get_height")]
        if bars:
            boxes = [[bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()] for bar in bars]
            members.append((f"{place}.bars", sys.modules["numpy"].asarray(boxes, dtype=float)))
        members += [
            (f"{place}.points[{at}]", sys.modules["numpy"].asarray(points.get_offsets()))
            for at, points in enumerate(axes.collections)
        ]
    return members


def _joined(name: str, value: object) -> Part:
    """Return one part with only a hash, for a value of more parts than are recorded."""
    digest, count = hashlib.sha256(), 0
    for part in _parts(name, "", value, 0):
        told = part.sha256 or part.values or part.value
        digest.update(f"{part.path}\0{part.type}\0{told}\0".encode("utf-8", "surrogatepass"))
        count += 1
    return Part(type=f"{_kind(value)} of {count} parts", sha256=digest.hexdigest())


def _kind(value: object) -> str:
    return printable(type(value).__name__, 60)


def _short(key: object) -> str:
    return printable(repr(key), 60)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
