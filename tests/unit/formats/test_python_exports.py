"""requirements.txt and pylock.toml: digests from addresses, from an index, or told to lack."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from packaging.pylock import Pylock
from packaging.requirements import Requirement

from jupyter_repro.formats.exporters.formats import make_request
from jupyter_repro.formats.exporters.python_hashes import PythonFile, best_file
from jupyter_repro.formats.exporters.request import CannotExportError
from jupyter_repro.model.snapshot import Snapshot
from tests.unit.support.exports import COMMIT, NO_CONDA, NOWHERE, File, an_index, exported, text_of
from tests.unit.support.factories import make_snapshot, snapshot_with

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WHEEL = f"https://example.org/mine-0.1-py3-none-any.whl#sha256={'d' * 64}"
FORMATS = ("requirements.txt", "pylock.toml")


def with_distributions(*lines: str) -> Snapshot:
    return snapshot_with(packages={"packages": list(lines)}, conda=NO_CONDA)


def requirements(text: str) -> dict[str, list[str]]:
    """Return requirement → its digests, as pip reads the lines."""
    whole = text.replace("\\\n", " ")
    lines = [
        line.partition(" #")[0] for line in whole.splitlines() if not line.startswith(("#", "--"))
    ]
    found = {}
    for line in lines:
        requirement, *options = re.split(r"\s+--hash=", line)
        assert Requirement(requirement).marker is None
        found[requirement] = options
    return found


def pylock(text: str) -> Pylock:
    return Pylock.from_dict(tomllib.loads(text))


def test_digests_of_all_files_of_the_version() -> None:
    text = text_of(
        with_distributions("rich==13.7.0 [pip]", f"mine==0.1 [pip, {WHEEL}]"),
        "requirements.txt",
        files_of=an_index(rich="13.7.0"),
    )
    assert requirements(text) == {
        "rich==13.7.0": [f"sha256:{'a' * 64}"],
        f"mine @ {WHEEL}": [f"sha256:{'d' * 64}"],
    }
    assert "# Python 3.11.7" in text


def test_an_address_tells_its_digest_without_the_network() -> None:
    snapshot = with_distributions(f"mine==0.1 [pip, {WHEEL}]")
    assert [*requirements(text_of(snapshot, "requirements.txt"))] == [f"mine @ {WHEEL}"]
    (package,) = pylock(text_of(snapshot, "pylock.toml")).packages
    assert package.archive is not None
    assert package.archive.hashes == {"sha256": "d" * 64}


def test_the_first_export_is_one_without_digests() -> None:
    made = exported(make_snapshot(), "requirements.txt")
    assert requirements(made.text) == {"rich==13.7.0": [], "torch==2.3.1+cu121": []}
    assert "\n# Without digests: " in made.text
    assert "--require-hashes" not in made.text
    assert made.notes[0].startswith("The file has no digests")
    assert "jupyter repro export NB --network" in made.notes[0]
    assert "network=yes" in made.notes[0]


def test_an_index_without_digests_is_told() -> None:
    made = exported(make_snapshot(), "requirements.txt", files_of=an_index())
    assert [*requirements(made.text)] == ["rich==13.7.0", "torch==2.3.1+cu121"]
    assert "no digests" in made.notes[0]
    plain = exported(
        with_distributions("rich==13.7.0 [pip]"), "requirements.txt", files_of=an_index()
    )
    assert "no index that was asked has any" in plain.notes[0]


def test_all_have_digests_or_none() -> None:
    made = exported(make_snapshot(), "requirements.txt", files_of=an_index(rich="13.7.0"))
    assert requirements(made.text) == {"rich==13.7.0": [], "torch==2.3.1+cu121": []}
    assert "of all packages or of none" in made.notes[0]
    assert "--allow-index https://download.pytorch.org/whl/cu121" in made.notes[0]
    index = an_index(rich="13.7.0", torch="2.3.1+cu121")
    made = exported(make_snapshot(), "requirements.txt", files_of=index)
    assert all(requirements(made.text).values())
    assert "# Without digests" not in made.text


def test_a_lock_file_says_that_it_needs_digests_and_what_does_not() -> None:
    told = r"pylock.toml needs the digest .* rich, torch: .*--network.* requirements.txt can do"
    with pytest.raises(CannotExportError, match=told):
        text_of(make_snapshot(), "pylock.toml")
    with pytest.raises(CannotExportError, match="no index that was asked has one"):
        text_of(make_snapshot(), "pylock.toml", files_of=an_index())


@pytest.mark.parametrize("name", FORMATS)
def test_what_the_index_does_not_have_is_a_comment(name: str) -> None:
    snapshot = with_distributions("rich==13.7.0 [pip]", "gone==1.0 [pip]")
    made = exported(snapshot, name, files_of=an_index(rich="13.7.0"))
    assert "# gone==1.0: your package index has no file" in made.text
    assert "your package index has no file" in made.notes[0]
    found = (
        [*requirements(made.text)]
        if name == "requirements.txt"
        else [f"{one.name}=={one.version}" for one in pylock(made.text).packages]
    )
    assert found == ["rich==13.7.0"]


def test_without_digests_on_request() -> None:
    wanted: dict[str, list[str]] = {"rich==13.7.0": [], "torch==2.3.1+cu121": []}
    assert requirements(text_of(make_snapshot(), "requirements.txt", hashes=False)) == wanted
    assert requirements(text_of(make_snapshot(), "requirements.txt", pins="version")) == wanted
    text = text_of(make_snapshot(), "requirements.txt", pins="research")
    assert [*requirements(text)] == ["rich==13.7.*", "torch==2.3.*"]
    assert "# Without digests" in text


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_stranger_s_index_answers_is_checked(name: str) -> None:
    def files_of(project: str) -> list[File]:
        good = "https://example.org/x"
        return [
            File("rich-13.7.0.tar.gz", good, "not a digest"),
            File('rich-13.7.0"\n.tar.gz', good, "a" * 64),
            File("rich-13.7.0.tar.gz", 'https://example.org/"\n', "a" * 64),
            File("rich-13.7.1.tar.gz", good, "a" * 64),
            File("rich.exe", good, "a" * 64),
        ]

    snapshot = with_distributions("rich==13.7.0 [pip]")
    if name == "pylock.toml":
        with pytest.raises(CannotExportError, match="none is known of rich"):
            text_of(snapshot, name, files_of=files_of)
    else:
        assert requirements(text_of(snapshot, name, files_of=files_of)) == {"rich==13.7.0": []}


def test_a_commit_is_a_comment_where_pip_checks_digests() -> None:
    line = f"mine==0.1 [pip, git+https://example.org/mine@{COMMIT}#subdirectory=a/b]"
    snapshot = with_distributions("rich==13.7.0 [pip]", line)
    index = an_index(rich="13.7.0")
    made = exported(snapshot, "requirements.txt", files_of=index)
    assert [*requirements(made.text)] == ["rich==13.7.0"]
    assert "a commit has no digest" in made.notes[0]
    assert len(requirements(text_of(snapshot, "requirements.txt", hashes=False))) == 2
    assert len(requirements(text_of(snapshot, "requirements.txt"))) == 2
    snapshot = with_distributions(f"rich==13.7.0 [pip, {WHEEL}]", line)
    made = exported(snapshot, "requirements.txt")
    assert len(requirements(made.text)) == 2
    assert "a commit has no digest" in made.notes[0]


def test_pylock_is_valid_and_complete() -> None:
    line = f"mine==0.1 [pip, git+https://example.org/mine@{COMMIT}#subdirectory=a/b]"
    snapshot = with_distributions("Rich_Text==13.7.0 [pip]", line)
    lock = pylock(text_of(snapshot, "pylock.toml", files_of=an_index(Rich_Text="13.7.0")))
    rich, mine = lock.packages
    assert (rich.name, str(rich.version)) == ("rich-text", "13.7.0")
    assert rich.wheels is not None
    assert rich.sdist is not None
    assert [wheel.hashes for wheel in rich.wheels] == [{"sha256": "a" * 64}]
    assert mine.vcs is not None
    assert (mine.vcs.type, mine.vcs.url) == ("git", "https://example.org/mine")
    assert (mine.vcs.commit_id, mine.vcs.subdirectory) == (COMMIT, "a/b")
    assert str(lock.requires_python) == "==3.11.*"


@pytest.mark.parametrize("name", FORMATS)
def test_what_has_no_place_is_told(name: str) -> None:
    line = "mine==0.1 [pip, editable, file://***/mine]"
    snapshot = snapshot_with(packages={"packages": ["rich==13.7.0 [pip]", line]})
    made = exported(snapshot, name, files_of=an_index(rich="13.7.0"))
    assert f"# {line}: an editable installation" in made.text
    assert "# 5 conda packages have no place in this file" in made.text
    assert len(made.notes) == 2


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_at_all(name: str) -> None:
    with pytest.raises(CannotExportError, match="There is no Python package"):
        text_of(with_distributions("mine==0.1 [pip, editable]"), name)


@pytest.mark.parametrize(
    ("system", "best"),
    [
        (
            {"platform": "linux-64", "libc": "glibc 2.35"},
            "a-1-cp311-cp311-manylinux_2_28_x86_64.whl",
        ),
        (
            {"platform": "linux-64", "libc": "glibc 2.17"},
            "a-1-cp311-cp311-manylinux2014_x86_64.whl",
        ),
        ({"platform": "linux-64", "libc": "musl 1.2"}, "a-1-cp311-cp311-musllinux_1_2_x86_64.whl"),
        ({"platform": "osx-arm64", "os": "macOS 11.7"}, "a-1-cp311-cp311-macosx_11_0_arm64.whl"),
        ({"platform": "osx-arm64", "os": "macOS 15.1"}, "a-1-cp311-cp311-macosx_15_0_arm64.whl"),
        ({"platform": "osx-arm64", "os": "macOS 10.15"}, "a-1-py3-none-any.whl"),
        ({"platform": "win-64"}, "a-1-cp311-cp311-win_amd64.whl"),
        ({"platform": "linux-aarch64"}, "a-1-py3-none-any.whl"),
    ],
)
def test_the_file_that_fits_the_platform(system: dict[str, Any], best: str) -> None:
    names = [
        "a-1.tar.gz",
        "a-1-py3-none-any.whl",
        "a-1-cp310-cp310-manylinux_2_28_x86_64.whl",
        "a-1-cp311-cp311-manylinux2014_x86_64.whl",
        "a-1-cp311-cp311-manylinux_2_28_x86_64.whl",
        "a-1-cp311-cp311-musllinux_1_2_x86_64.whl",
        "a-1-cp311-cp311-macosx_11_0_arm64.whl",
        "a-1-cp311-cp311-macosx_15_0_arm64.whl",
        "a-1-cp311-cp311-win_amd64.whl",
        "a-1-nonsense.whl",
    ]
    files = [PythonFile(name, "", "") for name in names]
    request = make_request(snapshot_with(system=system), NOWHERE)
    assert best_file(files, request).name == best
    assert best_file(files[:1], request).name == "a-1.tar.gz"
