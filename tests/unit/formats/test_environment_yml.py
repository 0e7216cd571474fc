"""environment.yml: exact, true to where a package came from, and the same text for every reader."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement
from ruamel.yaml import YAML

from jupyter_repro.formats.exporters.request import CannotExportError
from jupyter_repro.model.snapshot import CondaLayer, PackagesLayer, Snapshot
from tests.unit.support.exports import COMMIT, CU121, NO_CONDA, exported, text_of
from tests.unit.support.factories import FORGE, make_layers, make_snapshot, snapshot_with
from tests.unit.support.imports import imported


def read(snapshot: Snapshot, **wishes: Any) -> dict[str, Any]:
    """Return what both generations of YAML read, which has to be the same."""
    text = text_of(snapshot, **wishes)
    old: dict[str, Any] = yaml.safe_load(text)
    new = YAML(typ="safe", pure=True).load(text)  # YAML 1.2
    assert old == new
    assert text.isascii()
    assert text.endswith("\n")
    return old


def pip_section(document: dict[str, Any]) -> list[str]:
    found = [entry["pip"] for entry in document["dependencies"] if isinstance(entry, dict)]
    section: list[str] = found[0] if found else []
    return section


def with_distributions(*lines: str) -> Snapshot:
    return snapshot_with(packages={"packages": list(lines)})


def test_an_exact_environment() -> None:
    assert read(make_snapshot()) == {
        "name": "lab",
        "channels": ["conda-forge"],
        "dependencies": [
            "libblas=3.9.0=20_linux64_openblas",
            "numpy=1.26.4=py311h64a7726_0",
            "python=3.11.7=hab00c5b_1_cpython",
            "tqdm=4.66.1=pyhd8ed1ab_0",
            "zlib=1.3.1=h4ab18f5_1",
            "pip",
            {"pip": [CU121, "rich==13.7.0", "torch==2.3.1+cu121"]},
        ],
    }


def test_the_platform_and_the_capture_are_told() -> None:
    text = text_of(make_snapshot())
    assert "captured 2026-11-01T12:00:00Z on linux-64," in text
    assert make_snapshot().digest[:12] in text


def test_an_imported_file_is_named_as_the_origin() -> None:
    lock = (
        "@EXPLICIT\nhttps://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-h4ab18f5_1.conda\n"
    )
    text = text_of(imported(lock, "explicit"))
    assert re.search(r", imported 20\S+Z from explicit \(file\) for linux-64, written by", text)
    assert "captured" not in text
    pip = text_of(imported("numpy==1.26.4\n", "requirements.txt"))
    assert "# Without conda packages, since the imported file lists none: Python's" in pip
    assert "ecorded" not in pip


def test_without_conda_it_is_python_and_pip() -> None:
    snapshot = snapshot_with(conda=NO_CONDA, packages={"packages": ["rich==13.7.0 [uv]"]})
    assert read(snapshot) == {
        "name": "notebook",
        "dependencies": ["python=3.11.7", "pip", {"pip": ["rich==13.7.0"]}],
    }
    assert "# Recorded without conda (not a conda environment)" in text_of(snapshot)


@pytest.mark.parametrize(
    ("python", "implementation", "dependencies"),
    [
        ("3.11.7", "CPython", ["python=3.11.7"]),
        ("3.13.0rc1", "CPython", ["python=3.13.0rc1"]),
        ("3.11.2+", "CPython", ["python=3.11.2"]),  # as Debian calls it
        ("3.10.14", "PyPy", []),
        ("3.11.7\n- evil", "CPython", []),
        (None, None, []),
    ],
)
def test_python_where_no_record_names_it(
    python: str | None, implementation: str | None, dependencies: list[str]
) -> None:
    core = {"python": python, "implementation": implementation}
    document = read(snapshot_with(conda=NO_CONDA, packages={"packages": []}, core=core))
    assert document["dependencies"] == dependencies


def test_channels_in_their_order_then_those_of_the_packages() -> None:
    document = read(
        snapshot_with(
            conda={
                "channels": ["pytorch", "conda-forge", "defaults", "nodefaults"],
                "packages": {
                    FORGE: ["zlib-1.3.1-h4ab18f5_1.conda"],
                    "https://conda.anaconda.org/bioconda/noarch": ["a-1-0.conda"],
                    "https://conda.anaconda.org/conda-forge/label/broken/linux-64": ["b-1-0.conda"],
                    "https://conda.example.org:8080/team/linux-64": ["c-1-0.conda"],
                    "https://repo.anaconda.com/pkgs/main/linux-64": ["d-1-0.conda"],
                },
            }
        )
    )
    assert document["channels"] == [
        *("pytorch", "conda-forge", "defaults", "bioconda", "conda-forge/label/broken"),
        "https://conda.example.org:8080/team",
    ]


def test_a_private_channel_is_told_and_its_packages_are_no_entries() -> None:
    """Somebody else's package of the same name must not be taken for it."""
    snapshot = snapshot_with(
        conda={
            "channels": ["file://***"],
            "packages": {"file://***/linux-64": ["mine-1.0-py_0.conda"]},
        },
        packages={"packages": []},
    )
    document, text = read(snapshot), text_of(snapshot)
    assert document["channels"] == []
    assert document["dependencies"] == ["python=3.11.7"]
    assert "# mine=1.0=py_0: from a private or local channel" in text
    assert "# file://***: a private or local channel" in text


