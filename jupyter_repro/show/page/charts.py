"""Small charts as SVG.

They are drawn here because the page must load nothing and can be printed. The title of each chart
describes it in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jupyter_repro.comparing.results.show import (
    finite_number,
    history_numbers,
    reference_number,
    tolerance_band,
)
from jupyter_repro.model.results import Noise, Result, Tolerance
from jupyter_repro.show.html import NOTHING, Markup, el

WIDTH, HEIGHT = 320, 84
_LEFT, _RIGHT, _TOP, _BOTTOM = 8, 8, 8, 8
_MARGIN = 0.15


class Band(NamedTuple):
    """A range of values, with its CSS class."""

    low: float
    high: float
    kind: str


def history_chart(name: str, result: Result, tolerance: Tolerance) -> Markup:
    """Return the history of a result as a chart, with its tolerance and its noise as bands.

    Parameters
    ----------
    name
        Of the result.
    result
        With its history.
    tolerance
        The tolerance in force.

    Returns
    -------
    str
        An SVG; `NOTHING` if the result is not a single number.
    """
    reference = reference_number(result)
    if reference is None:
        return NOTHING
    values = history_numbers(result) or [reference]
    ends = tolerance_band(reference, tolerance)
    bands = [Band(ends[0], ends[1], "tolerance")] if ends else []
    spread = _spread(result.noise)
    if spread is not None:
        bands.append(spread)
    return _draw(name, reference, values, bands)


def _spread(noise: Noise | None) -> Band | None:
    low, high = (
        finite_number(text or "") for text in ((noise.low, noise.high) if noise else ("", ""))
    )
    return None if low is None or high is None else Band(low, high, "seeds")


def _draw(name: str, reference: float, values: Sequence[float], bands: Sequence[Band]) -> Markup:
    ends = [reference, *values, *(end for band in bands for end in (band.low, band.high))]
    low, high = min(ends), max(ends)
    room = (high - low) * _MARGIN or abs(reference) * 1e-3 or 1.0
    low, high = low - room, high + room

    def y(value: float) -> float:
        return _TOP + (high - value) / (high - low) * (HEIGHT - _TOP - _BOTTOM)

    def x(place: int) -> float:
        return _LEFT + (place + 0.5) / len(values) * (WIDTH - _LEFT - _RIGHT)

    shapes = [
        el(
            "rect",
            class_=band.kind,
            x=_LEFT,
            width=WIDTH - _LEFT - _RIGHT,
            y=f"{y(band.high):.1f}",
            height=f"{max(y(band.low) - y(band.high), 1):.1f}",
        )
        for band in bands
    ]
    middle = f"{y(reference):.1f}"
    shapes.append(el("line", class_="reference", x1=_LEFT, x2=WIDTH - _RIGHT, y1=middle, y2=middle))
    points = [(f"{x(place):.1f}", f"{y(value):.1f}") for place, value in enumerate(values)]
    if len(points) > 1:
        shapes.append(el("polyline", class_="values", points=" ".join(map(",".join, points))))
    shapes += [el("circle", cx=left, cy=top, r=3) for left, top in points]
    return el(
        "svg",
        el("title", _title(name, reference, values, bands)),
        *shapes,
        **{"class": "chart", "role": "img", "viewBox": f"0 0 {WIDTH} {HEIGHT}"},
        width=WIDTH,
        height=HEIGHT,
    )


def _title(name: str, reference: float, values: Sequence[float], bands: Sequence[Band]) -> str:
    parts = [f"{name}: reference {reference:.6g}, {len(values)} values, last {values[-1]:.6g}"]
    words = {"tolerance": "tolerance", "seeds": "over the seeds"}
    parts += [f"{words[band.kind]} from {band.low:.6g} to {band.high:.6g}" for band in bands]
    return "; ".join(parts)
