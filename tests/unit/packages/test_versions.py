"""How far versions are apart, and which device a build is for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.packages.versions import processor_of, version_kind


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("1.0", "1.0.0", None),
        ("1.0", "2.0", "version-major"),
        ("1!1.0", "1.0", "version-major"),
        ("1.0", "1.1", "version-minor"),
        ("1.0.1", "1.0.2", "version-patch"),
        ("1.0rc1", "1.0", "version-patch"),
        ("1.0.post1", "1.0", "version-patch"),
        ("2.3.1+cu121", "2.3.1", "version-local"),
        ("1.1.1w", "1.1.1u", "version-patch"),
        ("3.0_x", "3.1_x", "version-minor"),
        ("9e", "9f", "version-major"),
        ("weird+a", "weird+b", "version-local"),
        ("2024_01", "2023_01", "version-major"),
        ("", "1.0", "version-major"),
    ],
)
def test_how_far_versions_are_apart(before: str, after: str, kind: str | None) -> None:
    assert version_kind(before, after) == kind


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_two_versions_can_be_compared(before: str, after: str) -> None:
    assert version_kind(before, before) is None
    assert (version_kind(before, after) is None) == (version_kind(after, before) is None)


@pytest.mark.parametrize(
    ("version", "build", "variant"),
    [
        ("2.3.1+cu121", "", "GPU"),
        ("2.3.1+cpu", "", "CPU"),
        ("2.3.1+rocm6.0", "", "GPU"),
        ("2.3.1", "cuda120_py311h25b6552_0", "GPU"),
        ("2.3.1", "py3.11_cuda12.1_cudnn8.9.2_0", "GPU"),
        ("2.3.1", "cpu_generic_py311h8ca351a_0", "CPU"),
        ("2.3.1", "py3.11_cpu_0", "CPU"),
        ("2.3.1", "py311h64a7726_0", None),
        ("2.3.1", "", None),
    ],
)
def test_which_device_a_build_is_for(version: str, build: str, variant: str | None) -> None:
    assert processor_of(version, build) == variant
