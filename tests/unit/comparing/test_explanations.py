"""What to do about a difference: exact commands, and nothing hostile in them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import jupyter_repro
from jupyter_repro.comparing.environments.kinds import KINDS
from jupyter_repro.comparing.environments.policy import PRODUCTION, RESEARCH
from jupyter_repro.model.findings import FINDING_KINDS, HASH_RANDOMIZATION
from tests.unit.support.factories import CONDA, conda_with, difference, packages_with


@pytest.mark.parametrize(
    "hostile",
    [
        'rich; rm -rf "$HOME"',
        "--index-url=https://evil.example",
        "rich$(reboot)",
        "rich`reboot`",
        'rich" && reboot "',
        "rich|sh",
    ],
)
def test_hostile_names_and_versions_enter_no_command(hostile: str) -> None:
    for line in (f"{hostile}==1.0 [pip]", f"rich=={hostile} [pip]", f"rich==1 [{hostile}]"):
        report = difference(
            {"packages": {"packages": [*packages_with(rich=None), line]}},
            {"packages": {"packages": packages_with(rich=None)}},
        )
        for finding in report.findings:
            assert "pip install" not in finding.action or '"rich==1"' in finding.action
    line = f"{hostile}-1.0-0.conda"
    (finding,) = difference(
        {"conda": {"packages": {**CONDA, "unknown": [line]}}}, {"conda": {"packages": CONDA}}
    ).findings
    assert "conda install" not in finding.action


def test_the_commands_are_exact() -> None:
    report = difference(
        {},
        {
            "packages": {"packages": packages_with(torch="torch==2.4.0+cu121 [pip]")},
            "conda": {
                "packages": conda_with(numpy="numpy-1.26.5-py311h64a7726_0.conda#" + "a" * 64)
            },
        },
    )
    actions = {one.subject: one.action for one in report.findings}
    assert actions["torch"].endswith(
        '%pip install "torch==2.3.1+cu121" --index-url https://download.pytorch.org/whl/cu121'
    )
    assert actions["numpy"].endswith('conda install "numpy=1.26.4=py311h64a7726_0"')


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("conda", 'conda install "numpy=1.26.4=py311h64a7726_0"'),
        ("mamba", 'mamba install "numpy=1.26.4=py311h64a7726_0"'),
        ("micromamba", 'micromamba install "numpy=1.26.4=py311h64a7726_0"'),
        ("pixi", 'pixi add "numpy=1.26.4=py311h64a7726_0"'),
        ("rattler", "Install the recorded one: numpy 1.26.4 py311h64a7726_0"),
        ("$(reboot)", "Install the recorded one: numpy 1.26.4 py311h64a7726_0"),
        (None, 'conda install "numpy=1.26.4=py311h64a7726_0"'),
    ],
)
def test_the_command_is_of_the_tool_that_made_this_environment(
    manager: str | None, command: str
) -> None:
    here = conda_with(numpy="numpy-1.26.5-py311h64a7726_0.conda#" + "a" * 64)
    report = difference({}, {"core": {"manager": manager}, "conda": {"packages": here}})
    (action,) = (one.action for one in report.findings if one.subject == "numpy")
    assert action.endswith(command)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"activated": True}, {"activated": False}, ("activated", "not activated")),
        ({"activated": False}, {"activated": True}, ("not activated", "activated")),
        ({"activated": True}, {"activated": True}, None),
        ({"activated": True}, {}, None),
        ({}, {"activated": False}, None),
        (
            {"activated": True, "activation": ["GDAL_DATA"]},
            {"activated": True},
            ("GDAL_DATA", "none"),
        ),
    ],
)
def test_an_environment_that_is_not_active_is_a_warning(
    before: dict[str, object], after: dict[str, object], told: tuple[str, str] | None
) -> None:
    report = difference({"conda": before}, {"conda": after})
    found = [one for one in report.findings if one.kind == "activation"]
    assert [(one.reference, one.current) for one in found] == ([told] if told else [])
    for one in found:
        assert one.severity == "warning"
        assert "jupyter repro kernel install NAME" in one.action


def test_every_kind_has_its_explanation_and_its_weights() -> None:
    assert KINDS.keys() == RESEARCH.table.keys() == PRODUCTION.table.keys()
    for name, kind in KINDS.items():
        assert kind.why, name
        assert kind.action, name
        assert (RESEARCH.table[name], PRODUCTION.table[name]) == (kind.research, kind.production)


def test_no_kind_stands_in_the_tables_alone() -> None:
    """Some code finds each kind."""
    package = Path(jupyter_repro.__file__).parent
    tables = package / "comparing/environments/kinds.py", package / "model/findings.py"
    found = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())) if file not in tables else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.Name) and node.id == "HASH_RANDOMIZATION":
                found.add(HASH_RANDOMIZATION.kind)
    assert not KINDS.keys() - found
    assert not FINDING_KINDS.keys() - found


def test_a_build_that_is_no_version_is_said_in_words() -> None:
    current = {"packages": {"packages": packages_with(torch="torch==2.5.0+cpu [pip]")}}
    actions = {one.kind: one.action for one in difference({}, current).findings}
    assert actions["cpu-gpu-build"] == "Install the recorded one: torch GPU build"
    assert '"torch==2.3.1+cu121"' in actions["version-minor"]
