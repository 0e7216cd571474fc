"""The numbers of SECURITY.md are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_repro.comparing.outputs import sanitize
from jupyter_repro.formats.importers import registry
from jupyter_repro.run import start_variables
from jupyter_repro.safety import files, toml

PAGE = " ".join((Path(__file__).parents[3] / "SECURITY.md").read_text("utf-8").split())


@pytest.mark.parametrize(
    "sentence",
    [
        f"{toml.MAX_CONFIG // 1_000} kB of a `pyproject.toml`",
        f"{files.MAX_BYTES // 1_000_000} MB of a notebook",
        f"{registry.MAX_BYTES // 1_000_000} MB of a file to import",
        f"nested deeper than {toml.MAX_DEPTH} levels",
        f"keys of more than {toml.MAX_PARTS} parts",
        f"stopped after {sanitize.MAX_SECONDS} seconds",
    ],
)
def test_the_limits(sentence: str) -> None:
    assert sentence in PAGE


def test_the_variables_of_a_record() -> None:
    assert len(start_variables.THREADS) == 3
    assert "the thread counts for three variables by name" in PAGE
