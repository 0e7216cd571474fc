"""What watermark has printed in notebooks, in each of its forms, and the modules of notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_repro.errors import ReproError
from jupyter_repro.formats.importers.registry import import_notebook
from jupyter_repro.model.snapshot import Snapshot
from tests.fixtures.notebooks.samples import code_cell, make_notebook, text_output


def a_notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps(make_notebook(*cells)).encode()


def from_notebook(raw: bytes) -> Snapshot:
    return import_notebook(Path("old.ipynb"), raw)


def notes(snapshot: Snapshot) -> list[str]:
    assert snapshot.imported
    return snapshot.imported.notes


# Version 2.3 with -iv; a module that has no `__version__` shows its `version`
IMPORTED = """The watermark extension is already loaded. To reload it, use:
  %reload_ext watermark
sys       : 3.8.12 | packaged by conda-forge | (default, Oct 12 2021, 21:59:51)
[GCC 9.4.0]
re        : 2.2.1
matplotlib: 3.8.2
numpy     : 1.26.2
sklearn   : 0.0.post1
json      : 2.0.9

"""


def guessed(*lines: str) -> list[str]:
    return [f"{line} [unknown, guessed]" for line in lines]


def packages_of(source: str, text: str, *before: str) -> list[str]:
    cells = [*map(code_cell, before), code_cell(source, text_output(text))]
    return from_notebook(a_notebook(*cells)).layers.packages.packages


def test_a_watermark_of_imported_modules_has_no_header() -> None:
    snapshot = from_notebook(a_notebook(code_cell("%watermark -iv", text_output(IMPORTED))))
    found = guessed("matplotlib==3.8.2", "numpy==1.26.2", "sklearn==0.0.post1")
    assert snapshot.layers.packages.packages == found
    assert snapshot.layers.core.python == "3.8.12"
    assert notes(snapshot) == []


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("%watermark -iv", "pandas 0.24.2\nrasbt 2019-04-22 \n", ["pandas==0.24.2"]),
        ("%watermark -iv", "torch       2.1.0+cu118\n", ["torch==2.1.0+cu118"]),
        (
            "%watermark -p numpy -cl",
            "numpy: 1.25.0 (version 2.1.3 is available)",
            ["numpy==1.25.0"],
        ),
        (
            "from watermark import watermark\nprint(watermark(packages='numpy'))",
            "numpy: 1.25.0\n",
            ["numpy==1.25.0"],
        ),
        (
            "import watermark\nprint(watermark.watermark(python=True, packages='numpy, torch'))",
            "numpy : 1.25.0\n torch: 2.1.0\n",
            ["numpy==1.25.0", "torch==2.1.0"],
        ),
        (
            "%watermark -v -p numpy\nprint(f'loss {loss}')",
            "numpy 1.14.3\nloss 0.25\naccuracy: 0.9\n",
            ["numpy==1.14.3"],
        ),
        (
            "%watermark -iv\nimport numpy as np\nprint(x)",
            "numpy: 1.25.0\nx: 0.25\n",
            ["numpy==1.25.0"],
        ),
    ],
)
def test_each_way_to_call_watermark(source: str, text: str, found: list[str]) -> None:
    assert packages_of(source, text) == guessed(*found)


def test_the_result_of_watermark_is_read_like_its_print() -> None:
    result = {
        "output_type": "execute_result",
        "execution_count": 1,
        "metadata": {},
        "data": {"text/plain": "'numpy: 1.25.0\\nscipy: 1.11.0\\n'"},
    }
    cell = code_cell("from watermark import watermark\nwatermark(iversions=True)", result)
    snapshot = from_notebook(a_notebook(cell))
    assert snapshot.layers.packages.packages == guessed("numpy==1.25.0", "scipy==1.11.0")


def test_a_function_of_that_name_is_not_watermark() -> None:
    with pytest.raises(ReproError, match="holds nothing of"):
        packages_of("print(watermark(image))", "accuracy: 0.9\n")


def test_what_watermark_does_not_say_is_noted() -> None:
    text = "numpy 1.14.3\nfoo not installed\ntensorflow.keras 2.2.4-tf\nPIL: (5, 1)\n"
    snapshot = from_notebook(a_notebook(code_cell("%watermark -iv", text_output(text))))
    assert snapshot.layers.packages.packages == guessed("numpy==1.14.3")
    assert notes(snapshot) == [
        "watermark gives no version of foo.",
        "tensorflow.keras is a part of a package: its version is left out.",
        "watermark gives no version of PIL.",
    ]


def test_two_watermarks_say_the_same_once() -> None:
    cells = [code_cell("%watermark -iv", text_output("numpy: 1.25.0\n")) for _ in range(2)]
    assert notes(from_notebook(a_notebook(*cells))) == []


def test_modules_of_python_and_of_the_notebook_are_no_packages(tmp_path: Path) -> None:
    (tmp_path / "helpers.py").touch()
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "models.py").touch()
    source = """
'''from the paper
import this one'''
import sys, re, json, distutils.core, helpers, written
from src.models import net
from . import near
def later():
    import torch.nn as nn
"""
    write = code_cell("%%writefile written.py\nimport scipy\n")
    shown = text_output("helpers: 0.1\nre: 2.2.1\nnumpy: 1.25.0\n")
    raw = a_notebook(write, code_cell(source), code_cell("%watermark -iv", shown))
    snapshot = import_notebook(tmp_path / "old.ipynb", raw)
    assert snapshot.layers.notebook.used == ["scipy", "torch"]
    assert snapshot.layers.packages.packages == guessed("numpy==1.25.0")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("from numpy.linalg import norm", ["numpy"]),
        ("import numpy as np, torch.nn", ["numpy", "torch"]),
        ("from the paper", []),
        ("import one of these", []),
    ],
)
def test_cells_of_python_2_name_their_modules(line: str, found: list[str]) -> None:
    cells = [code_cell(f"print 'x'\n{line}"), code_cell("%watermark", text_output("CPython 2.7.9"))]
    assert from_notebook(a_notebook(*cells)).layers.notebook.used == found