def test_an_unreadable_record_is_still_exact() -> None:
    packages = {"unknown": ["zlib-1.3.1-h4ab18f5_1"]}
    document = read(snapshot_with(conda={"packages": packages}, packages={"packages": []}))
    assert document["dependencies"] == ["python=3.11.7", "zlib=1.3.1=h4ab18f5_1"]
    assert document["channels"] == ["conda-forge"]


@pytest.mark.parametrize("name", ["base", "root", None, "/home/me/env", "a b", "-x", "a" * 65])
def test_a_name_that_conda_refuses_is_replaced(name: str | None) -> None:
    assert read(snapshot_with(conda={"name": name}))["name"] == "notebook"


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("rich==13.7.0 [pip]", "rich==13.7.0"),
        ("torch==2.3.1 [uv, user-site]", "torch==2.3.1"),
        ("numpy==1.26.4 [pip, replaces-conda]", "numpy==1.26.4"),
        (
            f"mine==0.1 [pip, git+https://example.org/mine@{COMMIT}]",
            f"mine @ git+https://example.org/mine@{COMMIT}",
        ),
        (
            f"mine==0.1 [pip, git+ssh://git@example.org/mine@{COMMIT}#subdirectory=a/b]",
            f"mine @ git+ssh://git@example.org/mine@{COMMIT}#subdirectory=a/b",
        ),
        (
            f"mine==0.1 [pip, https://example.org/mine-0.1-py3-none-any.whl#sha256={'a' * 64}]",
            f"mine @ https://example.org/mine-0.1-py3-none-any.whl#sha256={'a' * 64}",
        ),
    ],
)
def test_a_requirement_that_pip_can_install_again(line: str, requirement: str) -> None:
    assert pip_section(read(with_distributions(line))) == [requirement]
    assert Requirement(requirement).marker is None


@pytest.mark.parametrize(
    "line",
    [
        f"mine==0.1 [pip, editable, file://***/mine@{COMMIT}]",
        f"mine==0.1 [pip, editable, dirty, git+https://example.org/mine@{COMMIT}]",
        "mine==0.1 [pip, file://***/mine-0.1-py3-none-any.whl]",
        "mine==0.1 [pip, unknown://***]",
        "mine==0.1 [pip, git+https://example.org/mine]",  # without a commit
        "mine==0.1 [pip, git+file://***/mine@abc]",
        "mine==0.1 [pip, https://example.org/***/mine-0.1.whl]",
        "mine==0.1 [unknown]",
        "mine [pip]",
        "mine==not-a-version [pip]",
        'mine==0.1;python_version<"3" [pip]',
        "-e==1 [pip]",
        "mine==0.1 [pip, https://example.org/${HOME}/mine.whl]",
        "mine==0.1 [pip, https://example.org/mine.whl --index-url http://evil]",
        "--index-url http://evil",
        "mine==0.1 [pip, https://example.org/mine.whl",  # cut off
    ],
)
def test_what_pip_could_not_install_again_is_a_comment(line: str) -> None:
    snapshot = with_distributions("rich==13.7.0 [pip]", line)
    assert pip_section(read(snapshot)) == ["rich==13.7.0"]
    assert f"    # {line}: " in text_of(snapshot)


def test_an_uncommitted_change_is_told() -> None:
    line = f"mine==0.1 [pip, editable, dirty, file://***/mine@{COMMIT}]"
    assert "with uncommitted changes" in text_of(with_distributions(line))


