"""Lines of packages are read back as they were written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.packages.archives import CONDA_EXTENSIONS, split_extension, split_stem
from jupyter_repro.packages.lines import (
    CondaPackage,
    Distribution,
    conda_line,
    distribution_line,
    parse_conda,
    parse_distribution,
)

names = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,8}", fullmatch=True)
versions = st.just("") | st.from_regex(r"[0-9][A-Za-z0-9.!+_]{0,12}", fullmatch=True)
flags = st.lists(st.from_regex(r"[A-Za-z][A-Za-z -]{0,10}[a-z]", fullmatch=True), max_size=3)
sources = st.just("") | st.tuples(
    st.sampled_from(["https://", "file://***/", "git+ssh://git@h/"]),
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20),
).map("".join)


@given(names, versions, st.sampled_from(["pip", "conda", "unknown"]), flags, sources)
def test_distributions_round_trip(
    name: str, version: str, installer: str, notes: list[str], source: str
) -> None:
    one = Distribution(name, version, installer, tuple(notes), source)
    assert parse_distribution(distribution_line(one)) == one


@given(
    names,
    st.from_regex(r"[0-9][a-z0-9.!+_]{0,9}", fullmatch=True),
    st.from_regex(r"[a-z0-9_]{1,12}", fullmatch=True),
    st.sampled_from(CONDA_EXTENSIONS),
    st.sampled_from(["", "a" * 64, "b" * 32]),
    st.sampled_from(["https://conda.anaconda.org/conda-forge", "file://***"]),
)
def test_conda_packages_round_trip(  # noqa: PLR0917 - one strategy each
    name: str, version: str, build: str, extension: str, digest: str, channel: str
) -> None:
    line = conda_line(f"{name}-{version}-{build}{extension}", digest)
    expected = CondaPackage(name, name, version, build, channel, digest, extension)
    assert parse_conda(f"{channel}/linux-64", line) == expected


@given(st.text(max_size=40))
def test_any_text_is_a_line(text: str) -> None:
    """A line of a stranger's is a package with some name; nothing is lost without a trace."""
    assert parse_distribution(text).name or not text
    stem, extension = split_extension(text)
    assert stem + extension == text
    name, version, build = split_stem(stem)
    assert "-".join([name, version, build] if stem.count("-") >= 2 else [name]) == stem
