"""A folder copied, so that nothing a notebook does reaches the original."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_repro.errors import ReproError
from jupyter_repro.run import scratch
from jupyter_repro.run.scratch import copied_root, copy_folder


def make(root: Path, *files: str) -> None:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


@pytest.fixture
def into(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("copy")


def test_what_is_no_input_is_left_out(tmp_path: Path, into: Path) -> None:
    make(tmp_path, "a.ipynb", "data/x.csv", ".git/HEAD", "sub/.venv/x", "node_modules/x")
    make(tmp_path, "own/pyvenv.cfg", "env/conda-meta/history", "__pycache__/x", ".hidden")
    copied = copy_folder(tmp_path, into)
    assert copied.folder == into
    assert names(into) == {"a.ipynb", "data/x.csv", ".hidden"}
    assert copied.left_out == [
        ".git",
        "env (an environment)",
        "node_modules",
        "own (an environment)",
        "sub/.venv",
    ]
    assert (into / "data/x.csv").stat().st_mtime == (tmp_path / "data/x.csv").stat().st_mtime


def test_the_repository_is_copied_and_the_notebooks_folder_found(
    tmp_path: Path, into: Path
) -> None:
    make(tmp_path, "repo/.git/HEAD", "repo/nb/deep/a.ipynb", "repo/src/x.py", "other/y")
    folder = tmp_path / "repo" / "nb" / "deep"
    assert copied_root(folder) == tmp_path / "repo"
    copied = copy_folder(folder, into)
    assert copied.folder == into / "nb" / "deep"
    assert names(into) == {"nb/deep/a.ipynb", "src/x.py"}


def test_the_home_folder_is_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, ".git/HEAD", "nb/a.ipynb")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert copied_root(tmp_path / "nb") == tmp_path / "nb"


def test_links_cannot_reach_the_original(tmp_path: Path, into: Path) -> None:
    make(tmp_path, "here/data/x", "outside/y", "outside/folder/z")
    here = tmp_path / "here"
    links = {
        "inside": "data",
        "absolute": str(here / "data" / "x"),
        "file": str(tmp_path / "outside" / "y"),
        "folder": str(tmp_path / "outside"),
        "dead": "nowhere",
        "loop": "loop",
        "up": ".",
    }
    for name, target in links.items():
        (here / name).symlink_to(target)
    copied = copy_folder(here, into)
    (into / "inside" / "x").write_text("changed")
    (into / "file").write_text("changed")
    assert (into / "absolute").read_text() == "changed"
    assert (into / "up" / "data" / "x").read_text() == "changed"
    assert (here / "data" / "x").read_text() == "here/data/x"
    assert (tmp_path / "outside" / "y").read_text() == "outside/y"
    assert copied.left_out == [
        "dead (a link to nothing)",
        "folder (a link to a folder outside)",
        "loop (a link to nothing)",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_are_not_read(tmp_path: Path, into: Path) -> None:
    make(tmp_path, "a")
    os.mkfifo(tmp_path / "pipe")
    assert copy_folder(tmp_path, into).left_out == ["pipe (no regular file)"]


def test_a_copy_below_the_original_does_not_copy_itself(tmp_path: Path) -> None:
    make(tmp_path, "a")
    into = tmp_path / "tmp"
    into.mkdir()
    copy_folder(tmp_path, into)
    assert names(into) == {"a"}


@pytest.mark.parametrize(
    "limit",
    [
        ("max_bytes", 3, "holds more than 3e-09 GB to copy"),
        ("MAX_FILES", 1, "holds more than 1 files"),
        ("MAX_SECONDS", -1.0, "takes longer than -1 s"),
    ],
)
def test_too_much_is_refused(
    limit: tuple[str, float, str], tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "abc", "def")
    name, value, said = limit
    options = {name: int(value)} if name == "max_bytes" else {}
    if not options:
        monkeypatch.setattr(scratch, name, value)
    with pytest.raises(ReproError, match=said) as caught:
        copy_folder(tmp_path, into, **options)
    assert "use --in-place" in str(caught.value)
