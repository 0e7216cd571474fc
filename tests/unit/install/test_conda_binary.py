"""What conda, mamba and micromamba answer, from their JSON alone.

None of them can be installed from PyPI. A small program in their place gives answers as conda 26.7
was seen giving them; that of mamba is made after its source.
"""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import pytest

from jupyter_repro.errors import UsageError
from jupyter_repro.install.places.trust import Trust, load_trust
from jupyter_repro.install.solve.conda_binary import Tool, ask_tool, find_tool
from jupyter_repro.install.solve.verdicts import Check
from jupyter_repro.safety.world import current_world
from tests.unit.support.factories import make_snapshot, snapshot_with
from tests.unit.support.fake_conda import put_in_place

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the program in its place is a script")

GONE = {
    "caused_by": "None",
    "channel_urls": ["https://conda.anaconda.org/conda-forge/linux-64"],
    "error": "PackagesNotFoundInChannelsError: The following packages are not available",
    "exception_name": "PackagesNotFoundInChannelsError",
    "exception_type": "<class 'conda.exceptions.PackagesNotFoundInChannelsError'>",
    "packages": ["numpy==1.26.4=py311h64a7726_0"],
    "environment": {"SECRET_TOKEN": "sekret12345"},
}


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    environ = {"XDG_CONFIG_DIRS": str(tmp_path)}
    return load_trust(dataclasses.replace(current_world(), home=tmp_path, environ=environ))


@pytest.mark.parametrize(
    ("asked", "outcome", "text"),
    [
        (
            ("conda", 0, {"success": True, "actions": {"LINK": []}}),
            "holds",
            "exact environment.yml",
        ),
        (
            ("conda", 1, GONE),
            "does not hold",
            "PackagesNotFoundInChannelsError: numpy==1.26.4=py311h64a7726_0",
        ),
        (
            ("conda", 1, {"exception_name": "UnsatisfiableError"}),
            "does not hold",
            "UnsatisfiableError",
        ),
        (("conda", 1, {"exception_name": "CondaHTTPError"}), "not checked", "CondaHTTPError"),
        (("conda", 1, {"exception_name": "\x1b[31mX"}), "not checked", " [31mX"),
        (("conda", 1, "Traceback: PATH=/home/bob"), "not checked", "status 1 and no JSON"),
        (("conda", 0, ""), "not checked", "no JSON"),
        (
            ("mamba", 1, {"success": False, "solver_problems": ["nothing provides x"]}),
            "does not hold",
            "no such environment",
        ),
        (("micromamba", 0, {"success": True, "dry_run": True}), "holds", "exact environment.yml"),
        (("micromamba", 1, {"success": False}), "not checked", "status 1"),
    ],
)
def test_answers(
    asked: tuple[Tool, int, object], outcome: str, text: str, tmp_path: Path, trust: Trust
) -> None:
    tool, status, answer = asked
    executable = put_in_place(tmp_path, tool, status, answer)
    check = ask_tool(tool, executable, make_snapshot(), trust)
    assert (check.name, check.outcome) == (tool, outcome)
    assert text.strip() in check.text
    assert "\x1b" not in check.text
    assert "sekret" not in check.text


def test_the_question(tmp_path: Path, trust: Trust) -> None:
    executable = put_in_place(tmp_path, "conda", 0, {"success": True})
    ask_tool("conda", executable, make_snapshot(), trust)
    arguments, folder = json.loads((tmp_path / "arguments").read_text())
    assert arguments[:4] == ["env", "create", "--dry-run", "--json"]
    assert arguments[-1] == "--no-default-packages"
    assert "numpy=1.26.4=py311h64a7726_0" in (tmp_path / "asked.yml").read_text()
    assert not Path(folder).exists()
    assert not Path(arguments[arguments.index("--prefix") + 1]).exists()


def test_a_channel_that_is_not_allowed_is_no_question(tmp_path: Path, trust: Trust) -> None:
    executable = put_in_place(tmp_path, "conda", 0, {"success": True})
    snapshot = snapshot_with(conda={"channels": ["https://evil.example/x"]})
    check = ask_tool("conda", executable, snapshot, trust)
    assert check == Check(
        name="conda",
        outcome="not checked",
        text="the channel https://evil.example/x is not one of yours; "
        "if you trust it: --allow-channel https://evil.example/x",
    )
    assert not (tmp_path / "arguments").exists()


def test_finding_it(tmp_path: Path) -> None:
    executable = put_in_place(tmp_path, "mamba", 0, {})
    assert find_tool("mamba", {"PATH": str(tmp_path)}) == executable
    assert find_tool("mamba", {"PATH": "", "MAMBA_EXE": executable}) == executable
    with pytest.raises(UsageError, match="--with conda: there is no conda on the PATH"):
        find_tool("conda", {"PATH": str(tmp_path), "CONDA_EXE": executable})
