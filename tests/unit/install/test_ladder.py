"""Where a recorded package stands, from the pin and what is listed alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.install.rattler.records import Record
from jupyter_repro.install.solve.ladder import RUNGS, find_step, worst
from jupyter_repro.packages.pins import CondaPin
from jupyter_repro.packages.versions import build_variant, version_key

HOME = "https://conda.anaconda.org/conda-forge"
OTHER = "https://mirror.example.org/conda-forge"
PIN = CondaPin("numpy", "1.26.4", "py311h64a7726_0", HOME, "linux-64", ".conda", "a" * 64)


def record(version: str = "1.26.4", build: str = "py311h64a7726_0", **fields: Any) -> Record:
    plain: dict[str, Any] = {
        "name": "numpy",
        "channel": HOME,
        "subdir": "linux-64",
        "sha256": "b" * 64,
    } | fields
    file = f"{plain['name']}-{version}-{build}{plain.pop('ext', '.conda')}"
    plain = {"file_name": file, "url": f"{plain['channel']}/linux-64/{file}"} | plain
    return Record(version=version, build=build, **plain)


@pytest.mark.parametrize(
    ("listed", "rung", "build"),
    [
        ([record(sha256="a" * 64)], "exact", "py311h64a7726_0"),
        ([record(), record(sha256="a" * 64, channel=OTHER)], "exact", "py311h64a7726_0"),
        ([record()], "rebuilt", "py311h64a7726_0"),
        ([record(sha256="")], "rebuilt", "py311h64a7726_0"),
        ([record(ext=".tar.bz2")], "rebuilt", "py311h64a7726_0"),
        ([record(build="py311hffffff0_1", build_number=1)], "rebuilt", "py311hffffff0_1"),
        (
            [
                record(build="py311h1111111_1", build_number=1),
                record(build="py311h2222222_2", build_number=2),
            ],
            "rebuilt",
            "py311h2222222_2",
        ),
        ([record(build="py312h64a7726_0")], "not installable", None),
        (
            [record(build="py312h64a7726_0"), record("1.26.2")],
            "by major.minor",
            "py311h64a7726_0",
        ),
        ([record(build="mkl_py311h64a7726_0")], "by version", "mkl_py311h64a7726_0"),
        (
            [record("1.26.2"), record("1.26.10"), record("1.27.0")],
            "by major.minor",
            "py311h64a7726_0",
        ),
        ([record("1.27.0"), record("2.0.0")], "not installable", None),
        ([], "not installable", None),
    ],
)
def test_rungs(listed: list[Record], rung: str, build: str | None) -> None:
    step = find_step(PIN, listed)
    assert step.rung == rung
    assert (step.record.build if step.record else None) == build
    assert step.reason or rung == "exact"
    assert "\n" not in step.reason
    assert not step.reason.endswith(".")


def test_the_highest_of_the_same_major_and_minor() -> None:
    step = find_step(PIN, [record("1.26.2"), record("1.26.10"), record("1.26.9")])
    assert step.record is not None
    assert step.record.version == "1.26.10"
    assert "1.26.10 is of the same major and minor version" in step.reason


def test_another_channel_is_told() -> None:
    step = find_step(PIN, [record(sha256="a" * 64, channel=OTHER)])
    assert step.rung == "exact"
    assert step.reason == f"no more in {HOME}; {OTHER} has the same file, by its hash"


def test_the_likest_variant_is_taken() -> None:
    pin = PIN._replace(build="cuda120_mkl_py311h25b6552_300")
    listed = [
        record(build="cpu_mkl_py311h25b6552_300"),
        record(build="cuda118_mkl_py311h25b6552_300"),
        record(build="cuda120_mkl_py312h25b6552_300"),
    ]
    step = find_step(pin, listed)
    assert step.rung == "by version"
    assert step.record == listed[1]
    assert step.nearest == (listed[0].file_name,)  # nothing for a different Python


def pin(name: str, version: str, build: str = "0") -> CondaPin:
    return PIN._replace(name=name, version=version, build=build)


MKL = {one.name: one for one in (pin("python", "3.11.7"), pin("libblas", "3.9.0", "20_mkl"))}
WITH_MKL = "libblas >=3.9.0,<4.0a0 *mkl"
WITH_OPENBLAS = "libblas >=3.9.0,<4.0a0 *openblas"


@pytest.mark.parametrize(
    ("listed", "rung", "build"),
    [
        (  # the hash of the build says more than its number
            [record(build="py311hffffff0_9", build_number=9), record(build="py311h64a7726_1")],
            "rebuilt",
            "py311h64a7726_1",
        ),
        (
            [
                record(build="py311hffffff0_9", build_number=9, depends=[WITH_OPENBLAS]),
                record(build="py311haaaaaa0_0", depends=[WITH_MKL]),
            ],
            "rebuilt",
            "py311haaaaaa0_0",
        ),
        (
            [
                record(build="py311hffffff0_9", build_number=9, depends=["libopenblas"]),
                record(build="py311haaaaaa0_0", depends=["zlib"]),  # that may have come with it
            ],
            "rebuilt",
            "py311haaaaaa0_0",
        ),
        (
            [record(build="py311hffffff0_9", depends=[WITH_OPENBLAS])],
            "by version",
            "py311hffffff0_9",
        ),
        ([record(build="0", depends=["python >=3.12,<3.13.0a0"])], "not installable", None),
        ([record(build="0", depends=["python_abi 3.12.*"])], "not installable", None),
        ([record(build="0", depends=["python >=3.9"])], "by version", "0"),
        ([record(build="py311haaaaaa0_0", depends=["", "a b c d"])], "rebuilt", "py311haaaaaa0_0"),
    ],
)
def test_a_variant_is_known_by_what_it_needs(
    listed: list[Record], rung: str, build: str | None
) -> None:
    step = find_step(PIN, listed, MKL)
    assert (step.rung, step.record.build if step.record else None) == (rung, build)


def test_what_a_different_variant_needs_is_said() -> None:
    step = find_step(PIN, [record(build="py311hffffff0_9", depends=[WITH_OPENBLAS])], MKL)
    assert step.reason.endswith("is a different variant (it needs a different libblas)")


@pytest.mark.parametrize(
    ("changes", "rung"),
    [
        ({"digest": ""}, "exact"),
        ({"digest": "", "archive": "", "channel": None, "subdir": None}, "exact"),
        ({"digest": "", "channel": OTHER}, "rebuilt"),
        ({"digest": "", "archive": ".tar.bz2"}, "rebuilt"),
        ({"digest": "", "channel": None, "is_private": True}, "rebuilt"),
        ({"digest": "c" * 64}, "rebuilt"),
    ],
)
def test_without_a_hash_the_same_build_of_its_channel_is_exact(
    changes: dict[str, Any], rung: str
) -> None:
    step = find_step(PIN._replace(**changes), [record()])
    assert step.rung == rung
    assert ("no hash was recorded" in step.reason) == (rung == "exact")


def test_nearest_are_named_in_order() -> None:
    step = find_step(PIN, [record(version) for version in ("2.0", "1.25.0", "1.27.1", "1.2")])
    assert [name.split("-")[1] for name in step.nearest] == ["1.27.1", "1.25.0", "2.0"]


@pytest.mark.parametrize(
    ("digest", "listed", "allow_md5", "rung"),
    [
        ("c" * 32, record(md5="c" * 32), True, "exact"),
        ("c" * 32, record(md5="c" * 32), False, "rebuilt"),
        ("c" * 32, record(md5="d" * 32), True, "rebuilt"),
        ("", record(), True, "exact"),
        ("a" * 64, record(md5="c" * 32), True, "rebuilt"),
    ],
)
def test_weak_hashes(digest: str, listed: Record, allow_md5: bool, rung: str) -> None:  # noqa: FBT001
    assert find_step(PIN._replace(digest=digest), [listed], allow_md5=allow_md5).rung == rung


@pytest.mark.parametrize(
    "bad",
    [
        record(file_name="../../numpy-1.26.4-py311h64a7726_0.conda"),
        record(url="https://evil.example/other.conda"),
        record(file_name="numpy-9.9-0.conda"),
        record(sha256="A" * 64),
        record(name="other"),
    ],
)
def test_what_an_index_should_not_say_is_left_out(bad: Record) -> None:
    assert find_step(PIN, [bad]).record is None


@pytest.mark.parametrize(
    ("build", "variant"),
    [
        ("0", ()),
        ("py_0", ("py",)),
        ("hab00c5b_1_cpython", ("cpython",)),
        ("cpu_generic_7", ("cpu", "generic")),
    ],
)
def test_variants(build: str, variant: tuple[str, ...]) -> None:
    assert build_variant(build) == variant


VERSIONS = st.text("0123456789.abcdrw+!_", min_size=1, max_size=12)


@given(
    st.lists(st.tuples(VERSIONS, st.sampled_from(["0", "py311_0", "h1234567_1"])), max_size=8),
    VERSIONS,
)
def test_any_versions_can_be_placed(listed: list[tuple[str, str]], version: str) -> None:
    step = find_step(PIN._replace(version=version), [record(*one) for one in listed])
    assert step.rung in RUNGS
    assert len(step.nearest) <= 3


@given(st.lists(VERSIONS, max_size=8))
def test_any_versions_can_be_ordered(versions: list[str]) -> None:
    assert (
        sorted(sorted(versions, key=version_key), key=version_key, reverse=True)[-1:]
        == sorted(versions, key=version_key)[:1]
        or len(versions) > 1
    )


def test_the_worst() -> None:
    assert worst([]) == "exact"
    assert worst(["exact", "by version", "rebuilt"]) == "by version"
