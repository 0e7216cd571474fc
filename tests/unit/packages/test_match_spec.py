"""conda's match specifications, as people and tools write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.packages.match_spec import (
    allows_build,
    allows_version,
    parse_match_spec,
    selects,
    spec_text,
)


@pytest.mark.parametrize(
    ("text", "name", "version", "build", "channel"),
    [
        ("numpy", "numpy", None, None, None),
        ("Numpy", "numpy", None, None, None),
        ("numpy=1.26", "numpy", "=1.26", None, None),
        ("numpy==1.26.4", "numpy", "==1.26.4", None, None),
        ("numpy 1.26.4", "numpy", "==1.26.4", None, None),
        ("numpy 1.26.*", "numpy", "1.26.*", None, None),
        ("numpy>=1.20,<2", "numpy", ">=1.20,<2", None, None),
        ("numpy >= 1.20, < 2", "numpy", ">=1.20,<2", None, None),
        ("numpy=1.26.4=py311h64a7726_0", "numpy", "==1.26.4", "py311h64a7726_0", None),
        ("numpy 1.26.4 py311h64a7726_0", "numpy", "==1.26.4", "py311h64a7726_0", None),
        ("python=3.11.*=*_cpython", "python", "3.11.*", "*_cpython", None),
        ("pytorch>=2.7.0=cuda12*", "pytorch", ">=2.7.0", "cuda12*", None),
        ("pytorch >=2.7.0,<3 =cuda12*", "pytorch", ">=2.7.0,<3", "cuda12*", None),
        ("pytorch >=2.7.0 cuda12*", "pytorch", ">=2.7.0", "cuda12*", None),
        (
            "https://host.example.org:8080/conda-forge::numpy=1.21",
            *("numpy", "=1.21", None, "https://host.example.org:8080/conda-forge"),
        ),
        ("numpy[channel='https://a.org/x',version=1.2]", "numpy", "==1.2", None, "https://a.org/x"),
        ('numpy[version=">=1.24,<1.26.4"]', "numpy", ">=1.24,<1.26.4", None, None),
        (
            'pytorch::pytorch[version="=2.1.2",build="^py3.11_cpu_0$"]',
            *("pytorch", "=2.1.2", "py3.11_cpu_0", "pytorch"),
        ),
        ('a[build="^py.*_cpu.*$"]', "a", None, "py*_cpu*", None),
        ('a[build="^(py|cp)$"]', "a", None, "^(py|cp)$", None),
        ("mkl=*=*intel*", "mkl", None, "*intel*", None),
        ("numpy=1.11.1|1.11.3", "numpy", "=1.11.1|1.11.3", None, None),
        ("conda-forge::scipy", "scipy", None, None, "conda-forge"),
        (
            "nvidia/label/cuda-12.1.0::cuda-nvcc=12.1",
            "cuda-nvcc",
            "=12.1",
            None,
            "nvidia/label/cuda-12.1.0",
        ),
        ("pytorch[version='>=2,<3', build=*cuda*]", "pytorch", ">=2,<3", "*cuda*", None),
        ("numpy[channel=conda-forge]", "numpy", None, None, "conda-forge"),
        ("openssl=1.1.1w", "openssl", "=1.1.1w", None, None),
        ("*", None, None, None, None),
        ("-c evil", None, None, None, None),
        ("numpy 1 2 3", None, None, None, None),
        ("numpy ; rm", None, None, None, None),
        ("numpy[version=1.2 rm -rf]", None, None, None, None),
        ("numpy[version=1.2", None, None, None, None),
        ("numpy[version='1.2 py_0']", None, None, None, None),
        ("::numpy", None, None, None, None),
        ("a b::numpy", None, None, None, None),
        ("https://host/x;y::numpy", None, None, None, None),
        ("https://example.org/x.conda", None, None, None, None),
    ],
)
def test_the_parts(
    text: str, name: str | None, version: str | None, build: str | None, channel: str | None
) -> None:
    spec = parse_match_spec(text)
    assert (spec and spec[:4]) == (name and (name, version, build, channel))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("numpy", "numpy"),
        ("numpy=1.26", "numpy=1.26"),
        ("numpy 1.26.4", "numpy==1.26.4"),
        ("numpy=1.26.4=py311_0", "numpy=1.26.4=py311_0"),
        ("mkl[build='*intel*']", "mkl=*=*intel*"),
        ("numpy[version='>=1.24,<1.26.4']", "numpy >=1.24,<1.26.4"),
        ("numpy[version='>=1.24,<2',build=py311*]", "numpy >=1.24,<2 py311*"),
        (
            'pytorch::pytorch[version="=2.1.2",build="^py3.11_cpu_0$"]',
            "pytorch::pytorch 2.1.2.* py3.11_cpu_0",
        ),
    ],
)
def test_a_form_that_every_tool_reads(text: str, written: str) -> None:
    spec = parse_match_spec(text)
    assert spec is not None
    assert spec_text(spec) == written
    assert spec_text(parse_match_spec(written) or spec) == written


@pytest.mark.parametrize(
    ("expression", "version", "allowed"),
    [
        ("=1.26", "1.26", True),
        ("=1.26", "1.26.4", True),
        ("=1.2", "1.26.4", False),
        ("=1.26.0", "1.26", True),
        ("==1.26", "1.26.4", False),
        ("==1.26.0", "1.26", True),
        ("1.26.*", "1.26.4", True),
        ("1.26.*", "1.2.4", False),
        ("1.8*", "1.8.1", True),
        ("1.8*", "1.80", False),
        ("!=1.26.4", "1.26.4", False),
        ("!=1.26.*", "1.27", True),
        (">=1.20,<2", "1.26.4", True),
        (">=1.20,<2", "2.0", False),
        ("<=2.1.0", "2.1.0+cu121", True),
        ("==2.1.0", "2.1.0+cu121", True),
        (">=2.1.0", "2.1.0+cu121", True),
        (">2.1.0", "2.1.0+cu121", False),
        ("<2.1.0", "2.1.0+cu121", False),
        ("==2.1.0+cu121", "2.1.0+cu121", True),
        ("==2.1.0+cu121", "2.1.0+cpu", False),
        ("==2.1.0+cu121", "2.1.0", False),
        ("~=1.4.2", "1.4.9", True),
        ("~=1.4.2", "1.5", False),
        ("1.0|>=3", "3.1", True),
        ("1.0|>=3", "2", False),
        ("=1.1.1w", "1.1.1w", True),
        ("=1.1.1w", "1.1.1x", False),
        ("=1.1.1", "1.1.1w", True),
        (">=1.1.1a", "1.1.1w", True),
        (">=1.1.1w", "1.1.1a", False),
        ("=2024a", "2024a", True),
        (">=2024a", "2024b", True),
        ("1.*.3", "1.2.3", True),
        ("1.*.3", "1.2.4", False),
        (">=1.*.3", "1.2.4", None),
        (">=1", "not a version", None),
        ("(>=1,<2)|3", "1.5", None),
        (">=1", "", None),
    ],
)
def test_what_an_expression_allows(expression: str, version: str, allowed: bool | None) -> None:  # noqa: FBT001 - a column
    assert allows_version(expression, version) is allowed


RELEASE = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda p: ".".join(map(str, p)))


@given(version=RELEASE, length=st.integers(1, 4))
def test_a_version_is_allowed_by_all_that_names_it(version: str, length: int) -> None:
    start = ".".join(version.split(".")[:length])
    for expression in (f"={start}", f"{start}.*", f"=={version}", f">={start}", f"<={version}"):
        assert allows_version(expression, version) is True
    assert allows_version(f"!={version}", version) is False
    assert allows_version(f">{version}", version) is False


@given(st.text(max_size=60))
def test_any_text_has_an_answer_or_none(text: str) -> None:
    spec = parse_match_spec(text)
    if spec is not None:
        assert spec.name == spec.name.lower()
        allows_version(spec.version or "*", "1.2.3")
        allows_build(spec.build or "*", "py311_0")
    parse_match_spec(f"numpy{text}")
    allows_version(text, "1.0")
    selects(text, "linux-64")


@pytest.mark.parametrize(
    ("pattern", "build", "allowed"),
    [
        ("py311_0", "py311_0", True),
        ("*cuda*", "py3.10_cuda12.1_cudnn8_0", True),
        ("*cuda*", "py3.10_cpu_0", False),
        ("^py.*$", "py311_0", None),
        ("*", "", None),
    ],
)
def test_builds(pattern: str, build: str, allowed: bool | None) -> None:  # noqa: FBT001 - a column
    assert allows_build(pattern, build) is allowed


@pytest.mark.parametrize(
    ("selector", "platform", "selected"),
    [
        ("linux", "linux-aarch64", True),
        ("linux64", "linux-64", True),
        ("linux64", "linux-aarch64", False),
        ("win", "linux-64", False),
        ("not win", "osx-arm64", True),
        ("unix", "win-64", False),
        ("osx and arm64", "osx-arm64", True),
        ("linux or osx", "win-64", False),
        ("py<39", "linux-64", None),
    ],
)
def test_selectors(selector: str, platform: str, selected: bool | None) -> None:  # noqa: FBT001 - a column
    assert selects(selector, platform) is selected
