"""Figures are recorded by the data that they show, not by how they look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jupyter_repro.comparing.results.tolerance import compare_parts
from jupyter_repro.comparing.results.values import parts_of
from jupyter_repro.model.results import EXACT

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture
def figure() -> Any:
    from matplotlib.figure import Figure

    return Figure()


def draw(figure: Any, *, shift: float = 0.0, color: str = "red") -> Any:
    axes = figure.subplots()
    axes.set_title("a title")
    axes.plot([0, 1, 2], [0.0, 1.0, 4.0 + shift], color=color)
    axes.bar(["a", "b"], [1.0, 2.0])
    axes.scatter([1, 2], [3, 4])
    axes.imshow(np.zeros((2, 2)))
    return figure


def test_what_it_shows_is_recorded(figure: Any) -> None:
    paths = {part.path: part for part in parts_of("f", draw(figure))}
    assert paths[".axes[0].labels[0]"].value == "a title"
    line = paths[".axes[0].lines[0]"].values
    assert line is not None
    assert [float(number) for number in line] == [0, 0, 1, 1, 2, 4]
    assert ".axes[0].bars" in paths
    assert ".axes[0].points[0]" in paths
    assert ".axes[0].images[0]" in paths


def test_another_colour_is_no_difference_but_another_number_is(figure: Any) -> None:
    from matplotlib.figure import Figure

    reference = parts_of("f", draw(figure))
    recoloured = parts_of("f", draw(Figure(), color="blue"))
    assert compare_parts("f", reference, recoloured, EXACT).outcome == "identical"
    moved = compare_parts("f", reference, parts_of("f", draw(Figure(), shift=0.5)), EXACT)
    assert moved.outcome == "different"
    assert "f.axes[0].lines[0]: number 5 is 4.5, not 4.0" in moved.why
