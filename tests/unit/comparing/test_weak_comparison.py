"""A weak reference finds what its file tells to be otherwise, and nothing that it does not tell."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.comparing.environments.compare import compare
from jupyter_repro.comparing.environments.policy import PRODUCTION, RESEARCH, Policy
from jupyter_repro.model.report import Report
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.exports import text_of
from tests.unit.support.factories import (
    CONDA,
    FORGE,
    NO_GPU,
    PACKAGES,
    conda_with,
    make_snapshot,
    packages_with,
    snapshot_with,
)
from tests.unit.support.imports import imported

COMMIT = "0123456789abcdef0123456789abcdef01234567"
NO_CONDA: dict[str, Any] = {"status": "unavailable", "packages": {}}


def against(reference: Snapshot, current: Snapshot | None = None) -> Report:
    return compare(reference, current or make_snapshot(), RESEARCH)


def found(report: Report) -> list[tuple[str, str]]:
    return [(finding.kind, finding.subject) for finding in report.findings]


def environment(*conda: str, pip: tuple[str, ...] = ()) -> Snapshot:
    plain = {"dependencies": [*conda, {"pip": [*pip]}]}
    return imported(yaml.safe_dump(plain), "environment.yml")


def requirements(*lines: str) -> Snapshot:
    return imported("\n".join(lines), "requirements.txt")


def loosely(name: str, version: str, build: str) -> st.SearchStrategy[str]:
    """Return specifications that the package meets."""
    start = version.rpartition(".")[0]
    return st.sampled_from(
        [
            name,
            f"{name}={version}",
            f"{name}=={version}",
            f"{name} {version}",
            f"{name}={start}",
            f"{name} {start}.*",
            f"{name}>={start}",
            f"{name}>={start},<99",
            f"{name}<0|>={version}",
            f"{name}!=98.76",
            f"conda-forge::{name}",
            f"pkgs/main::{name}={version}",
            f"{name}={version}={build}",
            f"{name}=*={build[:3]}*",
            f"{name}=98 # [win]",
            f"{name}[version='>={start}']",
        ]
    )


def met_by_conda() -> st.SearchStrategy[list[str]]:
    records = [
        line.partition(".conda")[0].rsplit("-", 2) for lines in CONDA.values() for line in lines
    ]
    choices = [st.none() | loosely(*record) for record in records]
    return st.tuples(*choices).map(lambda chosen: [spec for spec in chosen if spec])


def met_by_pip() -> st.SearchStrategy[list[str]]:
    choices = []
    for line in PACKAGES:
        name, version = line.partition(" ")[0].split("==")
        public = version.partition("+")[0]
        start = public.rpartition(".")[0]
        forms = [
            name,
            f"{name}=={version}",
            f"{name}=={public}",
            f"{name}=={start}.*",
            f"{name}~={public}",
            f"{name}>={start},<99",
            f"{name}[extra]>={start}",
            f"{name}==98; sys_platform == 'win32'",
            f"{name}==98; python_version < '3.9'",
            f"{name.upper()}=={public} --hash=sha256:{'0' * 64}",
        ]
        choices.append(st.none() | st.sampled_from(forms))
    return st.tuples(*choices).map(lambda chosen: [line for line in chosen if line])


@given(met_by_conda(), met_by_pip(), st.sampled_from([RESEARCH, PRODUCTION]))
def test_it_never_cries_wolf(conda: list[str], pip: list[str], policy: Policy) -> None:
    # A comment with a selector is no YAML value: the file is written as people write it
    lines = ["channels: [somewhere, nodefaults]", "dependencies:", "- zlib"]
    lines += [f"- {spec}" if "#" in spec else f'- "{spec}"' for spec in conda]
    lines += ["- pip:", "  - rich", *(f'  - "{line}"' for line in pip)]
    weak = imported("\n".join(lines), "environment.yml")
    full = make_snapshot()
    for report in (compare(weak, full, policy), compare(full, weak, policy)):
        assert report.findings == []
        assert report.verdict == "match"
    for side in (full, weak):
        assert (
            compare(
                side, imported("\n".join(pip), "requirements.txt") if pip else weak, policy
            ).findings
            == []
        )


def test_an_export_of_the_environment_matches_it() -> None:
    report = against(imported(text_of(make_snapshot()), "environment.yml"))
    assert report.findings == []
    assert report.verdict == "match"
    assert report.layers["conda"].verdict == "match"
    assert report.layers["gpu"].verdict == "not checked"
    assert report.layers["notebook"].verdict == "not checked"


def test_what_is_not_told_is_named_as_not_checked() -> None:
    report = against(requirements("numpy"))
    assert {name for name, layer in report.layers.items() if layer.verdict == "not checked"} == {
        "notebook",
        "frameworks",
        "conda",
        "core",
        "system",
        "gpu",
        "libraries",
        "determinism",
    }
    assert report.layers["packages"].reason == "what requirements.txt does not list is not compared"
    assert "imported from requirements.txt" in report.summary


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("numpy=1.25", "version-minor"),
        ("numpy==1.26.3", "version-patch"),
        ("numpy=2", "version-major"),
        ("numpy>=2", "requirement"),
        ("numpy>=1.20,<1.26", "requirement"),
        ("numpy=1.26.4=py311h0000000_9", "build"),
        ("numpy=*=*mkl*", "build"),
        ("libblas=3.8", "blas"),
        ("python=3.10", "python-minor"),
        ("python=3.11.6", "python-patch"),
        ("python>=3.12", "requirement"),
        ("pandas", "package-missing"),
        ("pandas=2.1=py311_0", "package-missing"),
        ("pytorch=2.3.*=*cpu*", None),  # it is there from pip, whose build is not told
        ("pytorch=2.2", "version-minor"),
    ],
)
def test_what_conda_does_not_meet(spec: str, kind: str | None) -> None:
    report = against(environment(spec))
    assert [finding.kind for finding in report.findings] == [kind] * (kind is not None)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("numpy==1.26.3", "version-patch"),
        ("numpy==1.25.*", "requirement"),
        ("numpy>=2", "requirement"),
        ("torch==2.3.1+cpu", "cpu-gpu-build"),
        ("torch==2.3.1", None),
        ("torch==2.3.0", "version-patch"),
        ("pandas", "package-missing"),
        ("pandas==2.0", "package-missing"),
        ("pandas; sys_platform == 'win32'", None),
        ("pandas; sys_platform == 'linux'", "package-missing"),
        ("rich @ git+https://example.org/rich.git@main", "source"),
        ("nonsense ===", None),
    ],
)
def test_what_pip_does_not_meet(line: str, kind: str | None) -> None:
    report = against(requirements("rich", line))
    assert [finding.kind for finding in report.findings] == [kind] * (kind is not None)


@pytest.mark.parametrize(
    ("told", "there", "kind"),
    [
        (f"@{COMMIT}#egg=mine", f".git@{COMMIT}", None),
        ("@main", f"@{COMMIT}", None),
        ("", f"@{COMMIT}", None),
        (f"@{COMMIT}", f"@{'f' * 40}", "source"),
    ],
)
def test_a_branch_is_no_commit(told: str, there: str, kind: str | None) -> None:
    for place in ("git+https://example.org/o/mine", "git+ssh://git@example.org/o/mine"):
        weak = requirements(f"mine @ {place}.git{told}")
        here = [f"mine==0.1 [uv, {place}{there}]"]
        report = against(weak, snapshot_with(packages={"packages": here}))
        assert [finding.kind for finding in report.findings] == [kind] * (kind is not None)


@pytest.mark.parametrize(("commit", "kind"), [(COMMIT, None), ("f" * 40, "source")])
def test_pip_freeze_names_the_remote_of_an_editable_package(commit: str, kind: str | None) -> None:
    weak = requirements(f"-e git+https://example.org/o/mine.git@{COMMIT}#egg=mine")
    here = [f"mine==0.1 [pip, editable, file://***/mine@{commit}]"]
    report = against(weak, snapshot_with(packages={"packages": here}))
    assert [finding.kind for finding in report.findings] == [kind] * (kind is not None)


def test_what_the_notebook_asks_for_by_name_weighs_like_what_it_imports() -> None:
    here = snapshot_with(notebook={"used": []})
    report = against(requirements("pandas", "rich==1"), here)
    assert {finding.severity for finding in report.findings} == {"error"}
    # What it imports is known here: numpy and torch
    assert {finding.severity for finding in against(requirements("rich==1")).findings} == {"note"}


def test_a_name_that_was_guessed_is_never_missing() -> None:
    weak = imported("Python version: 3.11.7\n\nnumpy: 1.25.0\nmymodule: 1.0\n", "watermark")
    report = against(weak)
    assert found(report) == [("version-minor", "numpy")]


def test_an_environment_without_conda_is_judged_by_its_distributions() -> None:
    here = snapshot_with(conda=NO_CONDA)
    report = against(environment("numpy=1.26", "pytorch=2.2", "gcc=12"), here)
    assert ("version-minor", "pytorch") in found(report)
    assert {kind for kind, _ in found(report)} == {"version-minor", "environment-kind"}
    assert report.layers["conda"].verdict == "mismatch"


def test_a_lock_of_another_build_is_a_difference() -> None:
    url = f"@EXPLICIT\n{FORGE}/numpy-1.26.4-py311h64a7726_9.conda#{'1' * 64}\n"
    report = against(imported(url, "explicit"))
    assert found(report) == [("build", "numpy")]
    same = url.replace("_9", "_0")
    assert against(imported(same, "explicit")).findings == []
    assert found(against(imported(same.replace("1" * 64, "2" * 64), "explicit"))) == [
        ("hash", "numpy")
    ]


def test_both_sides_may_be_weak() -> None:
    one, other = environment("numpy>=1.20", "scipy"), environment("numpy>=1.21", "scipy")
    report = against(one, other)
    assert report.findings == []
    assert "nor could be numpy" in (report.layers["conda"].reason or "")
    assert (
        against(environment("numpy=1.26.4=py311_0"), environment("numpy=1.25")).verdict
        == "mismatch"
    )
    apart = against(requirements("numpy"), environment("numpy"))
    assert (apart.verdict, apart.findings) == ("not checked", [])


def test_the_same_findings_from_the_other_side() -> None:
    weak = environment("numpy=1.25", "pandas")
    report = against(make_snapshot(), weak)
    assert found(report) == [("version-minor", "numpy"), ("package-added", "pandas")]
    assert [(one.reference, one.current) for one in report.findings] == [
        ("1.26.4", "1.25"),
        (None, "any version"),
    ]


def test_a_dump_without_gpu_does_not_say_that_there_was_none() -> None:
    text = (
        "PyTorch version: 2.3.1+cu121\nCUDA used to build PyTorch: 12.1\n"
        "Python version: 3.11.7 (main)\nIs CUDA available: False\n{gpu}"
        "Versions of relevant libraries:\n[pip3] torch==2.3.1+cu121\n"
    )
    plain = imported(text.format(gpu=""), "collect_env")
    assert against(plain).findings == []
    gpu = "GPU models and configuration: \nGPU 0: NVIDIA H200\n\nNvidia driver version: 550.54.15\n"
    told = imported(text.format(gpu=gpu), "collect_env")
    assert against(told).findings == []
    assert found(against(told, snapshot_with(gpu=NO_GPU))) == [("gpu-missing", "GPU")]


def test_what_a_dump_does_not_tell_of_a_layer_is_no_difference() -> None:
    text = "PyTorch version: 2.3.1+cu121\nOS: Ubuntu 22.04.4 LTS (x86_64)\n"
    text += "Python version: 3.11.7 (main)\nPython platform: Linux-5.15-x86_64-with-glibc2.35\n"
    text += "Versions of relevant libraries:\n[pip3] torch==2.3.1+cu121\n"
    here = snapshot_with(
        system={"container": "docker"},
        core={"free_threaded": True},
        packages={"python_path": True, "user_site": True},
    )
    report = against(imported(text, "collect_env"), here)
    assert report.findings == []
    assert report.layers["system"].verdict == "match"


def test_a_package_that_is_gone_is_found_in_a_whole_environment_only() -> None:
    gone = snapshot_with(
        conda={"packages": conda_with(numpy=None)}, packages={"packages": packages_with(numpy=None)}
    )
    assert found(against(environment("numpy"), gone)) == [("package-missing", "numpy")]
    assert against(environment("numpy"), requirements("rich")).findings == []