def test_what_python_does_not_import_and_what_conda_installed_are_left_out() -> None:
    lines = ["numpy==1.26.4 [conda]", "rich==12.0.0 [pip, shadowed]"]
    text = text_of(with_distributions(*lines))
    assert pip_section(read(with_distributions(*lines))) == []
    assert "rich" not in text


def test_nothing_at_all() -> None:
    nothing = snapshot_with(
        conda={"packages": {}, "channels": []},
        packages={"status": "error", "reason": "OSError: gone", "packages": []},
        core={"python": None},
    )
    assert read(nothing) == {"name": "lab", "dependencies": []}
    assert "# Python packages: OSError: gone" in text_of(nothing)


# What YAML takes for a number, a truth value, a date, markup or the end of a line
NASTY = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *("1e3", "0o17", "1.10", "12:30:45", "yes", "null", "~", "2026-01-01", "<<", "="),
            *('"', "\\", "'", "\n", "\r\n  - evil", "\x85- evil", "\u2028- evil", "\x00"),
            *("# ", ": ", "- ", "? ", "!!python/object/apply:os.system", "&a", "*a", "\ufeff"),
            *("\ufffe", "\uffff", "\ud800", "\u202e", "%YAML 1.1", "---", "...", "\t", "😀"),
            *("prefix: /", "variables:", "${HOME}", "--index-url http://evil"),
        ]
    ),
)


@given(st.lists(NASTY, max_size=3), NASTY, NASTY, NASTY, NASTY)
def test_nothing_breaks_out_of_a_value_or_a_comment(
    pieces: list[str], one: str, two: str, three: str, four: str
) -> None:
    text = "".join(pieces)
    layers = make_layers(
        conda={
            "name": one,
            "reason": two,
            "channels": [three, text, f"https://example.org/{one}"],
            "packages": {
                f"https://conda.anaconda.org/{four}/linux-64": [
                    "zlib-1.3.1-h4ab18f5_1.conda",
                    f"{text}-{one}-{two}.conda",
                    text,
                ],
                f"{text}/noarch": [f"a{one}-1{two}-0{three}.conda#{four}"],
            },
        },
        packages={
            "packages": [
                *(f"{text}=={one} [pip]", f"a{one}==1{two} [{three}]", text, one),
                f"mine==1 [pip, git+https://example.org/{two}@{three}]",
            ]
        },
        core={"python": three, "implementation": four},
        system={"platform": two},
    )
    snapshot = msgspec.structs.replace(
        make_snapshot(), layers=layers, tool=text, created=one, digest=four
    )
    document = read(snapshot)
    assert set(document) <= {"name", "channels", "dependencies"}
    assert isinstance(document["name"], str)
    values = [*document.get("channels", []), *document["dependencies"], *pip_section(document)]
    for value in values:
        if isinstance(value, dict):
            assert set(value) == {"pip"}
        else:
            assert isinstance(value, str)
            assert value.isprintable()
            assert not value.startswith("-")
    for requirement in pip_section(document):
        assert Requirement(requirement).marker is None


@given(
    st.from_regex(r"[a-z_][a-z0-9_.-]{0,12}", fullmatch=True),
    st.sampled_from(["1.10", "1e3", "0o17", "12_30", "2026.1", "1!2.0", "3.0+abc"]),
    st.sampled_from(["0", "1e3", "py311_0", "yes", "h0123456_0"]),
)
def test_every_record_comes_back(name: str, version: str, build: str) -> None:
    line = f"{name}-{version}-{build}.conda#{'a' * 64}"
    conda = CondaLayer(status="ok", packages={FORGE: [line]})
    layers = msgspec.structs.replace(
        make_snapshot().layers, conda=conda, packages=PackagesLayer(status="ok")
    )
    document = read(make_snapshot(layers))
    assert f"{name}={version}={build}" in document["dependencies"]


def test_by_version() -> None:
    document = read(make_snapshot(), pins="version")
    assert document["dependencies"] == [
        "libblas==3.9.0",
        "numpy==1.26.4",
        "python==3.11.7",
        "tqdm==4.66.1",
        "zlib==1.3.1",
        "pip",
        {"pip": [CU121, "rich==13.7.0", "torch==2.3.1+cu121"]},
    ]


