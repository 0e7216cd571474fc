"""Read the state of a git work tree from its files, without running git.

A stranger's repository can name programs in its configuration (``core.fsmonitor``, filters) that
``git status`` runs; reading files runs nothing, and is faster. For the formats, see
https://git-scm.com/docs/gitrepository-layout and https://git-scm.com/docs/index-format.

The rule: if a file has the answer, we read it and run no program. The same holds for conda, whose
``conda list`` was seen deleting records.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from jupyter_repro.capturing.sources.git.index import is_modified
from jupyter_repro.model.snapshot import Git
from jupyter_repro.safety.files import read_head, read_whole
from jupyter_repro.safety.remotes import redact_remote

MAX_PARENTS = 64
MAX_CONFIG = 262_144
MAX_PACKED_REFS = 8_000_000

_COMMIT = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(rb"ref: (refs/[^\s\x00-\x1f\x7f:?*\[\\^~]+)")
_SECTION = re.compile(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]')


class Repository:
    """The folders of a work tree and its repository, and its configuration; not recorded."""

    def __init__(self, root: Path, git_dir: Path) -> None:
        self.root = root
        self.git_dir = git_dir
        common = _first_line(git_dir / "commondir")
        self.common_dir = git_dir / common if common else git_dir
        config = read_whole(self.common_dir / "config", MAX_CONFIG)
        self.config = parse_config(config.decode("utf-8", "replace")) if config else {}


def find_repository(folder: Path) -> Repository | None:
    """Return the repository that a folder belongs to, or None.

    Parameters
    ----------
    folder
        Absolute path; its parents are searched as well. A ``.git`` file points to the repository
        of a linked work tree or a submodule.
    """
    for root in (folder, *folder.parents)[:MAX_PARENTS]:
        git = root / ".git"
        if (git / "HEAD").is_file():
            return Repository(root, git)
        line = _first_line(git)
        if line is not None and line.startswith("gitdir: "):
            return Repository(root, root / line[len("gitdir: ") :])
    return None


def collect_git(folder: Path, *, dirty: bool = True) -> Git | None:
    """Return the state of the work tree that contains a folder.

    Parameters
    ----------
    folder
        Absolute path.
    dirty
        Whether to look for modified files; see `index.is_modified` for what counts.

    Returns
    -------
    Git or None
        None outside a work tree, before the first commit, and if the commit cannot be read.
    """
    repository = find_repository(folder)
    if repository is None:
        return None
    commit = read_commit(repository)
    if commit is None:
        return None
    remote = repository.config.get("remote.origin.url")
    modified = None
    if dirty:
        modified = is_modified(
            repository.root,
            repository.git_dir,
            repository.common_dir,
            commit,
            modes=repository.config.get("core.filemode", "true").lower() != "false",
        )
    return Git(
        commit=commit,
        dirty=modified,
        remote=redact_remote(remote) if remote else None,
    )


def read_commit(repository: Repository) -> str | None:
    """Return the commit that is checked out, in hexadecimal digits."""
    name = b"HEAD"
    # A symbolic reference may point to a further one
    for _ in range(5):
        data = read_head(repository.git_dir / os.fsdecode(name), 1_024)
        if data is None:
            data = read_head(repository.common_dir / os.fsdecode(name), 1_024)
        if data is None:
            return _packed_commit(repository, name)
        data = data.strip()
        if _COMMIT.fullmatch(data):
            return data.decode()
        ref = _REF.fullmatch(data)
        if ref is None or b".." in ref[1]:
            return None
        name = ref[1]
    return None


def _packed_commit(repository: Repository, name: bytes) -> str | None:
    data = read_whole(repository.common_dir / "packed-refs", MAX_PACKED_REFS)
    if data is None:
        return None
    line = rb"^(" + _COMMIT.pattern + rb") " + re.escape(name) + rb"\r?$"
    found = re.search(line, data, re.MULTILINE)
    return found[1].decode() if found else None


def parse_config(text: str) -> dict[str, str]:
    """Return the values of a git configuration by ``section.subsection.key``.

    Included files are not read. The last value of a key wins, as in git.
    """
    found: dict[str, str] = {}
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        head = _SECTION.match(line)
        if head is not None:
            section = head[1].lower()
            if head[2] is not None:
                section += "." + _unescape(head[2])
            line = line[head.end() :].strip()
        if not line or line[0] in "#;":
            continue
        key, equals, value = line.partition("=")
        found[f"{section}.{key.strip().lower()}"] = _config_value(value) if equals else "true"
    return found


def _config_value(text: str) -> str:
    """Return a value without quotes and comments."""
    text = text.strip()
    if text.startswith('"'):
        closing = re.match(r'"((?:[^"\\]|\\.)*)"', text)
        return _unescape(closing[1]) if closing else text
    return re.split(r"\s[#;]", text, maxsplit=1)[0].strip()


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _first_line(path: Path) -> str | None:
    data = read_head(path, 4_096)
    return os.fsdecode(data).split("\n", 1)[0].rstrip("\r") if data else None
