"""A patch version of a package between two conda environments is named as the cause."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conda import channel
from tests.conda.pair import make_pair, repro, run_notebook
from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook

pytestmark = [pytest.mark.conda, pytest.mark.kernel]

# What a patch version may do: alpha 1.2.1 rounds otherwise than 1.2.0
CELLS = (
    "%load_ext jupyter_repro\n%repro seed=42",
    "import alpha\npatch = int(alpha.__version__.split('.')[2])",
    "x = 0.1 + patch * 1e-3\n%repro expect x=x",
)


def test_the_patch_version_is_the_likeliest_cause(tmp_path: Path) -> None:
    prefixes = make_pair(tmp_path)
    folder = tmp_path / "work"
    folder.mkdir()
    path = folder / "paper.ipynb"
    write_notebook(path, make_notebook(*map(code_cell, CELLS)))
    run_notebook(path, prefixes[0])
    before = path.read_bytes()

    words = ("verify", str(path), "--kernel", channel.KERNEL, "--json")
    same = json.loads(repro(*words, prefix=prefixes[0]).stdout)
    assert same["verdict"] == "identical", same

    channel.install_kernel(prefixes[1])
    done = repro(*words, prefix=prefixes[1])
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["parting"] == {"cell": 3, "by": "results"}
    cause = told["causes"][0]
    assert cause["kind"] == "version-patch"
    assert cause["evidence"].startswith("alpha: 1.2.0"), cause
    assert "→ 1.2.1" in cause["evidence"]
    assert path.read_bytes() == before
