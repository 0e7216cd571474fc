"""A file as it was at a revision, and a repository that wants to run something."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from jupyter_repro.capturing.sources.git.revision import read_at_revision
from jupyter_repro.errors import ReproError

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "sub").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for text in ("one", "two", "three"):
        (folder / "sub" / "a b.ipynb").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", text)
    git(folder, "tag", "v1", "HEAD~2")
    return folder


def test_the_file_as_it_was(repository: Path) -> None:
    path = repository / "sub" / "a b.ipynb"
    first = git(repository, "rev-parse", "HEAD~2")
    for revision, text in (
        ("HEAD", b"three"),
        ("HEAD~1", b"two"),
        ("v1", b"one"),
        (first, b"one"),
        (first[:8], b"one"),
        ("main@{0}", b"three"),
    ):
        assert read_at_revision(path, revision) == text
    git(repository, "gc", "-q", "--aggressive")  # into a pack, as differences
    path.unlink()
    assert read_at_revision(path, "v1") == b"one"


@pytest.mark.parametrize(
    ("name", "revision", "said"),
    [
        ("sub/a b.ipynb", "nothing", "git knows no revision nothing"),
        ("sub/a b.ipynb", "HEAD~9", "git knows no revision HEAD~9"),
        ("sub/other.ipynb", "HEAD", r"other\.ipynb is not there at revision HEAD"),
        ("sub", "HEAD", "sub cannot be read at revision HEAD"),
        ("nowhere/a.ipynb", "HEAD", "there is no such folder"),
        ("sub/a b.ipynb", "--help", "'--help' is not the name of a revision"),
        ("sub/a b.ipynb", "HEAD:sub", "is not the name of a revision"),
        ("sub/a b.ipynb", "", "is not the name of a revision"),
        ("sub/a b.ipynb", "a\nb", "is not the name of a revision"),
        ("sub/a b.ipynb", "x" * 201, "is not the name of a revision"),
    ],
)
def test_what_is_not_there(repository: Path, name: str, revision: str, said: str) -> None:
    with pytest.raises(ReproError, match=said):
        read_at_revision(repository / name, revision)


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReproError, match="is not in a work tree of git"):
        read_at_revision(tmp_path / "a.ipynb", "HEAD")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ReproError, match="git is not installed"):
        read_at_revision(tmp_path / "a.ipynb", "HEAD")


@pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")
def test_nothing_that_the_repository_names_is_run(repository: Path, tmp_path: Path) -> None:
    marker = tmp_path / "was-run"
    program = tmp_path / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch {marker}\nexit 1\n")
    program.chmod(0o755)
    path = repository / "sub" / "a b.ipynb"
    (repository / ".gitattributes").write_text("*.ipynb diff=evil filter=evil\n")
    hooks = repository / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        shutil.copy(program, hooks / hook)
    for key in (
        *("core.fsmonitor", "core.pager", "core.sshCommand", "core.editor", "diff.external"),
        *("diff.evil.textconv", "diff.evil.command", "filter.evil.smudge", "filter.evil.clean"),
        *("filter.evil.process", "alias.cat-file", "alias.rev-parse", "pager.cat-file"),
    ):
        git(repository, "config", key, f"!{program}" if key.startswith("alias") else str(program))
    assert read_at_revision(path, "HEAD~1") == b"two"
    # A partial clone fetches what is missing, from wherever the repository says
    git(repository, "config", "core.repositoryFormatVersion", "1")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "remote.origin.url", f"ext::{program}")
    git(repository, "config", "protocol.ext.allow", "always")
    blob = git(repository, "rev-parse", "HEAD~1:sub/a b.ipynb")
    (repository / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(ReproError, match=r"is not there at revision|cannot be read"):
        read_at_revision(path, "HEAD~1")
    assert not marker.exists()
    # The trap is a real one: git as people call it falls into it
    subprocess.run(
        ["git", "cat-file", "-p", blob],
        cwd=repository,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert marker.exists()


@pytest.mark.parametrize("entry", [".", ""])
def test_a_program_called_git_in_the_repository_is_not_started(
    entry: str, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = repository / "sub" / "git"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{entry}{os.pathsep}{os.environ['PATH']}")
    assert read_at_revision(repository / "sub" / "a b.ipynb", "v1") == b"one"
    assert not (tmp_path / "sprung").exists()
