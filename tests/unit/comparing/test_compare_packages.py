"""Packages: what is found, once for one cause, and what is not comparable."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.packages import ALIASES
from jupyter_repro.comparing.environments.policy import PRODUCTION, RESEARCH
from jupyter_repro.model.snapshot import Framework
from tests.unit.support.factories import (
    CONDA,
    FORGE,
    NOARCH,
    changes_of,
    conda_with,
    difference,
    make_layers,
    make_snapshot,
    packages_with,
)


def conda_case(**by_start: str | None) -> dict[str, Any]:
    return {"conda": {"packages": conda_with(**by_start)}}


def dist_case(**by_start: str | None) -> dict[str, Any]:
    return {"packages": {"packages": packages_with(**by_start)}}


CASES = {
    "minor of a conda package": (
        {},
        conda_case(zlib="zlib-1.4.0-h4ab18f5_1.conda#" + "c" * 64),
        [("version-minor", "zlib", "1.3.1 h4ab18f5_1", "1.4.0 h4ab18f5_1")],
    ),
    "same file, other contents": (
        {},
        conda_case(zlib="zlib-1.3.1-h4ab18f5_1.conda#" + "c" * 64),
        [
            (
                "hash",
                "zlib",
                f"1.3.1 h4ab18f5_1 sha256:{'3' * 64}",
                f"1.3.1 h4ab18f5_1 sha256:{'c' * 64}",
            )
        ],
    ),
    "an md5 says nothing about a sha256": (
        {},
        conda_case(zlib="zlib-1.3.1-h4ab18f5_1.conda#" + "c" * 32),
        [("hash-not-checked", "zlib", "sha256", "md5")],
    ),
    "a wheel of an address, by another hash": (
        dist_case(rich=f"rich==13.7.0 [pip, https://example.org/rich.whl#sha256={'a' * 64}]"),
        dist_case(rich=f"rich==13.7.0 [pip, https://example.org/rich.whl#sha256={'b' * 64}]"),
        [
            (
                "hash",
                "rich",
                f"13.7.0 [pip, https://example.org/rich.whl#sha256={'a' * 64}]",
                f"13.7.0 [pip, https://example.org/rich.whl#sha256={'b' * 64}]",
            )
        ],
    ),
    "a wheel of an address, with a hash on one side": (  # uv keeps none
        dist_case(rich=f"rich==13.7.0 [pip, https://example.org/rich.whl#sha256={'a' * 64}]"),
        dist_case(rich="rich==13.7.0 [pip, https://example.org/rich.whl]"),
        [("hash-not-checked", "rich", "sha256", "no hash")],
    ),
    "a wheel of an address, with hashes of two kinds": (
        dist_case(rich=f"rich==13.7.0 [pip, https://example.org/rich.whl#sha256={'a' * 64}]"),
        dist_case(rich=f"rich==13.7.0 [pip, https://example.org/rich.whl#md5={'a' * 32}]"),
        [("hash-not-checked", "rich", "sha256", "md5")],
    ),
    "a hash on one side": (
        {},
        conda_case(zlib="zlib-1.3.1-h4ab18f5_1.conda"),
        [("hash-not-checked", "zlib", "sha256", "no hash")],
    ),
    "archive format": (
        {},
        conda_case(zlib="zlib-1.3.1-h4ab18f5_1.tar.bz2#" + "c" * 64),
        [("archive", "zlib", ".conda", ".tar.bz2")],
    ),
    "channel": (
        {},
        {
            "conda": {
                "packages": {
                    **conda_with(zlib=None),
                    "https://repo.anaconda.com/pkgs/main/linux-64": [
                        "zlib-1.3.1-h4ab18f5_1.conda#" + "3" * 64
                    ],
                }
            }
        },
        [
            (
                "channel",
                "zlib",
                "https://conda.anaconda.org/conda-forge",
                "https://repo.anaconda.com/pkgs/main",
            )
        ],
    ),
    "other BLAS behind libblas": (
        {},
        conda_case(libblas="libblas-3.9.0-20_linux64_mkl.conda#" + "c" * 64),
        [("blas", "libblas", "3.9.0 20_linux64_openblas", "3.9.0 20_linux64_mkl")],
    ),
    "a build for another Python follows from Python": (
        {},
        {
            **conda_case(
                numpy="numpy-1.26.4-py312hb3a8b3e_0.conda#" + "c" * 64,
                python="python-3.12.1-hab00c5b_1_cpython.conda#" + "c" * 64,
            ),
            "core": {"python": "3.12.1"},
        },
        [("python-minor", "Python", "3.11.7", "3.12.1")],
    ),
    "added": (
        {},
        {"packages": {"packages": [*packages_with(), "zarr==2.1 [pip]"]}},
        [("package-added", "zarr", None, "2.1")],
    ),
    "one of a conda package and its distribution is told": (
        {},
        {
            **conda_case(tqdm="tqdm-4.66.2-pyhd8ed1ab_0.conda#" + "c" * 64),
            **dist_case(tqdm="tqdm==4.66.2 [conda]"),
        },
        [("version-patch", "tqdm", "4.66.1 pyhd8ed1ab_0", "4.66.2 pyhd8ed1ab_0")],
    ),
    "pip took over what conda had": (
        {},
        {**conda_case(tqdm=None), **dist_case(tqdm="tqdm==4.66.1 [pip]")},
        [("source", "tqdm", "4.66.1 [conda]", "4.66.1 [pip]")],
    ),
    "pip wrote over conda's files": (
        {},
        dist_case(tqdm="tqdm==4.66.1 [pip, replaces-conda]"),
        [("replaces-conda", "tqdm", "4.66.1 [conda]", "4.66.1 [pip, replaces-conda]")],
    ),
    "CPU build of a framework": (
        {},
        dist_case(torch="torch==2.3.1+cpu [pip]"),
        [("cpu-gpu-build", "torch", "2.3.1+cu121", "2.3.1+cpu")],
    ),
    "another CUDA": (
        {},
        dist_case(torch="torch==2.3.1+cu118 [pip]"),
        [("version-local", "torch", "2.3.1+cu121", "2.3.1+cu118")],
    ),
    "another release and a CPU build": (
        {},
        dist_case(torch="torch==2.5.0+cpu [pip]"),
        [
            ("cpu-gpu-build", "torch", "GPU build", "CPU build"),
            ("version-minor", "torch", "2.3.1+cu121", "2.5.0+cpu"),
        ],
    ),
    "another commit": (
        dist_case(rich="rich==13.7.0 [pip, git+https://example.org/rich@abc]"),
        dist_case(rich="rich==13.7.0 [pip, git+https://example.org/rich@def]"),
        [
            (
                "source",
                "rich",
                "13.7.0 [pip, git+https://example.org/rich@abc]",
                "13.7.0 [pip, git+https://example.org/rich@def]",
            )
        ],
    ),
    "pip or uv is a matter of taste": (
        {},
        dist_case(rich="rich==13.7.0 [uv]"),
        [("installer", "rich", "13.7.0 [pip]", "13.7.0 [uv]")],
    ),
    "a second copy behind the first": (
        {},
        {"packages": {"packages": [*packages_with(), "rich==12.0 [conda, shadowed]"]}},
        [("shadowed", "rich", None, "12.0 [conda, shadowed]")],
    ),
    "a copy in front of the old one is a version, once": (
        {},
        {
            "packages": {
                "packages": [
                    *packages_with(rich="rich==13.7.0 [pip, shadowed]"),
                    "rich==14.0 [pip, user-site]",
                ]
            }
        },
        [("version-major", "rich", "13.7.0", "14.0")],
    ),
    "one version in two spellings": (
        dist_case(rich="rich==13.7 [pip]"),
        dist_case(rich="rich==13.7.0 [pip]"),
        [],
    ),
    "cuDNN from a wheel": (
        {"packages": {"packages": [*packages_with(), "nvidia-cudnn-cu12==9.1.0.70 [pip]"]}},
        {"packages": {"packages": [*packages_with(), "nvidia-cudnn-cu12==9.2.1.18 [pip]"]}},
        [("cudnn", "nvidia-cudnn-cu12", "9.1.0.70", "9.2.1.18")],
    ),
    "a line of another form": (
        {},
        {"packages": {"packages": [*packages_with(), "what is this"]}},
        [("package-added", "what is this", None, "")],
    ),
    "a version is not known": (
        {},
        dist_case(rich="rich [unknown]"),
        [("version-major", "rich", "13.7.0", "")],
    ),
}


@pytest.mark.parametrize(("reference", "current", "expected"), CASES.values(), ids=CASES)
def test_packages(reference: dict[str, Any], current: dict[str, Any], expected: list[Any]) -> None:
    assert changes_of(difference(reference, current)) == expected


def test_a_distribution_of_another_name_is_told_by_its_conda_package() -> None:
    before, after = (
        {
            "conda": {"packages": {FORGE: [f"opencv-lib-{version}-h1_0.conda#{digit * 64}"]}},
            "packages": {"packages": [f"opencv-python=={version} [conda]"]},
            "notebook": {"used": ["opencv-python"]},
        }
        for version, digit in (("4.9.0", "1"), ("4.10.0", "2"))
    )
    (finding,) = difference(before, after).findings
    assert (finding.layer, finding.subject, finding.used) == ("conda", "opencv-lib", True)


def test_an_alias_is_a_framework_and_used() -> None:
    torch = [Framework(name="torch", version="2.5.1")]
    before, after = (
        {
            "conda": {"packages": {FORGE: [f"pytorch-{version}-cpu_py311_0.conda#{digit * 64}"]}},
            "packages": {"packages": [f"torch=={version} [conda]"]},
            "frameworks": {"frameworks": [msgspec.structs.replace(torch[0], version=version)]},
        }
        for version, digit in (("2.4.1", "1"), ("2.5.1", "2"))
    )
    assert ALIASES["pytorch"] == "torch"
    (finding,) = difference(before, after).findings
    assert (finding.layer, finding.kind, finding.used) == ("frameworks", "version-minor", True)
    assert finding.severity == "error"


def test_another_platform_is_said_once_and_versions_are_compared() -> None:
    osx = {
        FORGE.replace("linux-64", "osx-arm64"): [
            line.replace("h4ab18f5_1", "hother_7").replace("#" + "3" * 64, "#" + "d" * 64)
            for line in conda_with(numpy="numpy-1.26.3-py311hosx_0.conda#" + "e" * 64)[FORGE]
        ],
        NOARCH: CONDA[NOARCH],
    }
    report = difference(
        {},
        {
            "conda": {"packages": osx},
            "packages": {"packages": packages_with(numpy="numpy==1.26.3 [conda]")},
            "system": {
                "platform": "osx-arm64",
                "machine": "arm64",
                "os": "macOS 14",
                "libc": None,
                "kernel": "23.1",
                "cpu_features": [],
            },
        },
    )
    assert changes_of(report) == [
        ("platform", "platform", "linux-64", "osx-arm64"),
        ("version-patch", "numpy", "1.26.4", "1.26.3"),
    ]


def test_conda_and_not_conda_compare_the_distributions_alone() -> None:
    plain = [line.replace("[conda]", "[uv]") for line in packages_with(rich="rich==13.8.0 [uv]")]
    report = difference(
        {"notebook": {"used": ["rich"]}},
        {
            "conda": {"status": "unavailable", "reason": "no conda-meta", "packages": {}},
            "packages": {"packages": plain},
            "core": {"environment": "venv", "manager": "uv"},
            "notebook": {"used": []},
        },
    )
    assert changes_of(report) == [
        ("version-minor", "rich", "13.7.0", "13.8.0"),
        ("environment-kind", "kind of environment", "conda", "venv"),
        ("manager", "environment manager", "conda", "uv"),
    ]
    assert report.layers["conda"].verdict == "not comparable"
    assert "cannot be compared: conda environment" in report.summary


def test_without_knowledge_of_imports_the_frameworks_count_as_used() -> None:
    nothing: dict[str, Any] = {"notebook": {"used": []}}
    report = difference(
        nothing,
        {**nothing, **dist_case(torch="torch==2.4.0+cu121 [pip]", rich="rich==14.0 [pip]")},
    )
    assert [(one.subject, one.used, one.severity) for one in report.findings] == [
        ("torch", True, "error"),
        ("rich", False, "note"),
    ]


def test_hashes_that_say_nothing_are_one_change_for_all_packages() -> None:
    lines = [f"p{number:02}-1-0.conda" for number in range(12)]
    before = {"conda": {"packages": {FORGE: [f"{line}#{'a' * 64}" for line in lines]}}}
    after = {"conda": {"packages": {FORGE: [f"{line}#{'a' * 32}" for line in lines]}}}
    ((kind, subject, reference, _),) = changes_of(difference(before, after))
    assert (kind, subject) == ("hash-not-checked", "12 packages")
    assert reference == "; ".join([*(f"p{number:02}: sha256" for number in range(8)), "and 4 more"])


def test_production_asks_for_hashes_that_can_be_compared() -> None:
    before = make_snapshot(make_layers(**conda_case(zlib="zlib-1.3.1-h4ab18f5_1.conda")))
    after = make_snapshot(make_layers())
    report = compare(before, after, PRODUCTION)
    assert report.layers["conda"].verdict == "drift"
    assert [(one.kind, one.severity) for one in report.findings] == [
        ("hash-not-checked", "warning")
    ]
    assert "Not checked" in report.findings[0].why
    assert [one.severity for one in compare(before, after, RESEARCH).findings] == ["note"]


def test_without_a_hash_on_either_side_nothing_differs_and_that_is_said() -> None:
    wheel = "rich==13.7.0 [pip, https://example.org/rich.whl]"
    layers = make_layers(**conda_case(zlib="zlib-1.3.1-h4ab18f5_1.conda"), **dist_case(rich=wheel))
    report = compare(make_snapshot(layers), make_snapshot(layers), PRODUCTION)
    assert report.findings == []
    for layer in ("conda", "packages"):
        assert report.layers[layer].reason == (
            "1 packages have no hash on either side: their files are not checked"
        )
