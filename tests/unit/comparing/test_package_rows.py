"""The table of packages: one row for each, and the same "differs" as the verdict."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import PRODUCTION, RESEARCH
from jupyter_repro.comparing.environments.rows import package_rows
from jupyter_repro.model.report import PackageRow
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.factories import (
    CONDA,
    FORGE,
    conda_with,
    make_snapshot,
    packages_with,
    snapshot_with,
)

FILE = "numpy-1.26.4-py311h64a7726_0.conda#"
NO_CONDA: dict[str, Any] = {"status": "unavailable", "packages": {}}


def python(*lines: str, **fields: dict[str, Any]) -> Snapshot:
    """Return an environment without conda that holds these distributions."""
    return snapshot_with(conda=NO_CONDA, packages={"packages": [*lines]}, **fields)


def rows_of(reference: Snapshot | None, current: Snapshot | None) -> dict[str, PackageRow]:
    rows = package_rows(reference, current, RESEARCH)
    assert len({row.name for row in rows}) == len(rows)
    return {row.name: row for row in rows}


def test_a_file_of_the_same_name_with_another_hash_differs() -> None:
    here = snapshot_with(conda={"packages": conda_with(numpy=FILE + "e" * 64)})
    report = compare(make_snapshot(), here, RESEARCH)
    assert [(one.kind, one.subject) for one in report.findings] == [("hash", "numpy")]
    rows = rows_of(make_snapshot(), here)
    assert [name for name, row in rows.items() if row.differs] == ["numpy"]
    assert rows["numpy"].recorded == f"1.26.4 py311h64a7726_0 sha256:{'1' * 64}"
    assert rows["numpy"].current == f"1.26.4 py311h64a7726_0 sha256:{'e' * 64}"
    assert rows["numpy"].layers == ["conda", "packages"]


def test_a_hash_that_cannot_be_compared_is_not_checked() -> None:
    here = snapshot_with(conda={"packages": conda_with(numpy=FILE + "e" * 32)})
    assert rows_of(make_snapshot(), here)["numpy"].differs is None


def test_pytorch_of_conda_is_torch_of_python() -> None:
    records = {FORGE: [*CONDA[FORGE], "pytorch-2.3.1-cuda120_py311_0.conda"]}
    sides = [
        snapshot_with(conda={"packages": records}, packages={"packages": packages_with(torch=line)})
        for line in ("torch==2.3.1 [conda]", "torch==2.3.1 [pip, replaces-conda]")
    ]
    (one,) = [row for row in package_rows(sides[0], sides[0], RESEARCH) if "torch" in row.name]
    assert (one.name, one.recorded, one.current, one.differs) == (
        "pytorch",
        "2.3.1",
        "2.3.1",
        False,
    )
    assert one.used  # as `torch`, which the notebook imports
    moved = snapshot_with(packages={"packages": packages_with(torch="torch==2.4.0 [pip]")})
    (one,) = [row for row in package_rows(sides[0], moved, RESEARCH) if "torch" in row.name]
    assert (one.recorded, one.current, one.differs) == ("2.3.1", "2.4.0", True)
    assert one.origin == "conda-forge → pip"
    over = [row for row in package_rows(sides[0], sides[1], RESEARCH) if "torch" in row.name]
    assert [(row.name, row.recorded, row.current, row.differs) for row in over] == [
        ("pytorch", "2.3.1", "2.3.1", False),
        ("torch", None, "2.3.1", True),
    ]


def test_both_sides_are_joined_by_the_normalised_name() -> None:
    rows = rows_of(
        python("Scikit_Learn==1.4 [pip]", "gone==1 [pip]", notebook={"used": ["scikit-learn"]}),
        python("scikit-learn==1.5 [uv]", "new==2 [pip]"),
    )
    assert [
        (one.name, one.recorded, one.current, one.differs, one.used) for one in rows.values()
    ] == [
        ("gone", "1", None, True, False),
        ("new", None, "2", True, False),
        ("Scikit_Learn", "1.4", "1.5", True, True),
    ]
    assert rows["Scikit_Learn"].origin == "pip → uv"


def test_two_builds_of_one_version_are_told_apart_on_one_platform() -> None:
    one, two = (f"mine==1 [pip, editable, git+https://e.org/m@{end}]" for end in (1, 2))
    row = rows_of(python(one), python(two))["mine"]
    assert row.differs
    assert row.current is not None
    assert "m@2" in row.current
    build = "numpy-1.26.4-py311hffffff_0.conda"
    here = snapshot_with(conda={"packages": conda_with(numpy=build)})
    row = rows_of(make_snapshot(), here)["numpy"]
    assert (row.recorded, row.current) == ("1.26.4 py311h64a7726_0", "1.26.4 py311hffffff_0")
    mac = snapshot_with(
        conda={"packages": conda_with(numpy=build)}, system={"platform": "osx-arm64"}
    )
    row = rows_of(make_snapshot(), mac)["numpy"]
    assert (row.recorded, row.current, row.differs) == ("1.26.4", "1.26.4", False)


def test_a_second_installation_is_a_row_beside_the_first() -> None:
    twice = python("a==1 [pip]", "a==2 [pip, shadowed]")
    rows = package_rows(twice, twice, RESEARCH)
    assert [(row.recorded, row.current, row.differs) for row in rows] == [
        ("1", "1", False),
        ("2", "2", False),
    ]


def test_a_line_of_another_form_is_kept() -> None:
    odd = python("%%%", "a b==c", "")
    assert [row.name for row in package_rows(odd, None, RESEARCH)] == ["", "%%%", "a b==c"]


@pytest.mark.parametrize("sides", [(True, False), (False, True), (False, False)])
def test_one_side_alone_is_not_checked(sides: tuple[bool, bool]) -> None:
    reference, current = (make_snapshot() if there else None for there in sides)
    rows = rows_of(reference, current)
    assert len(rows) == (7 if any(sides) else 0)
    assert {row.differs for row in rows.values()} <= {None}
    assert all(
        (row.recorded is None, row.current is None) == (not sides[0], not sides[1])
        for row in rows.values()
    )


def test_conda_against_no_conda_checks_the_distributions_alone() -> None:
    rows = rows_of(make_snapshot(), python("numpy==1.26.4 [pip]"))
    assert rows["zlib"].differs is None
    assert (rows["numpy"].recorded, rows["numpy"].current) == ("1.26.4", "1.26.4")
    assert rows["tqdm"].differs


def test_what_the_policy_ignores_does_not_differ() -> None:
    reference, here = python("a==1 [pip]"), python("a==1 [uv]")
    for policy in (RESEARCH, PRODUCTION):
        (row,) = package_rows(reference, here, policy)
        findings = compare(reference, here, policy).findings
        assert row.differs is bool(findings)


def test_python_itself_differs_although_its_own_layer_tells_it() -> None:
    here = snapshot_with(
        core={"python": "3.12.1"},
        conda={"packages": conda_with(python="python-3.12.1-hab00c5b_1_cpython.conda")},
    )
    assert rows_of(make_snapshot(), here)["python"].differs


def test_every_package_that_the_report_names_differs() -> None:
    here = snapshot_with(
        conda={"packages": conda_with(numpy=FILE + "e" * 64, zlib=None)},
        packages={"packages": packages_with(rich="rich==14.0 [pip]", torch=None)},
    )
    report = compare(make_snapshot(), here, RESEARCH)
    named = {
        one.subject
        for one in report.findings
        if one.layer != "frameworks" or one.kind == "package-missing"
    }
    assert {name for name, row in rows_of(make_snapshot(), here).items() if row.differs} == named
