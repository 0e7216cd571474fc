"""The state read from files is what git says, and nothing of a repository is ever run."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.capturing.sources.git import index as git_index
from jupyter_repro.capturing.sources.git.index import UndecidableError, parse_index
from jupyter_repro.capturing.sources.git.objects import read_tree_of_commit
from jupyter_repro.capturing.sources.git.state import collect_git, find_repository, parse_config

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

# Nobody's own configuration, no prompts
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
    "GIT_ALLOW_PROTOCOL": "file",
    "HOME": os.devnull,
}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *words],
        cwd=folder,
        env=ENVIRONMENT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def settle(root: Path) -> None:
    """Make files and index old, as they are a while after a commit."""
    for path in root.rglob("*"):
        if ".git" not in path.parts and path.is_file():
            os.utime(path, (1_700_000_000, 1_700_000_000), follow_symlinks=False)
    git(root, "update-index", "-q", "--refresh")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    (folder / "src" / "inner").mkdir(parents=True)
    (folder / "a.py").write_text("a = 1\n")
    (folder / "a-b.py").write_text("x\n")
    (folder / "a.txt").write_text("")
    (folder / "src" / "mod.py").write_text("m = 1\n")
    (folder / "src" / "inner" / "deep.py").write_text("d = 1\n")
    (folder / "nb.ipynb").write_text("{}\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    settle(folder)
    return folder


def nothing(_root: Path) -> None:
    pass


def edit(root: Path) -> None:
    (root / "a.py").write_text("a = 2\n")


def edit_keeping_size_and_time(root: Path) -> None:
    times = (root / "a.py").stat()
    (root / "a.py").write_text("a = 2\n")
    os.utime(root / "a.py", ns=(times.st_atime_ns, times.st_mtime_ns + 1_000))


def touch(root: Path) -> None:
    os.utime(root / "a.py")


def remove(root: Path) -> None:
    (root / "src" / "mod.py").unlink()


def remove_folder(root: Path) -> None:
    shutil.rmtree(root / "src")


def replace_by_link(root: Path) -> None:
    (root / "a.py").unlink()
    (root / "a.py").symlink_to("a-b.py")


def make_executable(root: Path) -> None:
    (root / "a.py").chmod(0o755)


def make_executable_unnoticed(root: Path) -> None:
    git(root, "config", "core.filemode", "false")
    (root / "a.py").chmod(0o755)


def stage(root: Path) -> None:
    edit(root)
    git(root, "add", "-A")


def stage_and_take_back(root: Path) -> None:
    stage(root)
    (root / "a.py").write_text("a = 1\n")
    git(root, "add", "-A")


def stage_new(root: Path) -> None:
    (root / "new.py").write_text("")
    git(root, "add", "new.py")


def intend_to_add(root: Path) -> None:
    (root / "new.py").write_text("")
    git(root, "add", "-N", "new.py")


def stage_notebook(root: Path) -> None:
    (root / "nb.ipynb").write_text("{ }\n")
    git(root, "add", "-A")


def untracked(root: Path) -> None:
    (root / "new.py").write_text("")


def second_commit(root: Path) -> None:
    stage(root)
    git(root, "commit", "-qm", "two")


def soft_reset(root: Path) -> None:
    second_commit(root)
    git(root, "reset", "-q", "--soft", "HEAD~1")


def pack(root: Path) -> None:
    second_commit(root)
    git(root, "gc", "-q")


def pack_and_reset(root: Path) -> None:
    pack(root)
    git(root, "reset", "-q", "--soft", "HEAD~1")


def index_version_4(root: Path) -> None:
    git(root, "update-index", "--index-version", "4")


def index_version_4_edited(root: Path) -> None:
    index_version_4(root)
    (root / "src" / "inner" / "deep.py").write_text("d = 22\n")


def skip_worktree(root: Path) -> None:
    git(root, "update-index", "--skip-worktree", "a.py")
    edit(root)


def assume_unchanged(root: Path) -> None:
    git(root, "update-index", "--assume-unchanged", "a.py")
    edit(root)


def detach(root: Path) -> None:
    git(root, "checkout", "-q", "--detach")


def conflict(root: Path) -> None:
    git(root, "branch", "other")
    second_commit(root)
    git(root, "checkout", "-q", "other")
    (root / "a.py").write_text("a = 3\n")
    git(root, "commit", "-qam", "three")
    subprocess.run(
        ["git", "merge", "main"], cwd=root, env=ENVIRONMENT, check=False, capture_output=True
    )


def link_committed(root: Path) -> None:
    (root / "link").symlink_to("a.py")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "link")


def link_changed(root: Path) -> None:
    link_committed(root)
    (root / "link").unlink()
    (root / "link").symlink_to("b.py")


CHANGES: list[Callable[[Path], None]] = [
    nothing,
    *(edit, edit_keeping_size_and_time, touch, remove, remove_folder, stage, stage_and_take_back),
    *(stage_new, intend_to_add, stage_notebook, untracked, second_commit, soft_reset, pack),
    *(pack_and_reset, index_version_4, index_version_4_edited, skip_worktree, assume_unchanged),
    *(detach, conflict),
]
if os.name == "posix":
    CHANGES += [replace_by_link, make_executable, make_executable_unnoticed]
    CHANGES += [link_committed, link_changed]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_it_says_what_git_says(root: Path, change: Callable[[Path], None]) -> None:
    change(root)
    found = collect_git(root / "src" / "inner")
    # Asked afterwards: git may write the index while it looks
    expected = bool(git(root, "status", "--porcelain", "-uno"))
    assert found is not None
    assert found.commit == git(root, "rev-parse", "HEAD")
    assert found.dirty is expected


def test_a_file_changed_together_with_the_index(root: Path) -> None:
    """Size and time are those of the index and prove nothing: git calls such entries racy."""
    times = (root / "a.py").stat()
    (root / "a.py").write_text("a = 2\n")
    os.utime(root / "a.py", ns=(times.st_atime_ns, times.st_mtime_ns))
    index = root / ".git" / "index"
    os.utime(index, ns=(times.st_atime_ns, times.st_mtime_ns))
    found = collect_git(root)
    assert found is not None
    assert found.dirty is True


def test_a_saved_notebook_is_no_change(root: Path) -> None:
    (root / "nb.ipynb").write_text('{"cells": []}\n')
    found = collect_git(root)
    assert found is not None
    assert found.dirty is False


def test_not_asked_is_not_answered(root: Path) -> None:
    edit(root)
    found = collect_git(root, dirty=False)
    assert found is not None
    assert found.dirty is None


def test_linked_work_tree_and_submodule(root: Path, tmp_path: Path) -> None:
    git(root, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = tmp_path / "side"
    (side / "a.py").write_text("side\n")
    git(side, "commit", "-qam", "side")
    found = collect_git(side)
    assert found is not None
    assert found.commit == git(side, "rev-parse", "HEAD") != git(root, "rev-parse", "HEAD")

    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(side), "sub")
    inner = collect_git(root / "sub")
    assert inner is not None
    assert inner.commit == found.commit
    assert inner.remote == "file://***/side"


def test_sha256_repository(tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "--object-format=sha256")
    (folder / "x").write_text("1")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    settle(folder)
    found = collect_git(folder)
    assert found is not None
    assert (len(found.commit), found.dirty) == (64, False)
    (folder / "x").write_text("2")
    found = collect_git(folder)
    assert found is not None
    assert found.dirty is True


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    assert collect_git(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert find_repository(tmp_path) is not None
    assert collect_git(tmp_path) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://bob:ghp_secret@h.example/g/p.git", "https://h.example/g/p.git"),
        ("git@h.example:g/p.git", "git@h.example:g/p.git"),
        ("/home/bob/p.git", "file://***/p.git"),
        ('https://h.example/a"b#c', "https://h.example/a%22b"),
    ],
)
def test_remote(root: Path, address: str, expected: str) -> None:
    git(root, "remote", "add", "origin", address.replace('"', "%22"))
    git(root, "remote", "add", "other", "https://elsewhere.example/x")
    found = collect_git(root)
    assert found is not None
    assert found.remote == expected


def test_nothing_of_a_hostile_repository_is_run(root: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'sprung'}\ncat\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "filter.x.clean", "core.pager", "diff.external", "core.editor"):
        git(root, "config", key, str(trap))
    (root / ".gitattributes").write_text("* filter=x\n")
    touch(root)
    (root / "a.py").write_text("a = 7\n")
    assert collect_git(root) is not None
    assert not (tmp_path / "sprung").exists()
    if os.name == "posix":
        git(root, "status")
        assert (tmp_path / "sprung").exists(), "the trap does not work, so the test proves nothing"


def test_filters_make_a_touched_file_undecidable(root: Path) -> None:
    """What git stores is not what lies on disk: only git itself could compare them."""
    git(root, "config", "filter.up.clean", "tr a-z A-Z")
    (root / ".gitattributes").write_text("a.py filter=up\n")
    git(root, "add", "-A")
    (root / "a.py").touch()
    git(root, "add", "--renormalize", "a.py")
    git(root, "commit", "-qm", "filtered")
    settle(root)
    clean = collect_git(root)
    touch(root)
    touched = collect_git(root)
    assert clean is not None
    assert touched is not None
    assert (clean.dirty, touched.dirty) == (False, None)


def test_too_many_files_are_not_looked_at(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_index, "MAX_ENTRIES", 3)
    edit(root)
    found = collect_git(root)
    assert found is not None
    assert found.dirty is None


@pytest.mark.parametrize(
    "head",
    [
        "",
        "garbage",
        "ref: ../../../etc/passwd",
        "ref: refs/heads/../../x",
        "ref: refs/heads/gone",
        "z" * 40,
    ],
)
def test_a_broken_head_is_no_commit(root: Path, head: str) -> None:
    (root / ".git" / "HEAD").write_text(head + "\n")
    assert collect_git(root) is None


def test_references_that_run_in_a_circle(root: Path) -> None:
    (root / ".git" / "refs" / "heads" / "main").write_text("ref: refs/heads/main\n")
    assert collect_git(root) is None


@pytest.mark.parametrize("damage", ["index", "objects", "config"])
def test_damaged_files(root: Path, damage: str) -> None:
    if damage == "objects":
        shutil.rmtree(root / ".git" / "objects")
    else:
        path = root / ".git" / damage
        path.write_bytes(path.read_bytes()[: -len(path.read_bytes()) // 2] + b"\xff" * 9)
    found = collect_git(root)
    assert found is not None
    assert found.dirty in {None, True, False}


@given(
    st.binary(max_size=300)
    | st.binary(max_size=300).map(lambda data: b"DIRC\0\0\0\4\0\0\0\2" + data)
)
def test_any_bytes_are_an_index_or_refused(data: bytes) -> None:
    with suppress(UndecidableError, ValueError, IndexError, struct.error):
        parse_index(data)


@pytest.mark.parametrize("path", [b"x" * 1_000_000, b"x/" * 1_000 + b"x"], ids=["long", "deep"])
def test_paths_that_would_fill_the_memory_are_refused(path: bytes) -> None:
    """Each entry repeats the path before it, but for one letter."""
    fields = b"\0" * 60 + b"\0\1"
    entries = [fields + b"\0" + path + b"\0", *[fields + b"\1" + b"y\0"] * 99]
    data = b"DIRC\0\0\0\4\0\0\0\x64" + b"".join(entries) + b"\0" * 20
    tracemalloc.start()
    try:
        with pytest.raises(UndecidableError):
            parse_index(data)
        assert tracemalloc.get_traced_memory()[1] < 10 * len(path) + 100_000
    finally:
        tracemalloc.stop()


def index_of(*paths: bytes) -> bytes:
    fields = b"\0" * 60 + b"\0\1"
    entries = [fields + path + b"\0" * (8 - (62 + len(path)) % 8) for path in paths]
    return b"DIRC\0\0\0\2" + struct.pack(">I", len(paths)) + b"".join(entries) + b"\0" * 20


@pytest.mark.parametrize("path", [b"../x", b"a/../../x", b"/etc/x", b"a//x", b"./x", b""])
def test_paths_that_lead_out_of_the_work_tree_are_refused(path: bytes) -> None:
    assert len(parse_index(index_of(b"a", b"..a/x..", b"b/.x"))[0]) == 3
    with pytest.raises(UndecidableError):
        parse_index(index_of(b"a", path))


def test_deep_paths_need_little_memory_for_their_tree() -> None:
    folder = b"/".join(b"%02d%b" % (level, b"x" * 36) for level in range(99))
    digest = b"\1" * 20
    entries = [
        git_index.Entry(b"%b/%04d" % (folder, number), 0o100644, digest, 0, 0, 0, 0)
        for number in range(500)
    ]
    tracemalloc.start()
    try:
        git_index._tree_of(entries)
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()


def test_a_pack_index_is_not_read_as_a_whole(tmp_path: Path) -> None:
    """Sparse files of gigabytes, which promise names beyond number."""
    folder = tmp_path / "objects" / "pack"
    folder.mkdir(parents=True)
    head = b"\377tOc\0\0\0\2" + b"\0" * 4 * 255 + struct.pack(">I", 900_000)
    for number in range(20):
        (folder / f"pack-{number}.idx").write_bytes(head)
        os.truncate(folder / f"pack-{number}.idx", 30_000_000)
    tracemalloc.start()
    try:
        assert read_tree_of_commit(tmp_path, "ff" * 20) is None
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_configuration() -> None:
    text = """
    # comment
    [core]
        bare = false ; comment
        FileMode
    [remote "origin"] url = "https://h.example/a#b" # comment
    [Remote "Ori\\"gin"]
        URL = one
        url = two
    """
    assert parse_config(text) == {
        "core.bare": "false",
        "core.filemode": "true",
        "remote.origin.url": "https://h.example/a#b",
        'remote.Ori"gin.url': "two",
    }


@given(st.text(max_size=200))
def test_any_text_is_a_configuration(text: str) -> None:
    assert isinstance(parse_config(text), dict)


def test_no_process_is_started(root: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "def no_process(event, _):\n"
        "    assert event not in {'subprocess.Popen', 'os.system', 'os.exec', 'os.posix_spawn',"
        " 'os.fork'}\n"
        "sys.addaudithook(no_process)\n"
        "from jupyter_repro.capturing.sources.git.state import collect_git\n"
        f"print(collect_git(pathlib.Path({str(root)!r})).dirty)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "False", done.stderr