def test_by_major_and_minor() -> None:
    lines = ["openssl-1.1.1w-h_0.conda", "jpeg-9e-h_1.conda", "a-1!2.0.3-0.conda", "b-3-0.conda"]
    document = read(
        snapshot_with(
            conda={"packages": {FORGE: lines}},
            packages={"packages": ["rich==13.7.0 [pip]", "six==1 [pip]", "t==2.3.1 [uv]"]},
        ),
        pins="research",
    )
    assert document["dependencies"] == [
        *("python=3.11", "a=1!2.0", "b=3", "jpeg=9e", "openssl=1.1", "pip"),
        {"pip": ["rich==13.7.*", "six==1", "t==2.3.*"]},
    ]


def test_as_it_was_asked_for() -> None:
    asked = ["python=3.11", "conda-forge::numpy >=1.26,<2", "zlib", "mine", "tqdm 4.66.*"]
    strange = ["a[md5=x;y]", "-c evil", "b; rm", "https://example.org/b.conda"]
    private = {"file://***/linux-64": ["mine-1.0-py_0.conda"]}
    snapshot = snapshot_with(conda={"requested": [*asked, *strange], "packages": private})
    document, text = read(snapshot, pins="history"), text_of(snapshot, pins="history")
    assert document["dependencies"] == [
        *("python=3.11", "conda-forge::numpy >=1.26,<2", "zlib", "tqdm 4.66.*", "pip"),
        {"pip": [CU121, "rich==13.7.0", "torch==2.3.1+cu121"]},
    ]
    assert "# mine: from a private or local channel" in text
    for spec in strange:
        assert f"# {spec}: not a specification" in text


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("pytorch>=2.7.0=cuda12*", "pytorch>=2.7.0=cuda12*"),
        ("ipykernel = 6.29.5", "ipykernel=6.29.5"),
        ("https://conda.example.org/forge::numpy=1.21", None),
        # As mamba 2 writes into its history
        ('numpy[version=">=1.24,<1.26.4"]', "numpy >=1.24,<1.26.4"),
        (
            'pytorch::pytorch[version="=2.1.2",build="^py3.11_cpu_0$"]',
            "pytorch::pytorch 2.1.2.* py3.11_cpu_0",
        ),
    ],
)
def test_what_was_asked_for_in_the_notation_of_one_tool(asked: str, written: str | None) -> None:
    conda = {"requested": ["python=3.11", asked], "packages": {FORGE: ["zlib-1.3.1-h_1.conda"]}}
    document = read(snapshot_with(conda=conda), pins="history")
    assert document["dependencies"][1] == (written or asked)


def test_a_cloned_environment_had_asked_for_builds() -> None:
    asked = [
        "conda-forge/linux-64::zlib==1.3.1=h4ab18f5_1[md5=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb]",
        "conda-forge/noarch::tqdm==4.66.1=pyhd8ed1ab_0",
    ]
    cloned = snapshot_with(conda={"requested": asked}, packages={"packages": []})
    text = text_of(cloned, pins="history")
    assert read(cloned, pins="history")["dependencies"] == [
        "conda-forge::zlib=1.3.1=h4ab18f5_1",
        "conda-forge/noarch::tqdm==4.66.1=pyhd8ed1ab_0",
    ]
    assert "As asked for, which was one build of each package" in text
    assert "whatever fits today" not in text
    with pytest.raises(CannotExportError, match="builds of linux-64, which do not exist"):
        text_of(cloned, pins="history", platform="osx-arm64")
    mixed = snapshot_with(conda={"requested": [*asked, "numpy"]})
    assert "whatever fits today" in text_of(mixed, pins="history")


def test_nothing_tells_what_was_asked_for() -> None:
    with pytest.raises(CannotExportError, match="pins version"):
        text_of(make_snapshot(), pins="history")


def test_another_platform_by_version_alone() -> None:
    with pytest.raises(CannotExportError, match="builds of linux-64, which do not exist"):
        text_of(make_snapshot(), platform="osx-arm64")
    made = exported(make_snapshot(), "environment.yml", platform="osx-arm64", pins="version")
    assert "# For osx-arm64, from what linux-64 had: it is not solved yet" in made.text
    assert any("was not solved" in note for note in made.notes)
    # One's own platform is no other one
    assert text_of(make_snapshot(), platform="linux-64") == text_of(make_snapshot())


def test_what_is_left_out_is_told() -> None:
    made = exported(with_distributions("mine==0.1 [pip, editable]"), "environment.yml")
    assert len(made.notes) == 1
    assert "mine==0.1 [pip, editable]: an editable installation" in made.notes[0]
    assert exported(with_distributions("a==1 [pip]"), "environment.yml").notes == []
