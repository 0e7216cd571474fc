"""The filter that the documents propose, tried with jupytext."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.notebooks.samples import code_cell, make_notebook, write_notebook
from tests.fresh_process import ROOT
from tests.unit.support.command_line import ONE, document

pytest.importorskip("jupytext")

STAMP = {"env": "0123456789ab", "source": "ba9876543210"}


def jupytext(*arguments: str, cwd: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "jupytext", *arguments],
        cwd=cwd,
        check=True,
        timeout=300,
        capture_output=True,
    )


@pytest.mark.parametrize("way", ["metadata", "project"])
def test_the_stamps_stay_out_of_the_text_and_in_the_notebook(way: str, tmp_path: Path) -> None:
    cell = code_cell("x = 1", count=1)
    cell["metadata"]["jupyter_repro"] = STAMP
    plain = make_notebook(cell, jupyter_repro=document(reference=ONE))
    plain["metadata"]["jupytext"] = {"formats": "ipynb,py:percent"}
    write_notebook(tmp_path / "paper.ipynb", plain)
    jupytext("--sync", "paper.ipynb", cwd=tmp_path)
    assert "jupyter_repro=" in (tmp_path / "paper.py").read_text()
    text = (ROOT / "docs" / "panel.md").read_text(encoding="utf-8")
    if way == "metadata":
        command = re.search(r"^jupytext (--update-metadata .*)$", text, re.MULTILINE)
        assert command is not None
        jupytext(*shlex.split(command[1]), cwd=tmp_path)
    else:
        setting = re.search(r"`(cell_metadata_filter = .*?)`", text)
        assert setting is not None
        (tmp_path / "jupytext.toml").write_text(setting[1])
        (tmp_path / "paper.py").unlink()
    jupytext("--sync", "paper.ipynb", cwd=tmp_path)
    assert "jupyter_repro=" not in (tmp_path / "paper.py").read_text()
    kept = json.loads((tmp_path / "paper.ipynb").read_text())
    assert kept["cells"][0]["metadata"]["jupyter_repro"] == STAMP
    assert "reference" in kept["metadata"]["jupyter_repro"]
