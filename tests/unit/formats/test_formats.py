"""Which format a file's name asks for, what the project wants, and how files are written."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from jupyter_repro.capturing.plugins import Broken
from jupyter_repro.errors import ReproError, UsageError
from jupyter_repro.formats.exporters import formats, writing
from jupyter_repro.formats.exporters.export_file import export_file
from jupyter_repro.formats.exporters.formats import (
    FORMATS,
    Format,
    export,
    format_of,
    make_request,
)
from jupyter_repro.formats.exporters.request import (
    CannotExportError,
    Exported,
    ExportOptions,
    IndexFile,
)
from jupyter_repro.formats.exporters.writing import write_files
from jupyter_repro.safety.files import write_atomically
from tests.unit.support.exports import NO_CONDA, exported
from tests.unit.support.factories import make_snapshot, snapshot_with


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("environment.yml", "environment.yml"),
        ("work/other.yaml", "environment.yml"),
        ("explicit.txt", "explicit"),
        ("conda-linux-64.lock", "explicit"),
        ("requirements.txt", "requirements.txt"),
        ("requirements-dev.txt", "requirements.txt"),
        ("pylock.toml", "pylock.toml"),
        ("pylock.paper.toml", "pylock.toml"),
        ("conda-lock.yml", "conda-lock.yml"),
        ("paper.conda-lock.yml", "conda-lock.yml"),
        ("pixi.lock", "pixi.lock"),
        ("Dockerfile", "dockerfile"),
        ("paper.Dockerfile", "dockerfile"),
        ("paper.def", "apptainer"),
        (".binder", "binder"),
        (".binder/", "binder"),
        (".github/workflows/check.yml", "github-actions"),
        ("bom.cdx.json", "cyclonedx"),
        ("ro-crate-metadata.json", "ro-crate"),
        ("environment-paragraph.txt", "paragraph"),
        ("bug.md", "markdown"),
    ],
)
def test_the_name_of_a_file_tells_the_format(file: str, name: str) -> None:
    assert format_of(Path(file), None).name == name


def test_the_default_name_of_every_format_is_one_of_its_own() -> None:
    for one in FORMATS.values():
        assert format_of(Path(one.files[0]), None) == one


@pytest.mark.parametrize("file", ["a.txt", "lock", "a.ipynb", "-rf", "a\x1b[31m.zip"])
def test_a_name_that_tells_nothing(file: str) -> None:
    with pytest.raises(UsageError, match="Cannot guess the format") as caught:
        format_of(Path(file), None)
    assert "\x1b" not in str(caught.value)


def test_an_unknown_format_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"Did you mean 'pylock.toml'"):
        format_of(Path("environment.yml"), "pylock.tml")
    with pytest.raises(UsageError, match="Name a file or a format"):
        format_of(None, None)


def test_a_third_party_adds_a_format(monkeypatch: pytest.MonkeyPatch) -> None:
    own = SimpleNamespace(
        FILES=("flake.nix",), TITLE="Nix", export=lambda _: Exported({"flake.nix": "{}\n"})
    )
    found = {"nix": own, "bad": Broken("bad", "it does not load")}
    monkeypatch.setattr(formats, "third_party_exporters", lambda: found)
    wanted = format_of(Path("flake.nix"), None)
    assert wanted.name == "nix"
    assert export(wanted, make_request(make_snapshot(), Path("/"))).text == "{}\n"
    with pytest.raises(UsageError, match="no format"):
        format_of(None, "bad")


def write_project(folder: Path, table: str) -> None:
    (folder / "pyproject.toml").write_text(f"[tool.jupyter_repro.pins]\n{table}\n")
    (folder / ".git").mkdir(exist_ok=True)


def test_the_project_says_how_exact_a_layer_is(tmp_path: Path) -> None:
    write_project(tmp_path, 'conda = "version"')
    request = make_request(make_snapshot(), tmp_path)
    assert (request.conda, request.packages) == ("version", "production")
    assert (
        make_request(make_snapshot(), tmp_path, ExportOptions(pins="research")).packages
    ) == "research"
    # What is exact by nature is not asked for by a default
    assert export(FORMATS["explicit"], request).text.count("#sha256:") == 5


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('conda = "exact"', "'exact' is not one of"),
        ("gpu = 1", "takes only conda and packages"),
        ("conda = 1", "1 is not"),
    ],
)
def test_a_project_that_says_something_else(tmp_path: Path, table: str, said: str) -> None:
    write_project(tmp_path, table)
    with pytest.raises(UsageError, match=said) as caught:
        make_request(make_snapshot(), tmp_path)
    assert "pyproject.toml" in str(caught.value)


@pytest.mark.parametrize("name", [one.name for one in FORMATS.values() if one.exact])
def test_exact_formats_are_of_one_platform_and_of_builds(name: str) -> None:
    with pytest.raises(ReproError, match="do not exist for osx-arm64"):
        exported(make_snapshot(), name, platform="osx-arm64")
    with pytest.raises(ReproError, match="is exact"):
        exported(make_snapshot(), name, pins="version")


def test_files_that_belong_together_are_written_together(tmp_path: Path) -> None:
    made = Exported({"Dockerfile": "FROM x\n", ".dockerignore": "*\n", "a.lock.txt": "1\n"})
    written = write_files(tmp_path / "paper.Dockerfile", made)
    assert [path.name for path in written] == ["paper.Dockerfile", ".dockerignore", "a.lock.txt"]
    assert (tmp_path / "paper.Dockerfile").read_text() == "FROM x\n"
    assert len([*tmp_path.iterdir()]) == 3


def test_a_folder_is_made_for_a_format_that_is_one(tmp_path: Path) -> None:
    made = Exported({".binder/environment.yml": "a\n", ".binder/runtime.txt": "b\n"})
    write_files(tmp_path / ".binder", made)
    assert (tmp_path / ".binder" / "runtime.txt").read_text() == "b\n"


def test_nothing_is_written_over_unless_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("mine\n")
    made = Exported({"a.txt": "1\n", "b.txt": "2\n"})
    with pytest.raises(ReproError, match="is there already; nothing was written"):
        write_files(tmp_path / "a.txt", made)
    assert [path.name for path in tmp_path.iterdir()] == ["b.txt"]
    assert (tmp_path / "b.txt").read_text() == "mine\n"
    write_files(tmp_path / "a.txt", made, overwrite=True)
    assert (tmp_path / "b.txt").read_text() == "2\n"


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "a/../../evil", "-rf", "a\nb", "", "a/", "a b", "..", "a\\b"]
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for files in ({name: "x"}, {"a.txt": "x", name: "x"}):
        with pytest.raises(ReproError, match="no name of a file here"):
            write_files(folder / "a.txt", Exported(files))
    assert [*tmp_path.rglob("*")] == [folder]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    outside.mkdir()
    (folder / ".binder").symlink_to(outside)
    (folder / "b.txt").symlink_to(outside / "b.txt")
    with pytest.raises(ReproError, match="leads out of its folder"):
        write_files(folder / ".binder", Exported({".binder/environment.yml": "x"}))
    with pytest.raises(ReproError, match="leads out of its folder"):
        write_files(folder / "b.txt", Exported({"b.txt": "x"}), overwrite=True)
    with pytest.raises(ReproError, match="is there already"):
        write_files(folder / "b.txt", Exported({"b.txt": "x"}))
    assert [*outside.iterdir()] == []


def test_when_one_fails_all_are_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("mine\n")
    real = write_atomically

    def fail_at_the_third(path: Path, data: bytes) -> None:
        if path.name == "c.txt":
            message = "the disk is full"
            raise ReproError(message)
        real(path, data)

    monkeypatch.setattr(writing, "write_atomically", fail_at_the_third)
    made = Exported({"a.txt": "1", "b/b.txt": "2", "c.txt": "3"})
    with pytest.raises(ReproError, match="disk is full"):
        write_files(tmp_path / "a.txt", made, overwrite=True)
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")} == {"a.txt"}
    assert (tmp_path / "a.txt").read_text() == "mine\n"


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may write everything")
def test_a_folder_that_is_write_protected(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ReproError, match="write-protected"):
        write_files(tmp_path / "a.txt", Exported({"a.txt": "x"}))


def test_an_export_says_what_was_written(tmp_path: Path) -> None:
    done = export_file(make_snapshot(), tmp_path / "explicit.txt", ExportOptions(), notebook=None)
    first, *notes = done.sentences
    assert first.startswith("Written: ")
    assert len(notes) == 1
    assert "requirements.txt is for them" in notes[0]


@pytest.mark.parametrize("platform", ["", "-rf", "linux-64\n", "a b", "x"])
def test_a_platform_that_is_none(tmp_path: Path, platform: str) -> None:
    wishes = ExportOptions(platform=platform)
    with pytest.raises(ReproError, match="Unknown platform"):
        export_file(make_snapshot(), tmp_path / "environment.yml", wishes, notebook=None)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("wanted", FORMATS.values(), ids=FORMATS)
def test_only_a_format_that_has_digests_of_python_packages_asks_an_index(wanted: Format) -> None:
    asked: list[str] = []

    def files_of(name: str) -> list[IndexFile]:
        asked.append(name)
        return []

    for snapshot in (make_snapshot(), snapshot_with(conda=NO_CONDA)):
        with suppress(CannotExportError):
            exported(snapshot, wanted.name, files_of=files_of, notebook="paper.ipynb")
    assert bool(asked) == wanted.has_python_hashes
