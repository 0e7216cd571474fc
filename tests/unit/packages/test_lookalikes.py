from __future__ import annotations

from importlib.metadata import distributions

import pytest

from jupyter_repro.packages.lookalikes import looks_like


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("numpyy", "numpy"),
        ("nunpy", "numpy"),
        ("nmupy", "numpy"),
        ("umpy", "numpy"),
        ("reqeusts", "requests"),
        ("python_dateutils", "python-dateutil"),
        ("tensorfIow", "tensorflow"),
        ("rnatplotlib", "matplotlib"),
        ("scikitlearn", "scikit-learn"),
        ("sklearn", "scikit-learn"),
    ],
)
def test_slips_of_the_hand(name: str, known: str) -> None:
    assert looks_like(name) == known


@pytest.mark.parametrize("name", ["numpy", "NumPy", "numpy-stl", "a", "", "zlib", "pytest_cov"])
def test_names_of_their_own(name: str) -> None:
    assert looks_like(name) is None


def test_nothing_that_is_installed_here_is_pointed_at() -> None:
    names = {one.metadata["Name"] for one in distributions()}
    assert {name: known for name in names if (known := looks_like(name))} == {}
